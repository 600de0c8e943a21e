"""What Systems Manager refuses about parameters.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed

# https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
NAME = re.compile(r"(?:/?[\w.-]+)(?:/[\w.-]+)*", re.ASCII)
MOST_LEVELS = 15
MISNAMED = (
    'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of '
    "sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following "
    "3 symbols .-_"
)
STANDARD, ADVANCED = 4096, 8192
LARGEST = (
    "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter "
    "value, upgrade the parameter to use the advanced-parameter tier."
)


@refuses("ssm", "PutParameter")
def value_of_a_parameter(asked: Asked) -> None:
    """A value is as large as its tier allows, and as its pattern wants it."""
    given = asked.parameters
    value, tier = str(given.get("Value", "")), given.get("Tier") or "Standard"
    if tier == "Standard" and len(value) > STANDARD:
        raise Refusal("ValidationException", LARGEST)
    if len(value) > ADVANCED:
        raise Refusal("ValidationException", f"Parameter value exceeds {ADVANCED} characters.")
    pattern = given.get("AllowedPattern")
    if pattern and re.search(pattern, value) is None:
        message = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
        raise Refusal("ParameterPatternMismatchException", message)


@refuses("ssm", "PutParameter")
def key_of_a_new_value(asked: Asked) -> None:
    """A secure string is encrypted under a key that works."""
    if asked.parameters.get("Type") == "SecureString":
        _works(asked, asked.parameters.get("KeyId"))


@refuses("ssm", "GetParameter", "GetParameters", "GetParametersByPath")
def key_of_a_value(asked: Asked) -> None:
    """A secure string is decrypted under a key that works."""
    given = asked.parameters
    if not given.get("WithDecryption"):
        return
    names = given.get("Names") or [given.get("Name")]
    for name in (str(each).partition(":")[0] for each in names if each):
        kept = asked.state().get_parameter(name)
        if kept is not None and kept.parameter_type == "SecureString":
            _works(asked, kept.keyid)


@refuses("ssm", "PutParameter")
def name_of_a_parameter(asked: Asked) -> None:
    """A name is a word or a full path of at most fifteen levels, and keeps its type."""
    name = str(asked.parameters.get("Name", ""))
    if name.startswith("arn:"):
        return
    if not NAME.fullmatch(name):
        raise Refusal("ValidationException", MISNAMED)
    if "/" in name and not name.startswith("/"):
        raise Refusal("ValidationException", "Parameter name must be a fully qualified name.")
    if name.count("/") > MOST_LEVELS:
        raise Refusal(
            "HierarchyLevelLimitExceededException", f"A hierarchy can have a maximum of {MOST_LEVELS} levels."
        )
    kept, wanted = asked.state().get_parameter(name), asked.parameters.get("Type")
    if kept is not None and asked.parameters.get("Overwrite") and wanted not in (None, kept.parameter_type):
        raise Refusal("HierarchyTypeMismatchException", "Parameter Store does not support changing a parameter type in "
                      "a hierarchy.")  # fmt: skip


@refuses("ssm", "DeleteParameter")
def parameter_is_there(asked: Asked) -> None:
    """A parameter that goes was there."""
    if asked.state().get_parameter(str(asked.parameters.get("Name"))) is None:
        raise Refusal("ParameterNotFound", "")


@refuses("ssm", "GetParametersByPath")
def path_of_parameters(asked: Asked) -> None:
    """A path begins at the root."""
    if not str(asked.parameters.get("Path", "")).startswith("/"):
        raise Refusal("ValidationException", "The parameter doesn't meet the parameter name requirements. The "
                      "parameter name must begin with a forward slash \"/\".")  # fmt: skip


def _works(asked: Asked, name: Any) -> None:
    if not name or is_managed(str(name)):
        return
    key = find_key(str(name), Where(asked.call.account, asked.call.region))
    if key is None:
        raise Refusal("InvalidKeyId", f"Invalid keyId '{name}'")
    if key.key_state != ENABLED:
        raise Refusal(
            "InvalidKeyId", f"{key.arn} is {'disabled' if key.key_state == 'Disabled' else 'pending deletion'}."
        )

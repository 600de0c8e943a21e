"""What Systems Manager refuses about parameters.

https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

import re
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed

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

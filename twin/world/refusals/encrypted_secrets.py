"""What Secrets Manager refuses: values under a key that is not usable, and rotation without a function."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed

UNREADABLE = "Secrets Manager can't decrypt the protected secret text using the provided KMS key."
UNWRITABLE = (
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is "
    "available, enabled, and not in an invalid state."
)


@refuses("secretsmanager", "GetSecretValue")
def readable(asked: Asked) -> None:
    """A value under a key that is disabled, pending deletion or gone is not read."""
    if not _usable(asked, _kept(asked, "kms_key_id")):
        raise Refusal("DecryptionFailure", UNREADABLE)


@refuses("secretsmanager", "CreateSecret", "PutSecretValue", "UpdateSecret")
def writable(asked: Asked) -> None:
    """A value is not written under such a key either, the one that is named or else the secret's own."""
    if not _usable(asked, asked.parameters.get("KmsKeyId") or _kept(asked, "kms_key_id")):
        raise Refusal("EncryptionFailure", UNWRITABLE)


@refuses("secretsmanager", "RotateSecret")
def rotation_has_function(asked: Asked) -> None:
    """A secret rotates by the function that is named, or that it has already."""
    secret = _secret(asked)
    if secret is None or getattr(secret, "owning_service", None):
        return
    function = asked.parameters.get("RotationLambdaARN")
    if not function and not getattr(secret, "rotation_lambda_arn", ""):
        raise Refusal("InvalidRequestException", "No Lambda rotation function ARN is associated with this secret.")
    if function and not _function_exists(asked, function):
        raise Refusal("ResourceNotFoundException", "Lambda does not exist or could not be accessed")


def _secret(asked: Asked) -> Any:
    # moto finds a secret by name, ARN or partial ARN, and knows which are there.
    return asked.state().secrets.get(asked.parameters.get("SecretId", ""))


def _kept(asked: Asked, field: str) -> Any:
    secret = _secret(asked)
    return getattr(secret, field, None) if secret is not None else None


def _usable(asked: Asked, name: str | None) -> bool:
    if not name or is_managed(name):
        return True
    key = find_key(name, Where(asked.call.account, asked.call.region))
    return key is not None and key.key_state == ENABLED


def _function_exists(asked: Asked, arn: str) -> bool:
    name = arn.rpartition(":function:")[2].partition(":")[0]
    return any(each.function_name == name for each in asked.state("lambda").list_functions())

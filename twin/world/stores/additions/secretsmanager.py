"""Secrets Manager: a stage that moves takes the secret's value along, and rotation waits for its function."""

import json
from typing import Any

from moto.core.utils import unix_time
from moto.moto_api._internal import mock_random
from moto.secretsmanager.exceptions import (
    InvalidParameterException,
    InvalidRequestException,
    OperationNotPermittedOnReplica,
    SecretNotFoundException,
)
from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

from twin.world.stores.additions import adds

CURRENT, PREVIOUS, AWAITED = "AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"
DAY = 86_400
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html
LONGEST_DAYS = 1000

replicas_by_moto = FakeSecret.create_replicas


@adds(FakeSecret)
def create_replicas(secret: Any, replica_regions: Any, force_overwrite: bool) -> list[Any]:
    """Make copies in other Regions, each under the key that is named for it."""
    made: list[Any] = replicas_by_moto(secret, replica_regions, force_overwrite=force_overwrite)
    for replica, wanted in zip(made, replica_regions or (), strict=True):
        replica.kms_key_id = wanted.get("KmsKeyId")
        replica.config["KmsKeyId"] = replica.kms_key_id or SecretsManagerBackend.DEFAULT_KMS_KEY_ALIAS
    return made


move_by_moto = SecretsManagerBackend.update_secret_version_stage


@adds(SecretsManagerBackend)
def update_secret_version_stage(backend: Any, *given: Any, **named: Any) -> Any:
    """Move a stage; the version that is current from now on is the one that is read by default."""
    result = move_by_moto(backend, *given, **named)
    secret = backend.secrets[named.get("secret_id") or given[0]]
    for id_, version in secret.versions.items():
        if CURRENT in version["version_stages"]:
            secret.set_default_version_id(id_)
            secret.secret_string = version.get("secret_string")
            secret.secret_binary = version.get("secret_binary")
    return result


@adds(SecretsManagerBackend)
def rotate_secret(
    backend: Any,
    secret_id: str,
    client_request_token: str | None = None,
    rotation_lambda_arn: str | None = None,
    rotation_rules: dict[str, Any] | None = None,
    rotate_immediately: bool = True,
) -> str:
    """Set the rotation and prepare the version that the function has to fill; the value stays until it has.

    The world runs no function's code, so whoever plays the function puts the value and moves the stage. A secret that
    RDS manages has no function: RDS sets the new password in the database and in the secret itself.
    """
    secret = _rotatable(backend, secret_id)
    days = (rotation_rules or {}).get("AutomaticallyAfterDays")
    if days is not None and not 1 <= int(days) <= LONGEST_DAYS:
        raise InvalidParameterException(f"RotationRules.AutomaticallyAfterDays must be within 1-{LONGEST_DAYS}.")
    pending = [v["version_stages"] for v in secret.versions.values() if AWAITED in v["version_stages"]]
    if any(CURRENT not in stages for stages in pending):
        raise InvalidRequestException("A previous rotation isn't complete. That rotation will be reattempted.")
    secret.rotation_requested = secret.rotation_enabled = True
    secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    if days is not None:
        secret.auto_rotate_after_days = int(days)
    now = int(unix_time())
    if secret.auto_rotate_after_days:
        secret.next_rotation_date = now + secret.auto_rotate_after_days * DAY
    if not rotate_immediately:
        return str(secret.to_short_dict())
    version = client_request_token or str(mock_random.uuid4())
    if secret.owning_service == "rds":
        _rotated_by_rds(secret, version, now)
        return str(secret.to_short_dict(version_id=version))
    secret.remove_version_stages_from_old_versions([AWAITED])
    secret.versions[version] = {"createdate": now, "version_id": version, "version_stages": [AWAITED]}
    return str(secret.to_short_dict(version_id=version))


def _rotated_by_rds(secret: Any, version: str, now: int) -> None:
    """Make a new password current, and the old one previous.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    """
    told = json.loads(secret.versions[secret.default_version_id]["secret_string"])
    text = json.dumps({**told, "password": mock_random.get_random_string(28)})
    kept = {"createdate": now, "version_id": version, "version_stages": [CURRENT], "secret_string": text}
    secret.reset_default_version(kept, version)
    secret.secret_string, secret.last_changed_date = text, now
    secret.last_rotation_date = now


def _rotatable(backend: Any, secret_id: str) -> Any:
    if secret_id not in backend.secrets:
        raise SecretNotFoundException
    secret = backend.secrets[secret_id]
    if isinstance(secret, ReplicaSecret):
        raise OperationNotPermittedOnReplica
    if secret.is_deleted():
        raise InvalidRequestException(
            "You can't perform this operation on the secret because it was marked for deletion."
        )
    return secret

"""What managed rules of AWS Config look at, and when a resource complies: None where a rule does not apply.

https://docs.aws.amazon.com/config/latest/developerguide/managed-rules-by-aws-config.html
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from twin.world.behaviors.config_items import Place, items_of
from twin.world.scene import Scene

ACCOUNT = "AWS::::Account"
EVERYBODY = ("AllUsers", "AuthenticatedUsers")
READING = ("READ", "FULL_CONTROL")
ANYWHERE = ("0.0.0.0/0", "::/0")
# https://docs.aws.amazon.com/config/latest/developerguide/iam-password-policy.html: the defaults of the parameters.
PASSWORDS = {
    "RequireUppercaseCharacters": True,
    "RequireLowercaseCharacters": True,
    "RequireSymbols": True,
    "RequireNumbers": True,
    "MinimumPasswordLength": 14,
    "PasswordReusePrevention": 24,
    "MaxPasswordAge": 90,
}
Parameters = Mapping[str, Any]
Judge = Callable[[Scene, dict[str, Any], Parameters], bool | None]
AccountJudge = Callable[[Scene, Place, Parameters], bool]


class Check(NamedTuple):
    """A managed rule: the type of resource that it looks at, or the account; `periodic` rules look once a day."""

    type: str
    judge: Judge | None = None
    account: AccountJudge | None = None
    periodic: bool = False


def _private_read(scene: Scene, told: dict[str, Any], parameters: Parameters) -> bool:
    block = told["publicAccessBlock"]
    granted = any(group in EVERYBODY and right in READING for group, right in told["publicGrants"])
    if granted and not block.get("ignore_public_acls"):
        return False
    statements = (told["policy"] or {}).get("Statement", [])
    opened = any(opens(one) for one in (statements if isinstance(statements, list) else [statements]))
    return not opened or bool(block.get("restrict_public_buckets"))


def opens(statement: Mapping[str, Any]) -> bool:
    """Tell whether a statement of a bucket's policy lets everybody read."""
    principal = statement.get("Principal")
    principal = principal.get("AWS") if isinstance(principal, dict) else principal
    everybody = principal == "*" or (isinstance(principal, list) and "*" in principal)
    actions = statement.get("Action", [])
    actions = [actions] if isinstance(actions, str) else actions
    reads = any(action in ("*", "s3:*") or action.lower().startswith(("s3:get", "s3:list")) for action in actions)
    return statement.get("Effect") == "Allow" and everybody and reads and not statement.get("Condition")


def _no_open_ssh(scene: Scene, told: dict[str, Any], parameters: Parameters) -> bool:
    return not any(_opens_port(rule, 22) for rule in told["ingress"])


def _opens_port(rule: Mapping[str, Any], port: int) -> bool:
    if rule["range"] not in ANYWHERE or rule["protocol"] not in ("tcp", "6", "-1"):
        return False
    if rule["protocol"] == "-1" or rule["from"] is None:
        return True
    return int(rule["from"]) <= port <= int(rule["to"])


def _encrypted_volume(scene: Scene, told: dict[str, Any], parameters: Parameters) -> bool | None:
    return bool(told["encrypted"]) if told["attached"] else None


def _not_pending(scene: Scene, told: dict[str, Any], parameters: Parameters) -> bool | None:
    return told["keyState"] != "PendingDeletion" if told["keyManager"] == "CUSTOMER" else None


def _rotated(scene: Scene, told: dict[str, Any], parameters: Parameters) -> bool | None:
    active = [key for key in told["accessKeys"] if key["status"] == "Active"]
    oldest = scene.now() - timedelta(days=int(parameters.get("maxAccessKeyAge") or 90))
    return all(_aware(key["created"]) >= oldest for key in active) if active else None


def _aware(text: str) -> datetime:
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _root_mfa(scene: Scene, place: Place, parameters: Parameters) -> bool:
    return bool(scene.state("iam", place.account, "aws").account_summary.summary_map["AccountMFAEnabled"])


def _password_policy(scene: Scene, place: Place, parameters: Parameters) -> bool:
    policy = scene.state("iam", place.account, "aws").account_password_policy
    if policy is None:
        return False
    wanted = PASSWORDS | dict(parameters)
    for name, kept in (
        ("RequireUppercaseCharacters", policy.require_uppercase_characters),
        ("RequireLowercaseCharacters", policy.require_lowercase_characters),
        ("RequireSymbols", policy.require_symbols),
        ("RequireNumbers", policy.require_numbers),
    ):
        if str(wanted[name]).lower() == "true" and not kept:
            return False
    age = int(policy.max_password_age or 0)
    return bool(
        int(policy.minimum_password_length) >= int(wanted["MinimumPasswordLength"])
        and int(policy.password_reuse_prevention or 0) >= int(wanted["PasswordReusePrevention"])
        and 0 < age <= int(wanted["MaxPasswordAge"])
    )


def _trail(scene: Scene, place: Place, parameters: Parameters) -> bool:
    return any(trail.configuration["logging"] for trail in _trails(scene, place))


def _multi_region_trail(scene: Scene, place: Place, parameters: Parameters) -> bool:
    return any(trail.configuration["logging"] and trail.configuration["multiRegion"] for trail in _trails(scene, place))


def _trails(scene: Scene, place: Place) -> list[Any]:
    from twin.world.stores.moto_store import backends

    regions = list(backends("cloudtrail")[place.account])
    kind = "AWS::CloudTrail::Trail"
    here = [item for region in regions for item in items_of(scene, Place(place.account, region), kind)]
    return [one for one in here if one.configuration["multiRegion"] or f":{place.region}:" in one.arn]


CHECKS: dict[str, Check] = {
    "S3_BUCKET_PUBLIC_READ_PROHIBITED": Check("AWS::S3::Bucket", _private_read),
    "S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED": Check(
        # S3 encrypts every object by itself since 2023, which is what the rule finds when nothing is configured.
        "AWS::S3::Bucket",
        lambda scene, told, parameters: True,
    ),
    "S3_BUCKET_VERSIONING_ENABLED": Check(
        "AWS::S3::Bucket", lambda scene, told, parameters: told["versioning"] == "Enabled"
    ),
    "INCOMING_SSH_DISABLED": Check("AWS::EC2::SecurityGroup", _no_open_ssh),
    "ENCRYPTED_VOLUMES": Check("AWS::EC2::Volume", _encrypted_volume),
    "VPC_FLOW_LOGS_ENABLED": Check(
        "AWS::EC2::VPC", lambda scene, told, parameters: bool(told["flowLogs"]), periodic=True
    ),
    "RDS_STORAGE_ENCRYPTED": Check(
        "AWS::RDS::DBInstance", lambda scene, told, parameters: bool(told["storageEncrypted"])
    ),
    "RDS_MULTI_AZ_SUPPORT": Check("AWS::RDS::DBInstance", lambda scene, told, parameters: bool(told["multiAZ"])),
    "KMS_CMK_NOT_SCHEDULED_FOR_DELETION": Check("AWS::KMS::Key", _not_pending, periodic=True),
    "IAM_USER_MFA_ENABLED": Check("AWS::IAM::User", lambda scene, told, parameters: bool(told["mfa"]), periodic=True),
    "ACCESS_KEYS_ROTATED": Check("AWS::IAM::User", _rotated, periodic=True),
    "ROOT_ACCOUNT_MFA_ENABLED": Check(ACCOUNT, account=_root_mfa, periodic=True),
    "IAM_PASSWORD_POLICY": Check(ACCOUNT, account=_password_policy, periodic=True),
    "CLOUD_TRAIL_ENABLED": Check(ACCOUNT, account=_trail, periodic=True),
    "MULTI_REGION_CLOUD_TRAIL_ENABLED": Check(ACCOUNT, account=_multi_region_trail, periodic=True),
}

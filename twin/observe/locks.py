"""What stands before topics and queues: the policy, and the key that encrypts what comes in, as read back."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Aws = Callable[[str, Mapping[str, Any], str], Mapping[str, Any]]
"""Makes `service:Operation` with parameters in a Region and returns the whole reply."""
MANAGED = "alias/aws/"


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its ARN, its policy, and whether it can be used; one that AWS manages lets no service in."""

    arn: str
    policy: Any = None
    usable: bool = True


@dataclass(frozen=True, slots=True)
class Lock:
    """The policy of a topic or queue; `key` is None where nothing is encrypted with one, or nothing is known of it."""

    policy: Any
    key: Key | None = None


def read_locks(aws: Aws, region: str, topics: Iterable[str]) -> dict[str, Lock]:
    """Read what stands before the topics of a Region; a key of another account is not asked for."""
    found: dict[str, Lock] = {}
    keys: dict[str, Key | None] = {}
    for arn in topics:
        told = aws("sns:GetTopicAttributes", {"TopicArn": arn}, region)["Attributes"]
        name = str(told.get("KmsMasterKeyId") or "")
        if name and name not in keys:
            keys[name] = _key(aws, region, name, account=arn.split(":")[4])
        found[arn] = Lock(told.get("Policy"), keys[name] if name else None)
    return found


def _key(aws: Aws, region: str, name: str, *, account: str) -> Key | None:
    if name.startswith("arn:") and name.split(":")[4] != account:
        return None
    plain = name.split(":", 5)[5].removeprefix("key/") if name.startswith("arn:") else name
    arn = f"arn:aws:kms:{region}:{account}:{plain}"
    if plain.startswith(MANAGED):
        return Key(arn)
    if plain.startswith("alias/"):
        named = {one["AliasName"]: one.get("TargetKeyId") for one in _all(aws, "kms:ListAliases", region, "Aliases")}
        plain = named.get(plain) or ""
    if plain not in {one["KeyId"] for one in _all(aws, "kms:ListKeys", region, "Keys")}:
        return Key(arn, usable=False)
    told = aws("kms:DescribeKey", {"KeyId": plain}, region)["KeyMetadata"]
    policy = aws("kms:GetKeyPolicy", {"KeyId": plain, "PolicyName": "default"}, region)["Policy"]
    return Key(told["Arn"], policy, usable=told["KeyState"] == "Enabled")


def _all(aws: Aws, operation: str, region: str, name: str) -> list[Any]:
    found: list[Any] = []
    marker: Mapping[str, Any] = {}
    while True:
        reply = aws(operation, marker, region)
        found += reply.get(name) or ()
        if not reply.get("Truncated"):
            return found
        marker = {"Marker": reply["NextMarker"]}

"""Which other account has an event of a call of its own: the one whose resource was used.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from twin.world.stores.moto_store import find_bucket

if TYPE_CHECKING:
    from twin.world.gateway import Visit

CALLERS = ("root", "user", "assumed-role", "federated-user")


def other_account(visit: "Visit") -> str | None:
    """Return the account whose key, queue, bucket, role or the like was used by a caller of another one."""
    principal = visit.principal
    if principal is None or principal.kind not in CALLERS or visit.key is None:
        return None
    found = visit.owner
    if visit.service == "s3":
        bucket = find_bucket(unquote(urlsplit(visit.url).path.lstrip("/").partition("/")[0]))
        found = bucket.account_id if bucket is not None else None
    elif (visit.service, visit.operation) == ("sts", "AssumeRole"):
        found = str(visit.parse().get("RoleArn", "")).split(":")[4]
    return found if found and found != principal.account else None

"""What trails keep of an attacker's calls, in files that it cannot delete: of the account, and of its organization."""

import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from twin.scenario.stage import Stage
from twin.world.authorisation.ask import Ask
from twin.world.authorisation.standing import alive, may

ACCESS_KEY = "accessKeyId"
ERASING = ("s3:DeleteObject", "s3:DeleteObjectVersion", "s3:PutLifecycleConfiguration")


class Place(NamedTuple):
    """Where a trail writes what the account's principals do, and whose the bucket is."""

    account: str
    bucket: str
    prefix: str


def own_places(stage: Stage) -> list[Place]:
    """Return where the account's own trails write."""
    account = stage.world.accounts[0]
    trails = stage.call("cloudtrail:DescribeTrails", {})["trailList"]
    return [Place(account, one["S3BucketName"], f"AWSLogs/{account}/CloudTrail/") for one in trails]


def outer_places(stage: Stage) -> list[Place]:
    """Return where trails of an organization write it, which belong to another account."""
    world, found = stage.world, []
    for account in world.accounts[1:]:
        organization = world.scene.state("organizations", account, "aws").org
        for trail in world.scene.state("cloudtrail", account, world.region).trails.values():
            if trail.is_org_trail and organization is not None:
                prefix = f"AWSLogs/{organization.id}/{world.accounts[0]}/CloudTrail/"
                found.append(Place(account, trail.bucket_name, prefix))
    return found


def erasable(stage: Stage, place: Place, access_key_ids: Iterable[str]) -> bool:
    """Tell whether any of these credentials may delete what lies there, or let it be deleted."""
    gateway = stage.world.gateway
    for id_ in access_key_ids:
        key = alive(gateway, id_)
        for action in ERASING if key is not None else ():
            assert key is not None
            resource = f"arn:aws:s3:::{place.bucket}" + ("" if "Lifecycle" in action else "/*")
            if may(gateway, key, Ask(action, resource, place.account), region=stage.world.region):
                return True
    return False


def signers(stage: Stage, place: Place) -> Counter[str]:
    """Count the records of a place by the access key that made the call."""
    return Counter(_signers(stage, place))


def _signers(stage: Stage, place: Place) -> Iterator[str]:
    keys = _keys(stage, place.account)
    asked = {"Bucket": place.bucket, "Prefix": place.prefix}
    while True:
        listed = stage.call("s3:ListObjectsV2", asked, keys)
        for one in listed.get("Contents", ()):
            body = stage.call("s3:GetObject", {"Bucket": place.bucket, "Key": one["Key"]}, keys)["Body"]
            data = body.read() if hasattr(body, "read") else body
            for record in json.loads(gzip.decompress(data))["Records"]:
                if signer := record["userIdentity"].get(ACCESS_KEY):
                    yield signer
        if not listed.get("IsTruncated"):
            return
        asked["ContinuationToken"] = listed["NextContinuationToken"]


def _keys(stage: Stage, account: str) -> Mapping[str, str] | None:
    """Return the credentials of an account's administrator; None for the org's own."""
    if account == stage.world.accounts[0]:
        return None
    held = stage.world.credentials(account)
    return {"access_key_id": held.access_key_id, "secret_access_key": held.secret_access_key}

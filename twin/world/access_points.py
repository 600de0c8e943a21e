"""Requests through an access point of S3: whose it is, and the bucket that they are about.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-policies.html and
https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-access-points.html
"""

import re
from typing import Any
from urllib.parse import urlsplit

from twin.wire import Request
from twin.world.access_point import AccessPoint
from twin.world.aws_errors import AwsError
from twin.world.reading import Reading, read_again
from twin.world.stores.moto_routes import ACCESS_POINT
from twin.world.stores.moto_store import backends, find_bucket

# A request names an access point by its name and account, or by its alias, where others name a bucket.
NAMED = re.compile(r"(?P<name>[a-z0-9-]{3,50})-(?P<account>\d{12})")
ALIAS = "-s3alias"
ABSENT = "The specified accesspoint does not exist"
# What is done with a bucket itself is not done through an access point:
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-points-service-api-support.html
OF_BUCKETS = {"HeadBucket", "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads",
              "GetBucketLocation", "DeleteObjects"}  # fmt: skip


def find_access_point(account: str, name: str) -> AccessPoint | None:
    """Return an account's access point by its name."""
    known = backends("s3control")
    kept = known[account]["aws"].access_points[account].get(name) if account in known else None
    return None if kept is None else _made(account, kept)


def _made(account: str, kept: Any) -> AccessPoint:
    restricted = str(kept.pubc["RestrictPublicBuckets"]).lower() == "true"
    return AccessPoint(kept.name, account, kept.arn, kept.bucket, kept.policy, kept.vpc_id, restricted)


def opened(request: Request, reading: Reading) -> tuple[Reading, AccessPoint | None]:
    """Return a request through an access point as one to its bucket; any other as it is."""
    if reading.service != "s3":
        return reading, None
    parts = urlsplit(reading.url)
    named, _, rest = parts.path.lstrip("/").partition("/")
    hosted = ACCESS_POINT in request.url
    if not hosted and not named.endswith(ALIAS) and (not NAMED.fullmatch(named) or find_bucket(named) is not None):
        return reading, None
    found = _found(named)
    if found is None:
        if hosted:
            raise AwsError("NoSuchAccessPoint", ABSENT, 404)
        return reading, None
    made = read_again(request, parts._replace(path=f"/{found.bucket}/{rest}").geturl(), reading)
    if not rest and made.operation not in OF_BUCKETS:
        raise AwsError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405)
    return made, found


def _found(named: str) -> AccessPoint | None:
    if parts := NAMED.fullmatch(named):
        return find_access_point(parts["account"], parts["name"])
    for account, partitions in backends("s3control").items():
        for kept in partitions["aws"].access_points[account].values():
            if kept.alias == named:
                return _made(account, kept)
    return None

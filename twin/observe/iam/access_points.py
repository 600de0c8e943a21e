"""Access points of S3: which bucket they lead to, and their own policies."""

from collections.abc import Iterator

from twin.observe.iam.org import Point, text
from twin.observe.iam.reader import Reader


def access_points(reader: Reader) -> Iterator[Point]:
    """Yield the access points of an account; one of several Regions is a gap, for its routes are not read."""
    own = {"AccountId": reader.account}
    for one in reader.read("s3control", "ListAccessPoints", own).get("AccessPointList", ()):
        named = {**own, "Name": one["Name"]}
        told = reader.read("s3control", "GetAccessPoint", named)
        absent = ("NoSuchAccessPointPolicy",)
        policy = reader.read("s3control", "GetAccessPointPolicy", named, absent=absent).get("Policy")
        blocked = told.get("PublicAccessBlockConfiguration", {}).get("RestrictPublicBuckets", True)
        vpc = (told.get("VpcConfiguration") or one.get("VpcConfiguration") or {}).get("VpcId", "")
        arn = one.get("AccessPointArn") or reader.arn("s3", f"accesspoint/{one['Name']}")
        bucket = f"arn:aws:s3:::{one['Bucket']}"
        yield Point(arn, reader.account, bucket, text(policy) if policy else "", vpc, not blocked)


READERS = (access_points,)

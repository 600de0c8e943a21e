"""Whether a bucket's policy lets CloudTrail deliver to it."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from twin.resources.aws.policy_actions import allows
from twin.resources.aws.policy_grammar import listed, statements
from twin.resources.aws.policy_principals import principals
from twin.resources.reference import PATTERN, unknown
from twin.resources.resource import Peers, Problem

SERVICE = "cloudtrail.amazonaws.com"
SOURCE = "CloudTrail user guide, create-s3-bucket-policy-for-cloudtrail"


def bucket_problems(bucket: str, prefix: str | None, peers: Peers) -> Iterator[Problem]:
    """Check the desired bucket of a trail: CloudTrail may read its ACL and put objects under the prefix."""
    desired: Any = peers.get(bucket)
    if desired is None:
        return
    name, policy = desired.bucket, desired.policy
    folder = f"{prefix}/AWSLogs" if prefix else "AWSLogs"
    account = peers.scope.account if peers.scope else ""
    for action, resource in (
        ("s3:GetBucketAcl", f"arn:aws:s3:::{name}"),
        ("s3:PutObject", f"arn:aws:s3:::{name}/{folder}/{account or '*'}/trail"),
    ):
        if not any(_grants(s, action, resource) for s in statements(policy)):
            yield Problem(
                "TW0480",
                f"the bucket {name} does not let CloudTrail {action} on {resource.removesuffix('/trail')}",
                "bucket",
                f"its policy needs {SERVICE} as a principal of that action ({SOURCE})",
            )


def _grants(statement: Mapping[str, Any], action: str, resource: str) -> bool:
    return (
        statement.get("Effect") == "Allow"
        and allows(statement, action)
        and any(value in (SERVICE, "*") for _, value in principals(statement))
        and any(_covers(str(pattern), resource) for pattern in listed(statement.get("Resource")))
    )


def _covers(pattern: str, resource: str) -> bool:
    """A part of the pattern that is a reference, and so not known yet, counts as fitting."""
    return fnmatchcase(resource, PATTERN.sub("*", pattern) if unknown(pattern) else pattern)

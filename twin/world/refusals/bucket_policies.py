"""What S3 refuses about a bucket policy's actions and condition keys: such as there are, each about its resource.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/security_iam_service-with-iam.html
https://repost.aws/knowledge-center/s3-bucket-policy-resource-error
"""

from collections.abc import Sequence
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from twin.world.authorisation.published import DATA, action
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.objects import bucket_of
from twin.world.refusals.policies import listed, statements

# Keys of other services that come with the caller's credentials, which every policy may ask for:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
WITH_CREDENTIALS = frozenset({"codebuild", "ec2", "ecs", "glue", "identitystore", "lambda", "saml", "ssm", "sts"})
OBJECTS, BUCKETS = {"object", "accesspointobject"}, {"bucket", "accesspoint"}


@refuses("s3", "PutBucketPolicy")
def actions_are_about_the_resources(asked: Asked) -> None:
    """Of a bucket, or of the objects in it; a pattern is about what any of its actions is."""
    if bucket_of(asked.parameters["Bucket"]) is None:
        raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
    for statement in statements(asked.call.request.body):
        for named in listed(statement.get("Action", statement.get("NotAction", []))):
            kinds = _kinds(str(named).lower())
            if not kinds:
                raise Refusal("MalformedPolicy", "Policy has invalid action")
            resources = listed(statement.get("Resource", []))
            if "Action" in statement and resources and not _any_about(resources, kinds):
                raise Refusal("MalformedPolicy", "Action does not apply to any resource(s) in statement")


@refuses("s3", "PutBucketPolicy")
def condition_keys_are_known(asked: Asked) -> None:
    """A key is one of AWS's, of S3's, or of those who vouched for the caller."""
    for statement in statements(asked.call.request.body):
        tests = statement.get("Condition")
        # What is in no form at all, the store refuses.
        for keys in tests.values() if isinstance(tests, dict) else ():
            if isinstance(keys, dict) and not all(_is_key(key.lower()) for key in keys):
                raise Refusal("MalformedPolicy", "Policy has an invalid condition key")


@cache
def _is_key(key: str) -> bool:
    prefix, colon, _ = key.partition(":")
    if prefix == "s3":
        name, tagged, _ = key.partition("/")
        return name + tagged in _keys_of_s3()
    return bool(colon) and (prefix == "aws" or "." in prefix or prefix in WITH_CREDENTIALS)


@cache
def _keys_of_s3() -> frozenset[str]:
    """Return the keys in small letters; one that goes on with a tag's name ends at its slash."""
    found = (key.lower().partition("/") for key in DATA.conditions.get_condition_keys_for_service("s3"))
    return frozenset(name + slash for name, slash, _ in found)


def _any_about(resources: Sequence[Any], kinds: frozenset[str]) -> bool:
    """Tell whether an action of these kinds is about one of the resources; a pattern may be of both."""
    for resource in resources:
        _, slash, _ = str(resource).partition(":s3:::")[2].partition("/")
        own = OBJECTS if slash else OBJECTS | BUCKETS if "*" in str(resource) else BUCKETS
        if own & kinds:
            return True
    return False


@cache
def _kinds(pattern: str) -> frozenset[str]:
    """Return the kinds of resources of the actions that a pattern names; none when it names none."""
    if pattern == "*":
        return frozenset(OBJECTS | BUCKETS)
    prefix, _, name = pattern.partition(":")
    if prefix != "s3":
        return frozenset()
    found = (each for each in DATA.actions.get_actions_for_service("s3") if fnmatchcase(each.lower(), name))
    return frozenset(kind.name for each in found for kind in action(f"s3:{each}").types)

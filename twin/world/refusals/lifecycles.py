"""What S3 refuses about lifecycle rules.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
"""

from collections.abc import Iterator
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

INFREQUENT = ("STANDARD_IA", "ONEZONE_IA")
# How long an object is in S3 Standard before it may go to a class for infrequent access.
SHORTEST = 30
ACTIONS = (
    "Expiration", "Transitions", "NoncurrentVersionExpiration", "NoncurrentVersionTransitions",
    "AbortIncompleteMultipartUpload",
)  # fmt: skip
MALFORMED = "The XML you provided was not well-formed or did not validate against our published schema"


@refuses("s3", "PutBucketLifecycleConfiguration")
def lifecycle_rules(asked: Asked) -> None:
    """A rule does something, in days that follow each other."""
    rules = (asked.parameters.get("LifecycleConfiguration") or {}).get("Rules") or []
    names = [rule["ID"] for rule in rules if rule.get("ID")]
    if len(set(names)) < len(names):
        raise _invalid("RuleId must be unique. Found same ID for more than one rule")
    for rule in rules:
        if not any(rule.get(action) for action in ACTIONS):
            raise Refusal("InvalidRequest", "At least one action needs to be specified in a rule")
        if rule.get("Status") not in ("Enabled", "Disabled"):
            raise Refusal("MalformedXML", MALFORMED)
        for what, days in _days(rule):
            if days <= 0:
                raise _invalid(f"'Days' for {what} action must be a positive integer")
        _moves(rule)


def _days(rule: dict[str, Any]) -> Iterator[tuple[str, int]]:
    told = (
        ("Expiration", rule.get("Expiration"), "Days"),
        ("NoncurrentVersionExpiration", rule.get("NoncurrentVersionExpiration"), "NoncurrentDays"),
        ("AbortIncompleteMultipartUpload", rule.get("AbortIncompleteMultipartUpload"), "DaysAfterInitiation"),
    )
    yield from ((what, int(action[name])) for what, action, name in told if action and action.get(name) is not None)


def _moves(rule: dict[str, Any]) -> None:
    moves = [(int(move["Days"]), move.get("StorageClass")) for move in rule.get("Transitions") or () if "Days" in move]
    for days, kind in moves:
        if kind in INFREQUENT and days < SHORTEST:
            raise _invalid(
                f"'Days' in Transition action must be greater than or equal to {SHORTEST} for storageClass '{kind}'"
            )
    end = (rule.get("Expiration") or {}).get("Days")
    if end is not None and any(days >= int(end) for days, _ in moves):
        raise _invalid("'Days' in the Expiration action must be greater than 'Days' in the Transition action")


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidArgument", message)

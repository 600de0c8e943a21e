"""What S3 refuses in lifecycle rules: too early, too close, in the wrong order, or without effect."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from twin.resources.aws.facts import facts
from twin.resources.aws.s3_parts import LifecycleRule, Transition
from twin.resources.resource import Problem


def lifecycle_problems(rules: Sequence[LifecycleRule]) -> Iterator[Problem]:
    """Yield what is wrong with a bucket's lifecycle rules."""
    limit = facts("s3")["lifecycle_rules"]
    if len(rules) > limit:
        yield Problem("TW0451", f"{len(rules)} lifecycle rules; {limit:,} are allowed", "lifecycle")
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            yield Problem("TW0451", f"two lifecycle rules have the id {rule.id!r}", "lifecycle")
        seen.add(rule.id)
        for message in _rule(rule):
            yield Problem("TW0451", f"lifecycle rule {rule.id}: {message}", "lifecycle")


def _rule(rule: LifecycleRule) -> Iterator[str]:
    acts = (rule.transitions, rule.noncurrent_transitions, rule.expired_delete_marker)
    ages = (rule.expiration_days, rule.noncurrent_days, rule.abort_uploads_days)
    if not any(acts) and all(age is None for age in ages):
        yield "it does nothing"
    if not 1 <= len(rule.id) <= 255:
        yield "its id has 1 to 255 characters"
    if any(age is not None and age < 1 for age in ages):
        yield "days are at least 1"
    if rule.expired_delete_marker and rule.expiration_days is not None:
        yield "expired_delete_marker does not go with expiration_days, which removes them anyhow"
    if rule.tags and (rule.expired_delete_marker or rule.abort_uploads_days is not None):
        yield "delete markers and unfinished uploads have no tags by which a rule could choose them"
    yield from _transitions(rule.transitions, rule.expiration_days, "expiration_days")
    yield from _transitions(rule.noncurrent_transitions, rule.noncurrent_days, "noncurrent_days")


def _transitions(transitions: Sequence[Transition], end: int | None, name: str) -> Iterator[str]:
    order, first = facts("s3")["storage_classes_in_order"], facts("s3")["first_day"]
    stay, onezone = facts("s3")["days_kept"], facts("s3")["onezone_targets"]
    steps = sorted(transitions, key=lambda t: t.days)
    for step in steps:
        if step.days < first.get(step.storage_class, 0):
            yield f"a transition to {step.storage_class} comes after {first[step.storage_class]} days at the earliest"
    for before, after in pairwise(steps):
        source, target = before.storage_class, after.storage_class
        if order.index(source) >= order.index(target) or (source == "ONEZONE_IA" and target not in onezone):
            yield f"objects do not move from {source} to {target}"
        elif after.days < before.days + stay.get(source, 1):
            yield f"the transition to {target} comes {stay.get(source, 1)} days after that to {source} at the earliest"
    if end is not None and steps and end <= steps[-1].days:
        yield f"{name} ({end}) comes after the last transition ({steps[-1].days})"

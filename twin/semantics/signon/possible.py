"""Which rules can decide a person's sign-ins at all, whatever the place, the device and the risk."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from twin.semantics.signon.conditions import failing
from twin.semantics.signon.context import Context
from twin.semantics.signon.evaluation import Record, ordered, rules_of
from twin.semantics.signon.reading import mapping

ANYTHING: dict[str, tuple[Any, ...]] = {
    "connection": (None, "ANYWHERE"),
    "authType": (None, "ANY"),
    "level": (None, "ANY"),
    "provider": (None, "ANY"),
}


def possible(policies: Iterable[Record], person: Context) -> Iterator[tuple[Record, Record]]:
    """Yield each policy and rule that some sign-in of a person can reach, in order.

    Of the context only the user, their type and their groups count. A rule that fits all of a person's sign-ins is the
    last one.
    """
    for policy in ordered(policies, "policies"):
        if policy.get("status", "ACTIVE") != "ACTIVE" or _not_theirs(policy, person):
            continue
        for rule in ordered(rules_of(policy), "rules"):
            if rule.get("status", "ACTIVE") != "ACTIVE" or _not_theirs(rule, person):
                continue
            yield policy, rule
            if always(rule):
                return


def always(rule: Record) -> bool:
    """Tell whether a rule asks for nothing but people."""
    conditions = mapping(rule.get("conditions"), "rules.conditions")
    return all(name in ("people", "userType") or _empty(part) for name, part in conditions.items())


def _empty(part: Any) -> bool:
    """Tell whether a condition is one that every sign-in meets."""
    if not isinstance(part, Mapping):
        return not part
    if any(name in part and part[name] not in values for name, values in ANYTHING.items()):
        return False
    return all(name in ANYTHING or not value for name, value in part.items())


def _not_theirs(one: Record, person: Context) -> bool:
    conditions = mapping(one.get("conditions"), "conditions")
    asked = {name: conditions[name] for name in ("people", "userType") if conditions.get(name)}
    return bool(failing(asked, person, "conditions"))

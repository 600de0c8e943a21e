"""Which policy and which rule of it decide a sign-in: the first by priority whose conditions all fit.

A policy that fits, but none of whose rules does, leaves the decision to the next policy. Source:
https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/ (policy evaluation)
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.semantics.signon.conditions import failing
from twin.semantics.signon.context import Context
from twin.semantics.signon.reading import choice, flag, mapping, rows, text, wrong

Record = Mapping[str, Any]
LAST = 10_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rule that decides, None when none fits, and in `because` what was passed over on the way to it."""

    policy: Record | None = None
    rule: Record | None = None
    because: tuple[str, ...] = field(default_factory=tuple)


def evaluate(policies: Iterable[Record], context: Context) -> Outcome:
    """Ask the policies of one type, each with its rules under `rules`, in the order of their priorities."""
    because: list[str] = []
    for policy in ordered(policies, "policies"):
        name = named(policy, "policies")
        reason = _passed_over(policy, context, "policies")
        if reason:
            because.append(f"policy {name}: {reason}")
            continue
        for rule in ordered(rules_of(policy), "rules"):
            reason = _passed_over(rule, context, "rules")
            if not reason:
                because.append(f"policy {name}, rule {named(rule, 'rules')}: every condition fits")
                return Outcome(policy, rule, tuple(because))
            because.append(f"policy {name}, rule {named(rule, 'rules')}: {reason}")
    return Outcome(None, None, tuple(because))


def rules_of(policy: Record) -> list[Any]:
    """Return the rules that a policy carries, as its own member or embedded."""
    embedded = mapping(policy.get("_embedded"), "policies._embedded").get("rules")
    return rows(policy.get("rules", embedded), "policies.rules")


def ordered(records: Iterable[Any], at: str) -> list[Record]:
    """Return policies or rules by priority, then as they came; the system's own, default or catch-all, is last."""
    return sorted((mapping(one, at) for one in records), key=lambda one: _place(one, at))


def _place(one: Record, at: str) -> tuple[bool, int]:
    priority = one.get("priority", LAST)
    if isinstance(priority, bool) or not isinstance(priority, int):
        raise wrong(f"{at}.priority", "an integer")
    return bool(flag(one.get("system"), f"{at}.system")), priority


def named(one: Record, at: str) -> str:
    """Return the name of a policy or rule, or its id."""
    name = text(one.get("name"), f"{at}.name") or text(one.get("id"), f"{at}.id")
    if not name:
        raise wrong(at, "named: each needs a name or an id")
    return name


def _passed_over(one: Record, context: Context, at: str) -> str:
    status = choice(one.get("status", "ACTIVE"), f"{at}.status", ("ACTIVE", "INACTIVE"))
    reason = failing(one.get("conditions"), context, f"{at}.conditions")
    return "it is INACTIVE" if status == "INACTIVE" else reason

"""Whom an escalation policy reaches at each of its levels.

https://support.pagerduty.com/main/docs/escalation-policies: a level without anybody on call is passed over; the
levels are gone through again `num_loops` times.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from twin.semantics.oncall.rotation import on_call

Record = Mapping[str, Any]
Find = Callable[[str], Record | None]


def reached(rule: Record, at: datetime, schedule_of: Find) -> list[str]:
    """Return the ids of the users that a level reaches at an instant, each once."""
    found: list[str] = []
    for target in rule["targets"]:
        if target["type"].startswith("schedule"):
            schedule = schedule_of(target["id"])
            user = on_call(schedule, at, schedule.get("#overrides", ())) if schedule is not None else None
        else:
            user = str(target["id"])
        if user is not None and user not in found:
            found.append(user)
    return found


def next_level(policy: Record, after: int, at: datetime, schedule_of: Find) -> tuple[int, list[str]] | None:
    """Return the first level from `after` on that reaches anybody, counted over loops, and whom; None for none."""
    rules = policy["escalation_rules"]
    for step in range(after, len(rules) * (int(policy.get("num_loops", 0)) + 1)):
        users = reached(rules[step % len(rules)], at, schedule_of)
        if users:
            return step, users
    return None

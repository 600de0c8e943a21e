"""What became of a plan that was carried out, as JSON."""

from collections.abc import Mapping
from typing import Any

from twin.engine.apply import Outcome
from twin.engine.plan import Change, Plan

SCHEMA = 1


def document(
    plan: Plan, outcome: Outcome, *, ids: Mapping[str, str], calls: int, back: Outcome | None = None
) -> dict[str, Any]:
    """Return what became of each change that sends something; `ids` are the vendors', of what was done.

    `back` is the way back that a wave which was not well has caused.
    """
    return {
        "schema": SCHEMA,
        "digest": plan.digest,
        "target": plan.target,
        "good": outcome.good,
        "summary": plan.summary,
        "changes": [
            {
                "address": str(change.address),
                "type": change.address.type,
                "action": change.action,
                "id": ids.get(change.key, change.id),
                **_result(change, outcome),
            }
            for change in plan.pending
        ],
        "halted": outcome.halted or None,
        "paused": outcome.paused or None,
        "taken_back": None
        if back is None
        else {"good": back.good, "done": len(back.done), "failed": dict(back.failed)},
        "calls": calls,
    }


def result(change: Change, outcome: Outcome) -> str:
    """Say in a word or two what became of a change; a replacement has two steps, of which one alone may be done."""
    steps = outcome.done.count(change.key)
    if change.key in outcome.failed:
        return "failed"
    if change.key in outcome.skipped:
        return "skipped"
    if not steps:
        return "not begun"
    return "half done" if change.action == "replace" and steps == 1 else "done"


def _result(change: Change, outcome: Outcome) -> dict[str, str | None]:
    """Say what became of a change, and why where it was not done."""
    key = change.key
    because = outcome.failed.get(key, outcome.skipped.get(key))
    return {"result": result(change, outcome), "because": because}

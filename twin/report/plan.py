"""A plan as text: every change with its address, and the spec line that caused it."""

from collections.abc import Iterator
from typing import Any

from rich.text import Text

from twin.engine.plan import Change, Difference, Plan
from twin.resources.canonical import text
from twin.resources.reference import unknown

SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-"}
STYLES = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}
WIDEST = 72


def lines(plan: Plan) -> Iterator[Text]:
    """Yield the lines of a plan: changes, then what nobody manages, then the sum."""
    for change in sorted(plan.pending, key=lambda c: (c.file or "", c.line or 0, c.key)):
        yield from _change(change)
    if plan.unmanaged:
        yield Text(f"\nnot managed by this spec ({len(plan.unmanaged)}):", style="dim")
        for item in plan.unmanaged:
            yield Text(f"  ? {item.type} {item.id} {item.name if item.name != item.id else ''}".rstrip(), style="dim")
    for type_, why in plan.unreadable.items():
        yield Text(f"  ! {type_} could not be read: {why}", style="yellow")
    yield Text(summary(plan), style="bold")


def summary(plan: Plan) -> str:
    """Say in one line what the plan does."""
    if not plan.pending:
        return f"no changes: {plan.summary['no-op']} resources are as the spec wants them"
    counts = [f"{count} to {action}" for action, count in plan.summary.items() if count and action != "no-op"]
    same = plan.summary["no-op"]
    return "plan: " + ", ".join(counts) + (f", {same} unchanged" if same else "")


def _change(change: Change) -> Iterator[Text]:
    place = f"{change.file}:{change.line}" if change.line else ""
    line = Text(f"{SIGNS[change.action]} {change.address}", style=STYLES[change.action])
    if change.surplus:
        line.append(f"  {change.id}")
    if change.reason not in ("new", "spec", ""):
        line.append(f"  ({change.reason})")
    if place:
        line.append(f"  {place}", style="dim")
    yield line
    for difference in change.differences:
        yield _difference(difference)


def _difference(item: Difference) -> Text:
    cause = {"drift": "  # changed by hand", "both": "  # changed by hand, and in the spec"}.get(item.cause, "")
    must = "  # replaces" if item.replaces else ""
    return Text(f"    {item.field}: {_short(item.before)} → {_short(item.after)}{cause}{must}")


def _short(value: Any) -> str:
    if value is None:
        return "(none)"
    written = text(value)
    if unknown(value) and len(written) > WIDEST:
        return "(known after apply)"
    return written if len(written) <= WIDEST else written[: WIDEST - 1] + "…"

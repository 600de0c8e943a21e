"""A plan as text: every change with its address, and the spec line that caused it."""

from collections.abc import Iterator, Sequence
from typing import Any

from twin.engine.plan import Change, Difference, LeftOut, Plan
from twin.engine.targeting import BY_NAME, UNASKED
from twin.report.line import Line
from twin.resources.canonical import canonical, text
from twin.resources.reference import unknown

SIGNS = {"create": "+", "update": "~", "replace": "±", "delete": "-"}
STYLES = {"create": "green", "update": "yellow", "replace": "magenta", "delete": "red"}
WIDEST = 90
SHOWN = 4


def lines(plan: Plan, *, unmanaged: bool = False) -> Iterator[Line]:
    """Yield the lines of a plan: changes, what is left out, what nobody manages (one by one if asked), the sum."""
    for change in sorted(plan.pending, key=lambda c: (c.file or "", c.line or 0, c.key)):
        yield from _change(change)
    for change in plan.changes:
        if change.guarded and not change.protect and change.action != "delete":
            yield Line(f"! {change.key} is protected no longer ({change.guarded})", style="yellow")
    yield from _left_out(plan.left_out)
    if plan.unmanaged:
        more = ":" if unmanaged else "; --unmanaged lists them, `twin adopt` takes them over"
        yield Line(f"\nnot managed by this spec ({len(plan.unmanaged)}){more}", style="dim")
        for item in plan.unmanaged if unmanaged else ():
            yield Line(f"  ? {item.type} {item.id} {item.name if item.name != item.id else ''}".rstrip(), style="dim")
    for type_, why in plan.unreadable.items():
        yield Line(f"  ! {type_} could not be read: {why}", style="yellow")
    yield from _waves(plan)
    yield Line(summary(plan), style="bold")


def _left_out(items: Sequence[LeftOut]) -> Iterator[Line]:
    """Say what is needed and stays undone, the commonest reason in one line."""
    if not items:
        return
    by_name = sum(one.why in (BY_NAME, UNASKED) for one in items)
    told = f"\nleft out: {len(items)} of what the spec wants" + (
        f", {len(items) - by_name} of them because they need what was left out:" if by_name < len(items) else ""
    )
    yield Line(told, style="yellow")
    for one in items:
        if one.why not in (BY_NAME, UNASKED):
            yield Line(f"  {SIGNS[one.action]} {one.key} {one.why}", style="yellow")


def _waves(plan: Plan) -> Iterator[Line]:
    """Say in which parts a plan goes, and how much relies on what changes in each."""
    for number, wave in enumerate(plan.waves, 1):
        few = ", ".join(dict.fromkeys(key for key, _ in wave.steps[:SHOWN]))
        more = f" and {len(wave.steps) - SHOWN} more" if len(wave.steps) > SHOWN else ""
        reach = f"{wave.radius} existing resources" if wave.radius else "nothing that exists"
        yield Line(f"wave {number}, {wave.name}: touches {reach}: {few}{more}", style="dim")


def summary(plan: Plan) -> str:
    """Say in one line what the plan does."""
    moved = sum(c.former is not None for c in plan.changes if not c.writes)
    if not plan.pending:
        more = f", {moved} of them under a new address" if moved else ""
        return f"no changes: {plan.summary['no-op']} resources are as the spec wants them{more}"
    counts = [f"{count} to {action}" for action, count in plan.summary.items() if count and action != "no-op"]
    same = plan.summary["no-op"]
    return "plan: " + ", ".join(counts) + (f", {same} unchanged" if same else "")


def _change(change: Change) -> Iterator[Line]:
    place = f"{change.file}:{change.line}" if change.line else ""
    line = Line(f"{SIGNS[change.action]} {change.address}", style=STYLES[change.action])
    if change.surplus:
        line.append(f"  {change.id}")
    reason = f"was {change.former}" if change.former and change.reason in ("ownership", "") else change.reason
    if reason not in ("new", "spec", ""):
        line.append(f"  ({reason})")
    if place:
        line.append(f"  {place}", style="dim")
    yield line
    for difference in change.differences:
        yield from _difference(difference)
        yield from _widening(difference)


def _widening(item: Difference) -> Iterator[Line]:
    """Say of each policy that changes whether it allows more than before, with a request that shows it."""
    from twin.analysis.plan.widening import widening

    for name, found in widening(item):
        if found.contained is True:
            yield Line(f"      {name} allows nothing that it did not allow before", style="dim")
        elif found.contained is False:
            yield Line(f"      {name} allows more than before: {found.because}", style="yellow")
        else:
            yield Line(f"      whether {name} allows more than before is open: {found.because}", style="dim")


def _difference(item: Difference) -> Iterator[Line]:
    cause = {"drift": "  # changed by hand", "both": "  # changed by hand, and in the spec"}.get(item.cause, "")
    must = "  # replaces" if item.replaces else ""
    found = parts(item.before, item.after)
    if found is None:
        yield Line(f"    {item.field}: {short(item.before)} → {short(item.after)}{cause}{must}")
        return
    yield Line(f"    {item.field}:{cause}{must}")
    for sign, part in found:
        yield Line(f"      {sign} {short(part)}", style="green" if sign == "+" else "red")


def parts(before: Any, after: Any) -> list[tuple[str, Any]] | None:
    """Return what a list or mapping loses and gains, None where the whole value says it better."""
    if isinstance(before, list) and isinstance(after, list):
        old, new = ({text(canonical(x)): canonical(x) for x in side} for side in (before, after))
    elif isinstance(before, dict) and isinstance(after, dict):
        old, new = ({text([k, canonical(v)]): {k: canonical(v)} for k, v in side.items()} for side in (before, after))
    else:
        return None
    return [("-", old[x]) for x in old if x not in new] + [("+", new[x]) for x in new if x not in old]


def short(value: Any) -> str:
    """Write a value in the room that a line has."""
    if value is None:
        return "(none)"
    written = text(value)
    if unknown(value) and len(written) > WIDEST:
        return "(known after apply)"
    return written if len(written) <= WIDEST else written[: WIDEST - 1] + "…"

"""What is known of one resource, as text for the detail panes."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tui.fields import Row, outputs, rows, written
from tui.org import Entry, Org, tally
from tui.palette import ACCENT, FAINT, LOUD
from tui.runs import Run
from tui.spec_lines import SpecLines
from tui.states import DRIFT, SIGNS, UNMANAGED, State, state_of
from tui.visits import Visits
from twin.engine.plan import Change, Difference
from twin.scenario.recording.moment import clock
from twin.scenario.recording.recording import Thing

HISTORY = 40
"""How many lines of a resource's history are shown, the newest."""

REASONS = {
    "new": "new: the target has nothing under this name or tag",
    "spec": "the spec moved",
    "drift": "somebody changed it by hand",
    "differs": "differs from the spec; no state tells who moved",
    "ownership": "the ownership tag is missing or names another address",
    "destroy": "everything that the spec owns is removed",
}
CAUSES = {"drift": "changed by hand", "both": "changed by hand, and in the spec", "spec": "", "unknown": ""}


def heading(text: str, count: int | None = None) -> Text:
    """Return the title of a part of the pane."""
    return Text.assemble("\n", (text, f"bold {ACCENT}"), (f"  {count}" if count is not None else "", FAINT))


def title(entry: Entry, state: State | None = None) -> Text:
    """Return the first lines: the whole address, the state in a glyph and a word, the vendor's id."""
    state = state or entry.state
    name = entry.key if entry.change is None else entry.address
    told = f"   {entry.id}" if entry.id and entry.id != entry.name else ""
    return Text.assemble((name, "bold"), "\n", (f"{state.glyph} {state.word}", state.colour), (told, FAINT))


def resource(entry: Entry, owner: str) -> Iterator[RenderableType]:
    """Yield the state of a resource and its fields, desired against observed."""
    yield title(entry)
    if entry.change is None:
        yield Text(f"\nIn the account, but neither in the spec nor owned by {owner}.\nNo plan touches it.", FAINT)
        return
    reason = reason_of(entry.change)
    if reason:
        yield Text(reason)
    found = [*rows(entry), *outputs(entry.change)]
    managed = [row for row in found if row.managed]
    told = [row for row in found if not row.managed]
    if managed:
        yield heading("Observed" if entry.change.action == "delete" else "Fields", len(managed))
        yield grid(entry.type, managed)
    if told:
        yield heading("Only observed", len(told))
        yield grid(entry.type, told, FAINT)


def change_of(change: Change, entry: Entry) -> Iterator[RenderableType]:
    """Yield what a change does: its reason, the attributes that differ, and what it waits for."""
    yield title(entry, SIGNS[change.action])
    reason = reason_of(change)
    if reason:
        yield Text(reason)
    if change.action == "replace":
        first = "new one is made before the old one goes" if change.create_first else "old one goes first"
        yield Text(f"the {first}", FAINT)
    shown = [row for row in rows(entry) if row.managed and (row.difference or not change.differences)]
    yield heading("Differences" if change.differences else "Fields", len(shown))
    yield grid(entry.type, shown)
    waits = dict.fromkeys((*change.after, *change.removal_after))
    if waits:
        yield heading("Waits for", len(waits))
        yield Text("\n".join(f"  {key}" for key in waits))


def group(place: Sequence[str], entries: Iterable[Entry]) -> Iterator[RenderableType]:
    """Yield the sum of a part of the tree, and what in it is not as the spec wants it."""
    found = list(entries)
    yield Text.assemble((".".join(place), "bold"), (f"\n{len(found)} resource{'s' * (len(found) != 1)}", FAINT))
    yield heading("States")
    table = _table()
    for state, count in tally(found).items():
        table.add_row(Text(f"{state.glyph} {state.word}", state.colour), str(count))
    yield table
    by_hand = [entry for entry in found if entry.state is DRIFT]
    if by_hand:
        yield heading("Changed by hand", len(by_hand))
        yield Text("\n".join(f"  {entry.key}" for entry in by_hand), DRIFT.colour)


def cause(entry: Entry, lines: SpecLines) -> Iterator[RenderableType]:
    """Yield the lines of the spec that caused a resource."""
    change = entry.change
    if change is None or change.file is None or change.line is None:
        return
    yield Text.assemble(heading("Spec"), (f"  {change.file}:{change.line}", FAINT))
    yield from lines.around(change.file, change.line)


def crumbs(visits: Visits, org: Org) -> Iterator[RenderableType]:
    """Yield the way by which one came here, where one jumped."""
    names = [org.entries[key].name if key in org.entries else key for key in visits.crumbs()]
    if len(names) > 1:
        yield Text.assemble(heading("Came by"), (f"  {' › '.join(names)}", ""), ("   [ back  ] forward", FAINT))


def history(run: Run | None, t: float, entry: Entry) -> Iterator[RenderableType]:
    """Yield what became of a resource in a run by an instant: how it stood, and the events that name it."""
    if run is None or run.recording is None:
        return
    track = run.recording.tracks.get(entry.key)
    lines = [] if track is None else [(at, _stood(thing)) for at, thing in zip(track.times, track.things, strict=True)]
    names = {name for name in (entry.id, entry.arn, entry.name) if name}
    lines += [(event.t, Text(event.told())) for event in run.of_names(names, t)]
    shown = sorted((line for line in lines if line[0] <= t), key=lambda line: line[0])
    if not shown:
        return
    yield heading("History", len(shown))
    table = Table.grid(padding=(0, 2, 0, 0))
    for at, told in shown[-HISTORY:]:
        table.add_row(Text(clock(at), FAINT), told)
    yield table


def _stood(thing: Thing | None) -> Text:
    if thing is None:
        return Text("it was not there", FAINT)
    state = state_of(thing) if isinstance(thing, Change) else UNMANAGED
    differ = ", ".join(d.field for d in thing.differences) if isinstance(thing, Change) else ""
    return Text.assemble((f"{state.glyph} {state.word}", state.colour), f"  {differ}".rstrip())


def unreadable(org: Org) -> Iterator[str]:
    """Yield the types that the target would not tell about, and why."""
    return (f"{type_} could not be read: {why}" for type_, why in org.plan.unreadable.items())


def reason_of(change: Change) -> str:
    """Return why a change is made, in words."""
    return REASONS.get(change.reason, change.reason)


def grid(type_: str, fields: Iterable[Row], style: str = "") -> RenderableType:
    """Return rows in two columns; a field that differs has its observed and its desired value under it."""
    table = _table()
    for row in fields:
        if row.difference is None:
            table.add_row(Text(row.name, FAINT), Text(row.value, style))
        else:
            table.add_row(Text(row.name, LOUD), _sides(type_, row.difference))
    return table


def _sides(type_: str, item: Difference) -> RenderableType:
    notes = [note for note in (CAUSES[item.cause], "replaces" if item.replaces else "") if note]
    table = Table.grid(padding=(0, 1))
    for word, state, value in (
        ("observed", SIGNS["delete"], item.before),
        ("desired", SIGNS["create"], item.after),
    ):
        table.add_row(
            Text(f"{state.glyph} {word}", state.colour), Text(written(type_, item.field, value), state.colour)
        )
    return Group(table, Text(", ".join(notes), DRIFT.colour)) if notes else table


def _table() -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(overflow="fold", max_width=28)
    table.add_column(overflow="fold")
    return table


def stack(parts: Iterable[RenderableType]) -> RenderableType:
    """Put parts under one another, with a little air on the sides."""
    return Padding(Group(*parts), (0, 1))

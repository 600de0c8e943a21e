"""The plan view: what an apply would do, each change with its reason and the attributes that differ."""

from collections.abc import Iterator

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static

from tui import detail
from tui.keyboard import give
from tui.listing import Listing
from tui.org import Entry, Org
from tui.palette import FAINT
from tui.pane import Pane
from tui.sheet import Column, Line
from tui.spec_lines import SpecLines
from tui.states import SIGNS, TO_REPLACE, UNMANAGED
from tui.table import Table
from twin.engine.plan import Change
from twin.report.plan import summary

COLUMNS = (Column("resource"), Column("differs", 40), Column("why", 40))


class PlanView(Vertical):
    """The changes in the order of the spec over the details of one of them; side by side where there is room."""

    class Chosen(Message):
        """The user wants to see a change's resource in the tree."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    DEFAULT_CSS = """
    PlanView > #summary {
        height: 1; padding: 0 1; text-style: bold; background: $surface; text-wrap: nowrap; text-overflow: ellipsis;
    }
    PlanView > #parts { layout: vertical; }
    PlanView Table { height: 45%; }
    PlanView Pane { height: 1fr; padding-top: 1; }
    """

    def __init__(self, org: Org, lines: SpecLines, *, id: str) -> None:
        super().__init__(id=id)
        self.org = org
        self.lines = lines

    def compose(self) -> ComposeResult:
        """Make the sum, the table and the pane."""
        yield Static(id="summary")
        with Vertical(id="parts"):
            yield Table(COLUMNS, id="changes")
            yield Pane(id="change")

    def on_mount(self) -> None:
        """Fill the table; say so when there is nothing to look at."""
        self.query_one("#summary", Static).update(self._sum())
        self.table.fill(tuple(self._lines()))
        if not self.table.lines:
            self.query_one(Pane).tell([Text("Nothing to do: the target is as the spec wants it.", FAINT)])

    @property
    def table(self) -> Table:
        """The table of changes."""
        return self.query_one(Table)

    @property
    def current(self) -> Entry | None:
        """The resource of the change under the cursor."""
        return self.org.entries.get(self.table.key or "")

    @property
    def unreadable(self) -> dict[str, str]:
        """What could not be read, in words, by the key of its row."""
        return {f"! {why}": why for why in detail.unreadable(self.org)}

    def show_org(self, org: Org) -> None:
        """Show the plan of another instant, the cursor where it is."""
        self.org = org
        self.on_mount()
        self.table.tell()

    def listing(self) -> Listing:
        """Return the changes."""
        return self.table.listing("plan")

    def start(self) -> None:
        """Take the keyboard."""
        give(self.table)
        self.table.tell()

    def _sum(self) -> Text:
        """Say what an apply would do, and how much is there that it would not touch."""
        told = Text(summary(self.org.plan), no_wrap=True, overflow="ellipsis")
        if others := len(self.org.unmanaged):
            told.append(f"  {UNMANAGED.glyph} {others} {UNMANAGED.word}", UNMANAGED.colour)
        return told

    def _lines(self) -> Iterator[Line]:
        yield from (_line(change) for change, _ in self.org.pending)
        for entry in self.org.unmanaged:
            yield Line(entry.key, (f"{UNMANAGED.glyph} {entry.key}", "", UNMANAGED.word), (UNMANAGED.colour,))
        for key in self.unreadable:
            yield Line(key, (key, "", ""), (TO_REPLACE.colour,))

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Tell about the change under the cursor."""
        entry = self.org.entries.get(event.key)
        if entry is None and event.key not in self.unreadable:
            return  # a row of an instant that has passed
        if entry is None:
            self.query_one(Pane).tell([Text(self.unreadable[event.key], TO_REPLACE.colour)])
            return
        if entry.change is None:
            parts = detail.resource(entry, self.org.plan.scope.owner)
        else:
            parts = detail.change_of(entry.change, entry)
        self.query_one(Pane).tell([*parts, *detail.cause(entry, self.lines)])

    def on_table_selected(self, event: Table.Selected) -> None:
        """Show the change's resource in the tree."""
        if event.key in self.org.entries:
            self.post_message(self.Chosen(event.key))
        else:
            self.notify("what could not be read has no resource to show", severity="warning")


def _line(change: Change) -> Line:
    sign = SIGNS[change.action]
    name = f"{change.address}  {change.id}" if change.surplus else str(change.address)
    reason = change.reason if change.reason not in ("new", "spec") else ""
    cells = (f"{sign.glyph} {name}", ", ".join(d.field for d in change.differences), reason)
    return Line(change.key, cells, (sign.colour, sign.colour, FAINT))

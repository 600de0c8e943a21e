"""The explore view: the tree of the org over a table of what is in a part of it, beside what is known of one."""

from collections.abc import Callable, Iterable, Iterator
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input, Tree

from tui import detail
from tui.actions import bindings
from tui.detail import heading
from tui.keyboard import give, held
from tui.listing import Listing
from tui.org import COLUMNS, Entry, Org
from tui.palette import ACCENT, FAINT
from tui.pane import ResourcePane
from tui.spec_lines import SpecLines
from tui.states import STATES
from tui.table import Table
from tui.tree import OrgTree, Place


class ExploreView(Horizontal):
    """System, Region, service, type; their resources; a filter; fields, neighbours and the spec's lines."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explore")
    DEFAULT_CSS = """
    ExploreView > #side { width: 46%; min-width: 36; max-width: 100; background: $surface; }
    ExploreView #tree { height: 2fr; max-height: 16; }
    ExploreView #resources { height: 3fr; }
    ExploreView #filter { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    ExploreView.filtered #filter { display: block; }
    ExploreView > ResourcePane { width: 1fr; }
    """

    def __init__(self, org: Org, lines: SpecLines, *, id: str) -> None:
        super().__init__(id=id)
        self.org = org
        self.lines = lines
        self.scope: Place = ()
        self.history: Callable[[Entry], Iterable[RenderableType]] = lambda entry: ()
        self.crumbs: Callable[[], Iterable[RenderableType]] = lambda: ()
        self._kept: Callable[[], Widget] = lambda: self.org_tree

    def compose(self) -> ComposeResult:
        """Make the tree with its filter, the table, and the pane."""
        with Vertical(id="side"):
            yield Input(placeholder="words, !not, type: tag: state: ~fuzzy", id="filter", select_on_focus=False)
            yield OrgTree(id="tree")
            yield Table(COLUMNS, id="resources")
        yield ResourcePane(id="resource")

    def on_mount(self) -> None:
        """Show everything, the cursor on the first line."""
        self.org_tree.account = self.org.plan.scope.account
        self.org_tree.show(self.org.order, opened=False)
        self.table.fill(self.org.lines)
        self.org_tree.begin()
        self.call_after_refresh(lambda: self.org.index)  # so that the first filter need not wait for it

    @property
    def org_tree(self) -> OrgTree:
        """The tree of the org."""
        return self.query_one(OrgTree)

    @property
    def table(self) -> Table:
        """The table of resources."""
        return self.query_one(Table)

    @property
    def written(self) -> str:
        """What stands in the filter."""
        return self.query_one(Input).value

    @property
    def current(self) -> Entry | None:
        """The resource under the cursor, None on a part of the tree."""
        key = None if held(self.org_tree) else self.table.key
        return self.org.entries[key] if key is not None else None

    def start(self) -> None:
        """Take the keyboard."""
        give(self._kept())

    def go(self, key: str) -> None:
        """Show a resource, without the filter when that hides it."""
        entry = self.org.entries[key]
        if self.has_class("filtered") and not any(line.key == key for line in self.table.lines):
            self.action_clear()
        if entry.path[: len(self.scope)] != self.scope:
            self.scope = entry.path
            self.org_tree.go(entry.path)
            self.table.narrow(self.org.matching(self.written, self.scope))
        self.table.go(key)
        give(self.table)

    def action_filter(self) -> None:
        """Open the filter."""
        self.add_class("filtered")
        give(self.query_one(Input))

    def action_clear(self) -> None:
        """Drop the filter and show everything again."""
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        if self.has_class("filtered"):
            self.remove_class("filtered")
            self._fill("")
        if self.table.key is None or not held(self.table):
            give(self.org_tree)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._fill(event.value)

    def on_input_submitted(self) -> None:
        """Go from the filter to what it found."""
        give(self.table)

    def _fill(self, written: str) -> None:
        """Show what a filter lets through, wherever it is in the tree."""
        found = self.org.matching(written)
        self.scope = ()
        self.table.narrow(found)
        self.table.tell()
        self.call_after_refresh(self._regrow, written, found)
        if not found:
            self.query_one(ResourcePane).show_alone(_nothing(written))

    def _regrow(self, written: str, found: list[int]) -> None:
        """Let the tree follow the table, unless the user has typed on."""
        if written == self.written:
            self.org_tree.show((self.org.order[i] for i in found), opened=bool(written.strip()))
            self.org_tree.begin()

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Place]) -> None:
        """Show what is in the part under the cursor, where the user moved it."""
        if held(self.org_tree) and event.node.data:
            self._narrow(event.node.data)

    @on(Tree.NodeSelected)
    def _enter(self) -> None:
        self.org_tree.action_enter()

    def on_descendant_focus(self) -> None:
        """Tell about what has the keyboard."""
        if held(self.table):
            self._kept = lambda: self.table
            self.table.tell()
        elif held(self.org_tree):
            self._kept = lambda: self.org_tree
            if self.org_tree.place:
                self._narrow(self.org_tree.place)

    def _narrow(self, place: Place) -> None:
        found = self.org.matching(self.written, place)
        if place != self.scope:
            self.scope = place
            self.table.narrow(found)
        self.query_one(ResourcePane).show_group(place, [self.org.order[i] for i in found])

    def on_org_tree_entered(self) -> None:
        """Go from a part of the tree to its resources."""
        give(self.table)

    def on_table_left(self) -> None:
        """Go from the resources to the tree."""
        give(self.org_tree)

    def on_table_highlighted(self, event: Table.Highlighted) -> None:
        """Tell about the resource under the cursor, once the cursor is painted and stands still."""
        self.call_after_refresh(self._tell, event.key)

    def _tell(self, key: str) -> None:
        if key == self.table.key and key in self.org.entries and not held(self.org_tree):
            entry = self.org.entries[key]
            below = [*self.crumbs(), *self.history(entry), *detail.cause(entry, self.lines)]
            self.query_one(ResourcePane).show(entry, self.org, below)

    def on_table_selected(self) -> None:
        """Go on to what is known of the resource."""
        give(self.query_one(ResourcePane))

    def show_org(self, org: Org) -> None:
        """Show the org of another instant, the cursors where they are."""
        self.org = org
        self.org_tree.renew(org.order[i] for i in org.matching(self.written))
        self.table.fill(org.lines, org.matching(self.written, self.scope))
        self.retell()

    def retell(self) -> None:
        """Tell anew about what the cursor is on."""
        if self.table.key is not None and self._kept() is self.table:
            self._tell(self.table.key)
        elif self.org_tree.place:
            self._narrow(self.org_tree.place)

    def listing(self) -> Listing:
        """Return the resources of the table, as they are filtered and sorted."""
        return self.table.listing("explore")


def _nothing(written: str) -> Iterator[Text]:
    """Yield what an empty table says: that the words are the reason, and how they may be written."""
    yield Text.assemble(("nothing matches ", "bold"), written)
    yield Text("\nesc shows everything again", FAINT)
    yield heading("Words that narrow")
    states = ", ".join(state.word for state in STATES)
    for word, told in (("lake", "in the address, the id or the state"), ("!lake", "what has it not"),
                       ("~lk", "its letters in this order"), ("type:rds", "of a type"), ("tag:team=core", "with a tag"),
                       ("state:drift", f"one of {states}")):  # fmt: skip
        yield Text.assemble((f"  {word:14}", ACCENT), (told, FAINT))

"""The explore view: the tree of the org beside what is known of the resource under the cursor."""

from collections.abc import Callable, Iterable
from typing import ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Tree

from tui import detail
from tui.actions import bindings
from tui.listing import Listing
from tui.org import Entry, Org
from tui.pane import ResourcePane
from tui.spec_lines import SpecLines
from tui.tree import OrgTree, Place


class ExploreView(Horizontal):
    """System, service, type, resource; a filter; fields, neighbours and the spec's lines."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("explore")
    DEFAULT_CSS = """
    ExploreView > #side { width: 44%; min-width: 36; max-width: 64; background: $surface; }
    ExploreView #filter { height: 1; border: none; padding: 0 1; background: $panel; display: none; }
    ExploreView.filtered #filter { display: block; }
    ExploreView > ResourcePane { width: 1fr; }
    """

    def __init__(self, org: Org, lines: SpecLines, *, id: str) -> None:
        super().__init__(id=id)
        self.org = org
        self.lines = lines
        self.history: Callable[[Entry], Iterable[RenderableType]] = lambda entry: ()

    def compose(self) -> ComposeResult:
        """Make the tree with its filter, and the pane."""
        with Vertical(id="side"):
            yield Input(placeholder="words of an address, an id or a state", id="filter", select_on_focus=False)
            yield OrgTree(id="tree")
        yield ResourcePane(id="resource")

    def on_mount(self) -> None:
        """Show everything, the cursor on the first line."""
        tree = self.org_tree
        tree.show(self.org.entries.values(), opened=False)
        tree.begin()

    @property
    def org_tree(self) -> OrgTree:
        """The tree of the org."""
        return self.query_one(OrgTree)

    @property
    def current(self) -> Entry | None:
        """The resource under the cursor, None on a part of the tree."""
        return self.org_tree.place if isinstance(self.org_tree.place, Entry) else None

    def start(self) -> None:
        """Take the keyboard."""
        self.org_tree.focus()

    def go(self, key: str) -> None:
        """Show a resource, without the filter when that hides it."""
        if key not in self.org_tree.lines:
            self.action_clear()
        self.org_tree.go(key)
        self.org_tree.focus()

    def action_filter(self) -> None:
        """Open the filter."""
        self.add_class("filtered")
        self.query_one(Input).focus()

    def action_clear(self) -> None:
        """Drop the filter and show everything again."""
        kept = self.org_tree.place
        with self.prevent(Input.Changed):
            self.query_one(Input).value = ""
        if self.has_class("filtered"):
            self.remove_class("filtered")
            self._fill("", kept)
        self.org_tree.focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Filter while the user types."""
        self._fill(event.value, self.org_tree.place)

    def on_input_submitted(self) -> None:
        """Go from the filter to what it found."""
        self.org_tree.focus()

    def _fill(self, text: str, kept: Place | None) -> None:
        tree = self.org_tree
        tree.show(self.org.matching(text), opened=bool(text.strip()))
        shown = isinstance(kept, Entry) and tree.go(kept.key)
        if not shown:
            first = next(iter(tree.lines), None) if text.strip() else None
            if first is not None:
                tree.go(first)
            else:
                tree.begin()
        if not tree.lines:
            self.query_one(ResourcePane).tell([f"nothing matches {text!r}"])

    def on_tree_node_highlighted(self, event: Tree.NodeHighlighted[Place]) -> None:
        """Tell about the line under the cursor."""
        self._tell(event.node.data)

    def _tell(self, place: Place | None) -> None:
        pane = self.query_one(ResourcePane)
        if isinstance(place, Entry):
            pane.show(place, self.org, [*self.history(place), *detail.cause(place, self.lines)])
        elif place:
            inside = [e for e in self.org.matching(self.query_one(Input).value) if e.path[: len(place)] == place]
            pane.show_group(".".join(place), inside)

    def show_org(self, org: Org) -> None:
        """Show the org of another instant, the cursor where it is."""
        self.org = org
        kept, written = self.org_tree.place, self.query_one(Input).value
        if self.org_tree.renew(org.matching(written)):
            self.call_after_refresh(lambda: self._tell(self.org_tree.place))
        else:
            self._fill(written, kept)

    def listing(self) -> Listing:
        """Return the resources that the filter lets through."""
        found = self.org.matching(self.query_one(Input).value)
        rows = [(e.address, e.type, e.name, e.state.word, e.id or "") for e in found]
        return Listing("explore", ("address", "type", "name", "state", "id"), rows)

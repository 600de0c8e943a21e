"""The tree of the org: system with its account, Region where there are several, service, type, with their states."""

from collections import defaultdict
from collections.abc import Iterable

from rich.style import Style
from rich.text import Text
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.keys import TREE
from tui.org import Entry, tally
from tui.palette import FAINT
from tui.states import AS_SPEC

SYSTEMS = {"aws": "AWS", "cloudflare": "Cloudflare", "okta": "Okta", "auth0": "Auth0"}
Place = tuple[str, ...]
"""What a line of the tree stands for: the beginning of types' names."""


class OrgTree(Tree[Place], inherit_bindings=False):
    """Parts of the org; a part's line counts what is in it by state."""

    class Entered(Message):
        """The user wants to see the resources of the part."""

    BINDINGS = TREE
    DEFAULT_CSS = (
        "OrgTree { background: transparent; overflow-x: hidden; padding: 0 0 0 1; scrollbar-size-vertical: 1; }"
    )

    def __init__(self, *, id: str) -> None:
        super().__init__("org", (), id=id)
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self.filling = 0
        self.account = ""
        self.parts: dict[Place, TreeNode[Place]] = {}

    def show(self, entries: Iterable[Entry], *, opened: bool) -> None:
        """Fill the tree; everything is open when `opened`, the systems alone otherwise."""
        self.filling += 1
        self.clear()
        self.parts = {(): self.root}
        members: dict[Place, list[Entry]] = defaultdict(list)
        for entry in entries:
            members[entry.path].append(entry)
        for path in list(members):
            for depth in range(1, len(path)):
                members[path[:depth]] += members[path]
        above = {path[:-1] for path in members}
        for path in sorted(members):
            node, leaf = self.parts[path[:-1]], path not in above
            self.parts[path] = node.add(self._part(path, members[path]), path, expand=opened or len(path) == 1,
                                        allow_expand=not leaf)  # fmt: skip
        self.root.expand()

    def renew(self, entries: Iterable[Entry]) -> None:
        """Take the org of another instant; what is open stays open, and the cursor where it is."""
        opened, kept = {path for path, node in self.parts.items() if node.is_expanded}, self.place
        self.show(entries, opened=False)
        for path, node in self.parts.items():
            if path in opened:
                node.expand()
        if not self.go(kept):
            self.begin()

    def render_label(self, node: TreeNode[Place], base_style: Style, style: Style) -> Text:
        """Draw a line."""
        mark = ("▾ " if node.is_expanded else "▸ ") if node.allow_expand else "  "
        line = Text.assemble((mark, FAINT), node.label)
        line.stylize_before(style)
        return line

    def go(self, path: Place) -> bool:
        """Put the cursor on a part, opening what is above it; False when the tree does not show it."""
        node = self.parts.get(path)
        if node is None:
            return False
        above = node.parent
        while above is not None:
            above.expand()
            above = above.parent
        self.call_after_refresh(self._land, node, self.filling)
        return True

    def begin(self) -> None:
        """Put the cursor on the first line."""
        if self.root.children:
            self.call_after_refresh(self._land, self.root.children[0], self.filling)

    def _land(self, node: TreeNode[Place], filling: int) -> None:
        if filling != self.filling:
            return
        self.move_cursor(node)
        # A new node on the line of an old one moves no cursor, and so would tell nobody.
        self.post_message(self.NodeHighlighted(node))

    @property
    def place(self) -> Place:
        """The part that the cursor is on."""
        return (self.cursor_node.data if self.cursor_node else None) or ()

    def action_open(self) -> None:
        """Open the part under the cursor; step into it when it is open, and out to the table at the end."""
        node = self.cursor_node
        if node is None:
            return
        if not node.allow_expand:
            self.post_message(self.Entered())
        elif node.is_expanded:
            self.action_cursor_down()
        else:
            node.expand()

    def action_enter(self) -> None:
        """Open or close the part, or go on to its resources where there are no parts in it."""
        node = self.cursor_node
        if node is not None and node.allow_expand:
            node.toggle()
        else:
            self.post_message(self.Entered())

    def action_close(self) -> None:
        """Close the part under the cursor, or go up when there is nothing to close."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and node.is_expanded:
            node.collapse()
        elif node.parent is not None and not node.parent.is_root:
            self.move_cursor(node.parent)

    def _part(self, here: tuple[str, ...], entries: list[Entry]) -> Text:
        name = SYSTEMS.get(here[0], here[0].title()) if len(here) == 1 else here[-1]
        line = Text.assemble((name, "bold" if len(here) == 1 else ""), (f"  {len(entries)}", FAINT))
        for state, count in tally(entries).items():
            if state is not AS_SPEC:
                line.append(f"  {state.glyph}{count}", state.colour)
        if here == ("aws",):
            line.append(f"  {self.account}", FAINT)
        return line

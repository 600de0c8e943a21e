"""The tree of the org: system, service, type, resource, each with its state."""

from collections.abc import Iterable

from rich.style import Style
from rich.text import Text
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from tui.keys import TREE
from tui.org import Entry, tally
from tui.palette import FAINT
from tui.states import AS_SPEC

SYSTEMS = {"aws": "AWS", "cloudflare": "Cloudflare", "okta": "Okta"}
Place = tuple[str, ...] | Entry
"""What a line of the tree stands for: a part of a type's name, or a resource."""


class OrgTree(Tree[Place], inherit_bindings=False):
    """Resources under their types; a part's line counts what is in it by state."""

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
        self.lines: dict[str, TreeNode[Place]] = {}
        self.parts: dict[tuple[str, ...], TreeNode[Place]] = {}

    def show(self, entries: Iterable[Entry], *, opened: bool) -> None:
        """Fill the tree; everything is open when `opened`, the systems alone otherwise."""
        self.filling += 1
        self.clear()
        self.lines.clear()
        parts = self.parts = {(): self.root}
        members: dict[tuple[str, ...], list[Entry]] = {}
        for entry in entries:
            for depth in range(1, len(entry.path) + 1):
                here = entry.path[:depth]
                members.setdefault(here, []).append(entry)
                if here not in parts:
                    parts[here] = parts[here[:-1]].add("", here, expand=opened or depth == 1)
            self.lines[entry.key] = parts[entry.path].add_leaf(entry.name, entry)
        for here, node in parts.items():
            if here:
                node.set_label(_part(here, members[here]))
        self.root.expand()

    def renew(self, entries: Iterable[Entry]) -> bool:
        """Take the same resources in other states, each on its line; False when they are not the same."""
        found = {entry.key: entry for entry in entries}
        if found.keys() != self.lines.keys():
            return False
        members: dict[tuple[str, ...], list[Entry]] = {}
        for key, entry in found.items():
            node = self.lines[key]
            if node.data != entry:
                node.data = entry
                node.set_label(entry.name)
            for depth in range(1, len(entry.path) + 1):
                members.setdefault(entry.path[:depth], []).append(entry)
        for here, node in self.parts.items():
            if here:
                node.set_label(_part(here, members[here]))
        return True

    def render_label(self, node: TreeNode[Place], base_style: Style, style: Style) -> Text:
        """Draw a line: a resource with its glyph and word, a part with its counts."""
        entry = node.data
        if not isinstance(entry, Entry):
            mark = "▾ " if node.is_expanded else "▸ "
            line = Text.assemble((mark, FAINT), node.label)
        else:
            state = entry.state
            line = Text.assemble((f"{state.glyph} ", state.colour), entry.name)
            line.append(f"  {state.word}", FAINT if state is AS_SPEC else state.colour)
        line.stylize_before(style)
        return line

    def go(self, key: str) -> bool:
        """Put the cursor on a resource, opening what is above it; False when the tree does not show it."""
        node = self.lines.get(key)
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
    def place(self) -> Place | None:
        """What the cursor is on."""
        return self.cursor_node.data if self.cursor_node else None

    def action_open(self) -> None:
        """Open the part under the cursor, or step into it when it is open."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if node.is_expanded:
            self.action_cursor_down()
        else:
            node.expand()

    def action_close(self) -> None:
        """Close the part under the cursor, or go up when there is nothing to close."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and node.is_expanded:
            node.collapse()
        elif node.parent is not None and not node.parent.is_root:
            self.move_cursor(node.parent)


def _part(here: tuple[str, ...], entries: list[Entry]) -> Text:
    name = SYSTEMS[here[0]] if len(here) == 1 else here[-1]
    line = Text.assemble((name, "bold" if len(here) == 1 else ""), (f"  {len(entries)}", FAINT))
    for state, count in tally(entries).items():
        if state is not AS_SPEC:
            line.append(f"  {state.glyph}{count}", state.colour)
    return line

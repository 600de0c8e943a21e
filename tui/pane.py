"""The pane that tells about one resource: text, the neighbours to jump to, the spec's lines."""

from collections.abc import Iterable, Sequence

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tui import detail
from tui.keys import LIST, TEXT
from tui.org import Entry, Link, Org
from tui.palette import FAINT
from tui.states import AS_SPEC
from tui.welcome import welcome

MOST = 50
"""Neighbours on one side that are listed; the table's filter finds the others."""


class Scroll(VerticalScroll, inherit_bindings=False):
    """What scrolls by the keys of a text."""

    BINDINGS = TEXT
    DEFAULT_CSS = """
    Scroll { scrollbar-size-vertical: 1; }
    Scroll:focus { scrollbar-color: $accent; }
    """


class Pane(Scroll):
    """Text that scrolls."""

    DEFAULT_CSS = """
    Pane { padding: 0 0 1 0; }
    Pane:focus { background: $foreground 4%; }
    Pane > Static { width: 1fr; height: auto; }
    """

    def compose(self) -> ComposeResult:
        """Make the text."""
        yield Static(classes="about")

    def tell(self, parts: Iterable[RenderableType]) -> None:
        """Show new text from its beginning."""
        self.query_one(".about", Static).update(detail.stack(parts))
        self.scroll_home(animate=False)


class Neighbours(OptionList, inherit_bindings=False):
    """What a resource refers to and what refers to it; choosing one goes there."""

    BINDINGS = LIST
    DEFAULT_CSS = """
    Neighbours {
        height: auto; max-height: 12; border: none; background: transparent; padding: 0 1;
        text-wrap: nowrap; text-overflow: ellipsis; scrollbar-size-vertical: 1;
    }
    Neighbours:focus { border: none; background-tint: transparent; }
    """


class ResourcePane(Pane):
    """The pane of the explore view."""

    class Jump(Message):
        """The user wants to see a neighbour."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def compose(self) -> ComposeResult:
        """Make text, neighbours and spec lines."""
        yield Static(classes="about")
        yield Neighbours(id="neighbours")
        yield Static(classes="cause")

    def show(self, entry: Entry, org: Org, cause: Iterable[RenderableType]) -> None:
        """Show a resource."""
        self.tell(detail.resource(entry, org.plan.scope.owner))
        self.query_one(".cause", Static).update(detail.stack(cause))
        options = [*_ends("Refers to", entry.needs, org), *_ends("Used by", entry.users, org)]
        self._offer(options)

    def show_group(self, place: Sequence[str], entries: Iterable[Entry]) -> None:
        """Show the sum of a part of the tree; of a system with what one may begin with."""
        self.show_alone([*detail.group(place, entries), *(welcome(self.screen) if len(place) == 1 else ())])

    def show_alone(self, parts: Iterable[RenderableType]) -> None:
        """Show a text that no neighbours and no lines of the spec belong to."""
        self.tell(parts)
        self.query_one(".cause", Static).update("")
        self._offer([])

    def _offer(self, options: list[Option]) -> None:
        neighbours = self.query_one(Neighbours)
        neighbours.display = bool(options)
        neighbours.clear_options()
        neighbours.add_options(options)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Go to the chosen neighbour; its option's id is `<direction> <field> <key>`."""
        event.stop()
        if event.option_id is not None:
            self.post_message(self.Jump(event.option_id.rpartition(" ")[2]))


def _ends(word: str, links: Iterable[Link], org: Org) -> list[Option]:
    """Return one side of a resource's references under its heading, with the state of each."""
    found = [(link, org.entries[link.key]) for link in links if link.key in org.entries]
    if not found:
        return []
    options = [Option(detail.heading(word, len(found)), disabled=True)]
    for link, entry in found[:MOST]:
        state = entry.state
        line = Text.assemble((f"{state.glyph} ", state.colour), link.key, (f"  {link.field}", FAINT))
        if state is not AS_SPEC:
            line.append(f"  {state.word}", state.colour)
        options.append(Option(line, id=f"{word} {link.field} {link.key}"))
    if len(found) > MOST:
        options.append(Option(Text(f"  and {len(found) - MOST:,} more", FAINT), disabled=True))
    return options

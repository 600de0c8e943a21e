"""The small screens over a view: how to export, what to break, two resources side by side, where to jump."""

from collections.abc import Sequence
from typing import ClassVar

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import Key
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from tui.fields import rows
from tui.listing import FORMS
from tui.org import Entry
from tui.palette import ACCENT, FAINT, LOUD
from tui.pane import Scroll
from tui.states import SIGNS

LETTERS = "asdfghjklqwertyuiopzxcvbnm"
CLOSE = Binding("escape", "dismiss", "Close", key_display="esc")


class ExportScreen(ModalScreen[str]):
    """Asks for a format."""

    BINDINGS: ClassVar[list[BindingType]] = [
        CLOSE,
        *(Binding(key, f"choose('{end}')", name) for key, (name, end) in FORMS.items()),
    ]
    DEFAULT_CSS = """
    ExportScreen { align: center middle; }
    ExportScreen > Static { width: auto; height: auto; padding: 1 2; background: $panel; }
    """

    def compose(self) -> ComposeResult:
        """Make the question."""
        told = Text("Export as   ")
        for key, (name, _) in FORMS.items():
            told.append(f"{key} ", f"bold {ACCENT}").append(f"{name}   ")
        yield Static(told.append("esc ", f"bold {ACCENT}").append("not at all"))

    def action_choose(self, end: str) -> None:
        """Answer."""
        self.dismiss(end)


class Question(ModalScreen[str]):
    """A line to write on, over what may be written."""

    BINDINGS: ClassVar[list[BindingType]] = [CLOSE]
    DEFAULT_CSS = """
    Question { align: center middle; }
    Question > Container { width: 76; max-width: 96%; height: auto; max-height: 96%; padding: 0 2; background: $panel; }
    Question Input, Question Input:focus { border: none; height: 1; padding: 0; background: $surface; }
    """
    EXAMPLE = ""

    def compose(self) -> ComposeResult:
        """Make the line, and what may be written on it."""
        with Container():
            yield Input(placeholder=self.EXAMPLE)
            yield Static(self.about())

    def about(self) -> Text:
        """Return what may be written."""
        return Text("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer."""
        event.stop()
        self.dismiss(event.value)


class TimeScreen(Question):
    """Asks for an instant."""

    EXAMPLE = "1:05:00"

    def about(self) -> Text:
        """Return how instants are written."""
        return Text("a time since the start: 1:05:00, 65m, 90 (seconds), 50%", FAINT)


class FaultScreen(Question):
    """Asks for a fault, in the words of the command line."""

    class Read(Message):
        """The kinds of faults are known."""

        def __init__(self, told: Text) -> None:
            self.told = told
            super().__init__()

    EXAMPLE = "inject zone-loss --with zone=us-east-1a --for 15m"

    def __init__(self, note: str) -> None:
        super().__init__()
        self._note = note

    def about(self) -> Text:
        """Return what it does."""
        return Text.assemble("twin fault …  ", (self._note, FAINT), "\n\n", ("reading the kinds of faults …", FAINT))

    def on_mount(self) -> None:
        """Read the kinds while one writes already."""
        self._read()

    @work(thread=True)
    def _read(self) -> None:
        """Import the world, which takes its time, and list its faults."""
        from twin.world.faults import kinds

        told = Text.assemble("twin fault …  ", (self._note, FAINT), "\n")
        for name, kind in kinds().items():
            fields = kind.OPTIONS.model_fields.items()
            options = (f"{option}{'*' if about.is_required() else ''}" for option, about in fields)
            told.append(f"\ninject {name}", ACCENT).append(f"  {' '.join(options)}", FAINT)
        self.post_message(self.Read(told.append("\nheal ID", ACCENT).append("   list", ACCENT)))

    def on_fault_screen_read(self, event: Read) -> None:
        """List the kinds of faults."""
        self.query_one(Static).update(event.told)


class DiffScreen(ModalScreen[None]):
    """Two resources side by side: the fields that differ; a secret is in neither."""

    BINDINGS: ClassVar[list[BindingType]] = [CLOSE]
    DEFAULT_CSS = """
    DiffScreen { align: center middle; }
    DiffScreen > Scroll { width: 94%; height: auto; max-height: 90%; padding: 1 2; background: $panel; }
    """

    def __init__(self, one: Entry, other: Entry) -> None:
        super().__init__()
        self._one, self._other = one, other

    def compose(self) -> ComposeResult:
        """Make the two columns."""
        with Scroll():
            yield Static(differing(self._one, self._other))


class JumpScreen(ModalScreen[Widget]):
    """A letter over each part that can have the keyboard; the letter goes there."""

    BINDINGS: ClassVar[list[BindingType]] = [CLOSE]
    DEFAULT_CSS = """
    JumpScreen { background: transparent; }
    JumpScreen > Static {
        position: absolute; width: auto; height: 1; background: $warning; color: #000000; text-style: bold;
    }
    """

    def __init__(self, parts: Sequence[Widget]) -> None:
        super().__init__()
        self._parts = dict(zip(LETTERS, parts, strict=False))

    def compose(self) -> ComposeResult:
        """Put the letters there."""
        for letter, part in self._parts.items():
            label = Static(f" {letter} ")
            label.styles.offset = part.region.offset
            yield label

    def on_key(self, event: Key) -> None:
        """Answer."""
        if event.character in self._parts:
            event.stop()
            self.dismiss(self._parts[event.character])
        elif event.key != "escape":
            self.dismiss(None)


def differing(one: Entry, other: Entry) -> RenderableType:
    """Return the fields in which two resources differ, and how many they share."""
    left, right = ({row.name: row.value for row in rows(entry)} for entry in (one, other))
    left, right = ({"type": e.type, "state": e.state.word, **found} for e, found in ((one, left), (other, right)))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style=LOUD, expand=True)
    table.add_column("", FAINT, overflow="fold", max_width=28)
    table.add_column(one.address, overflow="fold", ratio=1)
    table.add_column(other.address, overflow="fold", ratio=1)
    alike = 0
    for name in dict.fromkeys([*left, *right]):
        if left.get(name) == right.get(name):
            alike += 1
            continue
        values = (Text(side.get(name, "(none)"), SIGNS[sign].colour)
                  for side, sign in ((left, "delete"), (right, "create")))  # fmt: skip
        table.add_row(name, *values)
    table.caption = f"{alike} fields are alike"
    return table

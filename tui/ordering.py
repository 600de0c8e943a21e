"""Asks by which column a table is sorted: a letter of its title for each; the same again turns it round."""

from collections.abc import Sequence

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Static

from tui.palette import ACCENT
from tui.prompts import CLOSE


def letters(titles: Sequence[str]) -> list[str]:
    """Return a letter for each title: its first one that no title before has taken, else one that is free."""
    found: list[str] = []
    for title in titles:
        own = [letter for letter in title.lower() if letter.isalpha()]
        free = (letter for letter in [*own, *"abcdefghijklmnopqrstuvwxyz"] if letter not in found)
        found.append(next(free))
    return found


class OrderScreen(ModalScreen[int]):
    """Answers with the column's number, -1 for the order in which the rows came."""

    BINDINGS = [CLOSE, Binding("minus", "choose(-1)", "as they came")]  # noqa: RUF012 - typed so by Textual
    DEFAULT_CSS = """
    OrderScreen { align: center middle; }
    OrderScreen > Static { width: auto; max-width: 96%; height: auto; padding: 1 2; background: $panel; }
    """

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = list(titles)
        for number, letter in enumerate(letters(titles)):
            self._bindings.bind(letter, f"choose({number})", titles[number])

    def compose(self) -> ComposeResult:
        """Make the question."""
        told = Text("Sort by   ")
        for letter, title in zip(letters(self._titles), self._titles, strict=True):
            told.append(f"{letter} ", f"bold {ACCENT}").append(f"{title or 'bar'}   ")
        told.append("- ", f"bold {ACCENT}").append("as they came   ")
        yield Static(told.append("esc ", f"bold {ACCENT}").append("as it is"))

    def action_choose(self, number: int) -> None:
        """Answer."""
        self.dismiss(number)

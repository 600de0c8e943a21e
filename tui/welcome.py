"""What a new user is told first: a handful of keys to begin with, as they are bound."""

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from textual.screen import Screen

from tui.detail import heading
from tui.palette import ACCENT, FAINT

FIRST = {
    "tree.enter": "open a part, then go on to its resources",
    "explore.filter": "narrow: lake, type:rds, state:drift",
    "everywhere.plan": "what an apply would change, and why",
    "everywhere.scenarios": "rehearse: a zone lost, a key stolen",
    "everywhere.timeline": "go back in time; every view follows",
    "everywhere.commands": "every command, by its words",
    "everywhere.help": "every key that works where you are",
}
"""By the id of an action, what one would want of it."""


def welcome(screen: Screen[object]) -> Iterator[RenderableType]:
    """Yield the keys to begin with."""
    bound = {active.binding.id: active.binding for active in reversed(screen.active_bindings.values())}
    yield heading("Begin here")
    table = Table.grid(padding=(0, 2, 0, 0))
    for name, wanted in FIRST.items():
        if name in bound:
            table.add_row(Text(screen.app.get_key_display(bound[name]), f"bold {ACCENT}"), Text(wanted, FAINT))
    yield table

"""The help: every key that works where the user is, made from the bindings themselves."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.detail import heading
from tui.keys import TEXT
from tui.org import Org
from tui.palette import ACCENT, FAINT
from tui.states import STATES

NAMES = {
    "OrgTree": "Tree",
    "Table": "Table",
    "Neighbours": "Neighbours",
    "Pane": "Details",
    "ResourcePane": "Details",
    "ExploreView": "Explore",
    "PlanView": "Plan",
    "ScenarioList": "Scenarios",
    "ScenarioView": "Scenarios",
    "EventLines": "Events",
    "TimelineView": "Timeline",
    "PathsView": "Paths",
    "CostView": "Cost",
    "EventsView": "Events",
    "TopologyView": "Topology",
    "Canvas": "Drawing",
    "Filtered": "Table",
    "Screen": "Everywhere",
    "Explorer": "Everywhere",
}


class HelpScreen(ModalScreen[None]):
    """Keys and signs, over the view that they belong to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", key_display="esc"),
        *TEXT,
    ]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 64; max-width: 94%; height: auto; max-height: 90%; padding: 0 2 1 2; background: $panel;
    }
    """

    def __init__(self, screen: Screen[object], org: Org) -> None:
        super().__init__()
        self.keys = keys_of(screen)
        self.org = org

    def compose(self) -> ComposeResult:
        """Make the text."""
        with VerticalScroll():
            yield Static(Group(*self._parts()))

    def _parts(self) -> Iterator[RenderableType]:
        for name, lines in self.keys.items():
            yield heading(name)
            yield _columns({description: " ".join(keys) for description, keys in lines.items()})
        yield heading("States")
        yield _columns({f"{state.glyph} {state.word}": state.meaning for state in STATES})
        plan = self.org.plan
        yield Text(f"\nread-only · {plan.scope.owner} on {plan.target} · plan {plan.digest[:12]}", FAINT)


def keys_of(screen: Screen[object]) -> dict[str, dict[str, list[str]]]:
    """Return, by part of the screen and by what they do, the keys that work there now."""
    found: dict[str, dict[str, list[str]]] = {}
    for active in screen.active_bindings.values():
        binding, part = active.binding, type(active.node).__name__
        if active.enabled and binding.description and not binding.system:
            lines = found.setdefault(NAMES.get(part, part), {})
            lines.setdefault(binding.description, []).append(screen.app.get_key_display(binding))
    return found


def _columns(lines: Mapping[str, str]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(width=22, overflow="fold")
    for description, keys in lines.items():
        table.add_row(Text(keys, ACCENT), description)
    return table

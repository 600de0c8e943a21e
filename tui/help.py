"""The help: every key that works where the user is, made from the bindings themselves."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import ModalScreen, Screen
from textual.widgets import Static

from tui.actions import MOVES, PLACES
from tui.detail import heading
from tui.org import Org
from tui.palette import ACCENT, FAINT
from tui.pane import Scroll
from tui.states import STATES

NAMES = {
    "OrgTree": "Tree",
    "Table": "Table",
    "Neighbours": "Neighbours",
    "Pane": "Details",
    "ResourcePane": "Details",
    "ExploreView": "Explore",
    "PlanView": "Plan",
    "ScenarioView": "Scenarios",
    "EventLines": "Events",
    "TimelineView": "Timeline",
    "PathsView": "Paths",
    "CostView": "Cost",
    "EventsView": "Log",
    "TopologyView": "Topology",
    "Canvas": "Drawing",
    "Filtered": "Table",
}
FOCUS = {"app.focus_next": "Next part", "app.focus_previous": "Part before"}
"""What Textual binds by itself and a user wants to know: how one goes from part to part of a view."""
WIDE = 100
"""Columns from which on what a key does is told in a sentence too."""


@dataclass(slots=True)
class Told:
    """An action as the help has it: its keys, its title and its sentence."""

    title: str
    help: str
    keys: list[str] = field(default_factory=list)


class HelpScreen(ModalScreen[None]):
    """Keys and signs, over the view that they belong to."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "Close", key_display="esc")]
    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > Scroll {
        width: 64; max-width: 94%; height: auto; max-height: 90%; padding: 0 2 1 2; background: $panel;
    }
    HelpScreen > .wide { width: 112; }
    """

    def __init__(self, screen: Screen[object], org: Org) -> None:
        super().__init__()
        self.keys = keys_of(screen)
        self.org = org

    def compose(self) -> ComposeResult:
        """Make the text."""
        wide = self.app.size.width >= WIDE
        with Scroll(classes="wide" if wide else ""):
            yield Static(Group(*self._parts(wide=wide)))

    def _parts(self, *, wide: bool) -> Iterator[RenderableType]:
        plan = self.org.plan
        yield Text.assemble(("esc closes", FAINT), (f"   {plan.scope.owner} on {plan.target}", FAINT))
        for name, actions in self.keys.items():
            yield heading(name)
            yield _columns((" ".join(told.keys), told.title, told.help if wide else "") for told in actions)
        yield heading("States")
        yield _columns((f"{state.glyph} {state.word}", state.meaning, "") for state in STATES)
        yield Text(f"\nread-only · plan {plan.digest[:12]}", FAINT)


def keys_of(screen: Screen[object]) -> dict[str, list[Told]]:
    """Return what can be done there now: the view's own first, then what always works, how one moves last."""
    parts: dict[str, dict[str, Told]] = {}
    moves: dict[str, dict[str, Told]] = {}
    for active in screen.active_bindings.values():
        binding = active.binding
        place = "everywhere" if binding.action in FOCUS else (binding.id or "").partition(".")[0]
        if not active.enabled or place not in PLACES:
            continue
        if place in MOVES:
            actions = moves.setdefault(NAMES[type(active.node).__name__], {})
        else:
            actions = parts.setdefault(PLACES[place], {})
        title = FOCUS.get(binding.action, binding.description)
        told = actions.setdefault(binding.action, Told(title, binding.tooltip or "To another part of the view."))
        told.keys.append(_key(screen.app, binding, told.keys))
    last = [PLACES["time"], PLACES["everywhere"]]
    found = {name: parts[name] for name in sorted(parts, key=lambda name: name in last)} | moves
    return {name: list(actions.values()) for name, actions in found.items()}


def _key(app: App[object], binding: Binding, before: list[str]) -> str:
    """Return how a key is written; a second key of an action by its own name."""
    shown = app.get_key_display(binding)
    return app.get_key_display(replace(binding, key_display=None)) if shown in before else shown


def _columns(lines: Iterable[tuple[str, str, str]]) -> Table:
    rows = list(lines)
    table = Table.grid(padding=(0, 2))
    table.add_column(width=16)
    table.add_column(width=28 if any(sentence for _, _, sentence in rows) else None)
    for keys, title, sentence in rows:
        table.add_row(Text(keys, ACCENT), title, Text(sentence, FAINT))
    return table

"""The views that there are, which of them is on the screen, and the line on top that names them."""

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

from textual.content import Content
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Static

from tui.listening import Listening
from tui.org import tally
from tui.runs import Run
from tui.travelling import KEEPS
from tui.views.scenarios import ScenarioView

VIEWS = {
    "explore": ("1 Explore", "1 Explore"),
    "plan": ("2 Plan", "2 Plan"),
    "scenarios": ("3 Scenarios", "3 Scen"),
    "timeline": ("4 Timeline", "4 Time"),
    "paths": ("5 Paths", "5 Paths"),
    "cost": ("6 Cost", "6 Cost"),
    "events": ("7 Events", "7 Events"),
    "topology": ("8 Topology", "8 Topo"),
}
"""By its id, what a view is called, and what on a narrow screen."""
NARROW = 120


@runtime_checkable
class Startable(Protocol):
    """A view: it takes the keyboard when it is shown."""

    def start(self) -> None:
        """Take the keyboard."""
        ...


class Viewing(Listening):
    """A view that reads something is made when it is shown for the first time."""

    @property
    def offered(self) -> tuple[str, ...]:
        """The views that there are: those that are always there, and those of what has a source or was recorded."""
        sources = self.sources
        there = {
            "paths": sources.reach or sources.network or self._kept_somewhere("paths"),
            "cost": sources.costs or self._kept_somewhere("cost"),
            "events": sources.events or self.runs,
            "topology": sources.network or any(run.recording is not None for run in self.runs),
        }
        return tuple(name for name in VIEWS if there.get(name, True))

    def _made(self, name: str) -> Widget:
        """Make a view when it is seen for the first time: what it needs is not imported before."""
        if name == "paths":
            from tui.views.paths import PathsView

            return PathsView(self.sources, id=name)
        if name == "cost":
            from tui.views.cost import CostView

            return CostView(self.sources, self._played, id=name)
        if name == "events":
            from tui.views.events import EventsView

            return EventsView(self.sources, id=name)
        from tui.views.topology import TopologyView

        return TopologyView(self.sources, id=name)

    def _kept_somewhere(self, view: str) -> bool:
        return any(run.holds(name) for run in self.runs for name in KEEPS[view])

    def _played(self) -> Iterator[Run]:
        """Yield the runs that are known: those that were given, and those that were played here."""
        yield from self.runs
        for runs in self.query_one(ScenarioView).runs.values():
            yield from runs

    @property
    def view(self) -> Widget:
        """The view on the screen."""
        return self.query_one(f"#{self.query_one(ContentSwitcher).current}")

    async def action_view(self, name: str) -> None:
        """Show a view and give it the keyboard; it is made when it is shown for the first time."""
        if not self.query(f"#{name}"):
            await self.query_one(ContentSwitcher).add_content(self._made(name))
        self.show(name)

    def show(self, name: str) -> None:
        """Show a view that was made, and give it the keyboard."""
        self.query_one(ContentSwitcher).current = name
        self.menu()
        self.stand()
        view = self.view
        assert isinstance(view, Startable)
        view.start()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer the views that are there."""
        return action != "view" or parameters[0] in self.offered

    def on_resize(self) -> None:
        """Write the menu anew at another width."""
        self.call_after_refresh(self.menu)

    def menu(self) -> None:
        """Write the views and what is looked at."""
        narrow = self.size.width < NARROW
        current = self.query_one(ContentSwitcher).current
        shown = [
            f"[@click=app.view('{key}')]{'[b reverse]' if key == current else '[dim]'}{pad}{names[narrow]}{pad}[/][/]"
            for pad in ("" if narrow else " ",)
            for key, names in VIEWS.items()
            if key in self.offered
        ]
        self.query_one("#views", Static).update(Content.from_markup(" ".join(shown)))
        self.query_one("#where", Static).update(self._where())

    def _where(self) -> Content:
        plan, counts = self.now.plan, tally(self.now.entries.values())
        if self.size.width < NARROW:
            return Content(f"{plan.scope.owner} on {plan.target}")
        states = " ".join(f"{state.glyph}{count}" for state, count in counts.items())
        return Content(f"{plan.scope.owner} on {plan.target}  {states}")

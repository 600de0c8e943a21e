"""The palette: every action that works where the user is, every resource, every scenario, found by its words."""

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.binding import Binding
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.types import IgnoreReturnCallbackType

from tui.actions import MOVES
from twin.report.query import within

if TYPE_CHECKING:
    from tui.app import Explorer

Command = tuple[str, str, IgnoreReturnCallbackType]
"""What it is called, what it does in words, and the function."""


def _rank(binding: Binding) -> int:
    """Return where an action stands: the view's own first, how one moves last."""
    place = (binding.id or "").partition(".")[0]
    return 2 if place in MOVES else 1 if place in ("everywhere", "time") else 0


class Commands(Provider):
    """Bindings first, from the same registry as keys and help; then the resources and scenarios to go to."""

    @property
    def explorer(self) -> "Explorer":
        """The application."""
        from tui.app import Explorer

        assert isinstance(self.app, Explorer)
        return self.app

    def _actions(self) -> Iterator[Command]:
        seen = set()
        for active in sorted(self.screen.active_bindings.values(), key=lambda one: _rank(one.binding)):
            binding = active.binding
            if active.enabled and binding.id and binding.description not in seen:
                seen.add(binding.description)
                key = self.app.get_key_display(binding)
                run = partial(self.app.run_action, binding.action, active.node)
                yield binding.description, f"key {key}   {binding.tooltip}", run

    def _places(self) -> Iterator[Command]:
        app = self.explorer
        for item in app.scenarios:
            yield f"scenario {item.id}  {item.title}", "show it", partial(app.show_scenario, item.id)
        for entry in app.org.entries.values():
            yield entry.key, entry.state.word, partial(app.show_resource, entry.key)

    async def discover(self) -> Hits:
        """Yield what can be done here, before a word is typed."""
        for name, told, run in self._actions():
            yield DiscoveryHit(name, run, help=told)

    async def search(self, query: str) -> Hits:
        """Yield what matches the words."""
        matcher = self.matcher(query)
        letters = query.lower().replace(" ", "")
        for name, told, run in (*self._actions(), *self._places()):
            if not within(letters, name.lower()):
                continue  # the matcher, which also rates, takes a tenth of a second for ten thousand resources
            score = matcher.match(name)
            if score > 0:
                yield Hit(score, matcher.highlight(name), run, help=told)

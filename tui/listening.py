"""Looks at the target again when asked, and listens to a running twin, so that the views move with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from textual import work
from textual.message import Message

from tui.org import Org
from tui.travelling import Travelling
from twin.engine.plan import Plan
from twin.errors import TwinError
from twin.scenario.recording.ledger import Texts

EVERY = 2.0
"""Seconds between two questions whether anything happened on the running twin."""
Pulse = Callable[[], tuple[float, Sequence[Mapping[str, Any]]]]
"""Returns the instant, and what happened since it was asked last."""


@runtime_checkable
class Outdated(Protocol):
    """A view that asks the target, which may answer otherwise by now."""

    def outdated(self, *, seen: bool) -> None:
        """Ask again, where the target as it is now is shown; when the view is not seen, later."""
        ...


class Listening(Travelling):
    """What is heard grows the session's recording, through which the cursor goes as through any other."""

    references: Mapping[str, list[tuple[str, str]]]
    listening: bool = False

    def menu(self) -> None:
        """Write the line on top anew."""
        raise NotImplementedError

    class Looked(Message):
        """The target was looked at again, because somebody asked for that or because of what was done to it."""

        def __init__(self, plan: Plan, *, asked: bool) -> None:
            self.plan, self.asked = plan, asked
            super().__init__()

    def action_look(self) -> None:
        """Look at the target again, and say so."""
        self.look_again(asked=True)

    def look_again(self, *, asked: bool) -> None:
        """Look at the target; say so afterwards only to who asked for it."""
        if self.look is None:
            self.notify("what was saved does not change", severity="warning")
        else:
            self._look(self.look, asked=asked)

    @work(thread=True, exclusive=True, group="look")
    def _look(self, look: Callable[[], Plan], *, asked: bool) -> None:
        try:
            self.post_message(self.Looked(look(), asked=asked))
        except TwinError as error:
            self.call_from_thread(self.notify, str(error), severity="error", markup=False)

    def on_listening_looked(self, event: Looked) -> None:
        """Show the target as it is by now, where the views show it."""
        self.now = Org.joined(event.plan, self.references)
        self.stand()
        self.menu()
        if event.asked:
            self.notify("looked at the target again")

    class Heard(Message):
        """Something happened on the running twin: when, the lines of its journal, and how the org stands since.

        Where it could not be read, `plan` is None and `why` says so.
        """

        def __init__(
            self, t: float, lines: Sequence[Mapping[str, Any]], plan: Plan | None, *,
            ledgers: Mapping[str, Texts] | None = None, why: str = "",
        ) -> None:  # fmt: skip
            self.t, self.lines, self.plan, self.ledgers, self.why = t, lines, plan, ledgers or {}, why
            super().__init__()

    def listen(self, pulse: Pulse) -> None:
        """Ask whether anything happened, unless an answer is still awaited."""
        if not self.listening:
            self.listening = True
            self._listen(pulse)

    @work(thread=True, group="pulse")
    def _listen(self, pulse: Pulse) -> None:
        try:
            t, lines = pulse()
            recording = self.session.recording
            first = self.sources.ledgers is not None and recording is not None and not recording.ledgers
            if lines or first:
                self.post_message(self._heard(t, lines))
        except TwinError:
            return  # a twin that is gone is told of by whatever needs it next
        finally:
            self.listening = False

    def _heard(self, t: float, lines: Sequence[Mapping[str, Any]]) -> Heard:
        """Read how the org stands since; what happened is told even if it cannot be read."""
        try:
            plan = self.look() if self.look is not None and lines else None
            ledgers = self.sources.ledgers() if self.sources.ledgers is not None else None
        except TwinError as error:
            return self.Heard(t, lines, None, why=str(error))
        return self.Heard(t, lines, plan, ledgers=ledgers)

    def on_listening_heard(self, event: Heard) -> None:
        """Have the views move with the running twin, and the timeline remember."""
        recording = self.session.recording
        assert recording is not None
        for line in event.lines:
            self.session.feed(line)
        if event.why:
            self.notify(event.why, severity="error", markup=False)
        if event.plan is not None:
            recording.look(event.t, event.plan)
            self.now = Org.joined(event.plan, self.references)
        for name, texts in event.ledgers.items():
            ledger = recording.ledger(name)
            delta = ledger.difference(texts)
            if delta is not None:
                ledger.take(event.t if ledger.times else 0.0, delta)
        for cost in self.query("#cost"):
            assert isinstance(cost, Outdated)
            cost.outdated(seen=self.view is cost)
        self.menu()
        if self.timeline.run is self.session:
            self.timeline.grown()
        self.stand()

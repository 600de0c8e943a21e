"""A view that follows the cursor in time: it shows an instant once the cursor stands still, or once it is seen."""

from textual.containers import Vertical
from textual.timer import Timer

from tui.then import PATIENCE, Then


class Still(Vertical):
    """`then` is the instant to be shown, None for the target as it is now; `settle` shows it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.then: Then | None = None
        self._patience: Timer | None = None
        self._stale = False

    def stand(self, then: Then | None, *, seen: bool) -> None:
        """Show an instant once the cursor stands still; when the view is not seen, later."""
        if then == self.then:
            return
        self.then, self._stale = then, True
        if self._patience is not None:
            self._patience.stop()
        if seen:
            self._patience = self.set_timer(PATIENCE, self.catch_up)

    def catch_up(self) -> bool:
        """Show the instant where another one is shown; tells whether it was."""
        stale, self._stale = self._stale, False
        if stale:
            self.settle()
        return stale

    def settle(self) -> None:
        """Show the instant."""
        raise NotImplementedError

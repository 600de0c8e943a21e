"""Lets a served world live in real time: what is due happens though nobody calls."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)
EVERY = 0.25


class Ticker:
    """A thread that settles a world every so many seconds, from entering the context to leaving it."""

    def __init__(self, settle: Callable[[], None], *, every: float = EVERY) -> None:
        self._settle, self._every = settle, every
        self._ended = Event()
        self._last = ""
        self._thread = Thread(target=self._run, name="twin-ticker", daemon=True)

    def _run(self) -> None:
        while not self._ended.wait(self._every):
            try:
                self._settle()
            except Exception as failure:
                # A failure that lasts is told once, not four times a second.
                if repr(failure) != self._last:
                    log.exception("the world failed at what it does by itself")
                self._last = repr(failure)
            else:
                self._last = ""

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()

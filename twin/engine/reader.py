"""Runs the reads of one refresh: side by side where the target allows it, equal calls once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import BoundedSemaphore, Lock
from typing import Any

from twin.resources.call import Call, Steps, drive
from twin.resources.transport import System


class Reader:
    """Runs the reads of one refresh, side by side where the target allows it; equal calls are sent once.

    However many types and objects are read at once, no more calls are under way than `concurrency`.
    """

    def __init__(self, systems: Mapping[str, System], concurrency: int = 1) -> None:
        self.systems = systems
        self.concurrency = concurrency
        self._replies: dict[str, Future[Any]] = {}
        self._lock = Lock()
        self._free = BoundedSemaphore(concurrency)

    def run(self, steps: Steps[Any]) -> Any:
        """Drive a read to its end and return its result."""
        return drive(steps, self._reply, self._side_by_side)

    def _side_by_side(self, parts: tuple[Steps[Any], ...]) -> list[Any]:
        if self.concurrency == 1 or len(parts) < 2:
            return [self.run(part) for part in parts]
        with ThreadPoolExecutor(self.concurrency) as pool:
            return list(pool.map(self.run, parts))

    def run_all(self, reads: Iterable[Steps[Any]]) -> Iterator[Callable[[], Any]]:
        """Drive several reads; yields a function for each, in order, that returns its result or raises its refusal."""
        if self.concurrency == 1:
            yield from (partial(self.run, steps) for steps in reads)
            return
        with ThreadPoolExecutor(self.concurrency) as pool:
            yield from [pool.submit(self.run, steps).result for steps in reads]

    def _reply(self, call: Call) -> Any:
        mine: Future[Any] = Future()
        with self._lock:
            reply = self._replies.setdefault(call.key, mine)
        if reply is mine:
            try:
                with self._free:
                    reply.set_result(self.systems[call.system].execute(call))
            except BaseException as error:
                reply.set_exception(error)
        return reply.result()

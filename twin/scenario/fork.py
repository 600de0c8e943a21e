"""Runs functions in copies of this process, so that what each does to the world happens to nobody else."""

import gc
import os
import pickle
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn, Self, TypeVar

Result = TypeVar("Result")
SELDOM = 50_000
"""How many objects come before a copy looks for what nobody needs any more."""
_LEAVING: deque[int] = deque()
"""Copies that have told what they found out: the system takes their memory apart while their parent goes on."""
os.register_at_fork(after_in_child=_LEAVING.clear)


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    reader: int


class Forks:
    """Copies of this process at work; as many run at once as there are cores. Use it in a `with`."""

    def __init__(self, at_once: int | None = None) -> None:
        self._room = at_once or os.cpu_count() or 1
        self._running: deque[_Child] = deque()
        self._done: deque[Any] = deque()
        self._writer: int | None = None
        self._collects = gc.get_threshold()

    def split(self) -> bool:
        """Go on twice: True in the copy, which ends with `tell`; False here, after the oldest where no core is free."""
        if len(self._running) >= self._room:
            self._done.append(_result(self._running.popleft()))
        _see_off()
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            self._running.clear()
            self._done.clear()
            self._room = 1
            self._writer = writer
            return True
        os.close(writer)
        self._running.append(_Child(pid, reader))
        return False

    def tell(self, answer: Any, *, good: bool = True) -> NoReturn:
        """Hand over what a copy found out, and end it without the parent's clean-up."""
        assert self._writer is not None
        status = 1
        try:
            with os.fdopen(self._writer, "wb") as pipe:
                pipe.write(_pickled(answer, good=good))
            status = 0
        finally:
            os._exit(status)

    def start(self, work: Callable[[], Any]) -> None:
        """Begin some work in a copy."""
        if self.split():
            self.finish(work)

    def finish(self, work: Callable[[], Any]) -> NoReturn:
        """Do the last work of a copy, and hand over what it returns or raises."""
        try:
            answer, good = work(), True
        except BaseException as error:
            answer, good = error, False
        self.tell(answer, good=good)

    def finished(self) -> Iterator[Any]:
        """Yield what has been waited for already, in the order of the starts; what one raised is raised here."""
        while self._done:
            yield self._done.popleft()

    def rest(self) -> Iterator[Any]:
        """Wait for all that run, and yield everything that was not yielded yet."""
        yield from self.finished()
        while self._running:
            yield _result(self._running.popleft())

    def __enter__(self) -> Self:
        # What there is stays out of collections, which would write to every page that the copies share; and what a copy
        # makes anew is mostly kept, so that it is seldom worth a look.
        gc.freeze()
        gc.set_threshold(SELDOM, *self._collects[1:])
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._writer is not None:
            self.tell(error or RuntimeError("a copy came to its end without an answer"), good=False)
        gc.set_threshold(*self._collects)
        gc.unfreeze()
        for child in self._running:
            if error is not None:
                os.kill(child.pid, signal.SIGKILL)  # nobody hears any more what it finds out
            os.close(child.reader)
            os.waitpid(child.pid, 0)


def _see_off() -> None:
    """Let go of the copies that are gone.

    Each is taken out while it is asked for, so that no other thread asks too; a lock would stay closed in a copy that
    is made meanwhile.
    """
    for _ in range(len(_LEAVING)):
        try:
            pid = _LEAVING.popleft()
        except IndexError:
            return  # another thread has the rest
        if os.waitpid(pid, os.WNOHANG)[0] == 0:
            _LEAVING.append(pid)


def in_forks(works: Iterable[Callable[[], Result]], at_once: int | None = None) -> Iterator[Result]:
    """Yield what each function returns in a process of its own, in their order; what one raises is raised here.

    As many run at once as there are cores.
    """
    with Forks(at_once) as forks:
        for work in works:
            forks.start(work)
            yield from forks.finished()
        yield from forks.rest()


def _pickled(answer: Any, *, good: bool) -> bytes:
    try:
        return pickle.dumps((good, answer))
    except Exception as error:
        return pickle.dumps((False, RuntimeError(f"what a copy found out cannot be handed over: {error!r}")))


def _result(child: _Child) -> Any:
    with os.fdopen(child.reader, "rb") as pipe:
        answer = pipe.read()
    _LEAVING.append(child.pid)
    if not answer:
        raise RuntimeError("a forked run ended without an answer")
    good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if not good:
        raise value
    return value

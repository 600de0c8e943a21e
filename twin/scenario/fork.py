"""Runs functions in copies of this process, so that what each does to the world happens to nobody else."""

import gc
import os
import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class _Child:
    pid: int
    reader: int


def in_forks(works: Iterable[Callable[[], Result]], at_once: int | None = None) -> Iterator[Result]:
    """Yield what each function returns in a process of its own, in their order; what one raises is raised here.

    As many run at once as there are cores.
    """
    room = at_once or os.cpu_count() or 1
    running: deque[_Child] = deque()
    # What there is stays out of collections, which would write to every page that the copies share.
    gc.freeze()
    try:
        for work in works:
            if len(running) >= room:
                yield _result(running.popleft())
            running.append(_start(work))
        while running:
            yield _result(running.popleft())
    finally:
        gc.unfreeze()
        for child in running:
            os.close(child.reader)
            os.waitpid(child.pid, 0)


def _start(work: Callable[[], Any]) -> _Child:
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        _answer(work, writer)
    os.close(writer)
    return _Child(pid, reader)


def _result(child: _Child) -> Any:
    with os.fdopen(child.reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child.pid, 0)
    if not answer:
        raise RuntimeError("a forked run ended without an answer")
    good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if not good:
        raise value
    return value


def _answer(work: Callable[[], Any], writer: int) -> None:
    """Write the result to the pipe and end the process without the parent's clean-up."""
    status = 1
    try:
        try:
            answer = pickle.dumps((True, work()))
        except BaseException as error:
            answer = pickle.dumps((False, error))
        with os.fdopen(writer, "wb") as pipe:
            pipe.write(answer)
        status = 0
    finally:
        os._exit(status)

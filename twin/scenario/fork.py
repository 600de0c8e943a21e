"""Runs a function in a copy of this process, so that what it does to the world happens to nobody else."""

import os
import pickle
from collections.abc import Callable
from typing import Any, TypeVar

Result = TypeVar("Result")


def in_fork(work: Callable[[], Result]) -> Result:
    """Return what `work` returns in a forked process; what it raises is raised here."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _answer(work, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    if not answer:
        raise RuntimeError("the forked run ended without an answer")
    good, value = pickle.loads(answer)  # noqa: S301 - written by our own child
    if not good:
        raise value
    result: Result = value
    return result


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

"""Who carries out the calls of a plan: threads, or the caller itself where a target takes one call at a time."""

from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any


class _Inline(Executor):
    """Runs what is submitted at once: the embedded store takes one call at a time anyway."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run `fn` and return its future, done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def pool_of(concurrency: int) -> Executor:
    """Return who takes this many calls at once."""
    return _Inline() if concurrency == 1 else ThreadPoolExecutor(max_workers=concurrency)

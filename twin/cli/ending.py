"""Ends a twin that runs in a process of its own."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from twin.engine.process import alive
from twin.engine.workspace import Served, Workspace
from twin.errors import Interrupted, TargetError

SECONDS = 10


def end(home: Workspace, served: Served) -> None:
    """End a running twin and forget what was on it; TargetError when it does not end."""
    os.kill(served.pid, signal.SIGTERM)
    for _ in range(SECONDS * 20):
        if _reaped(served.pid) or not alive(served.pid):
            home.forget_twin()
            return
        time.sleep(0.05)
    raise TargetError(f"the twin (pid {served.pid}) does not end; its log is {home.log_file}")


def _reaped(pid: int) -> bool:
    """Let go of a process that we started ourselves: until then it seems to live."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return False


@contextmanager
def ended_unless_told(home: Workspace, served: Served) -> Iterator[None]:
    """End a twin that was just started when what follows breaks off: nobody was told of it."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt):
        end(home, served)
        raise Interrupted("stopped; the twin that was started for it has ended") from None
    except BaseException:
        end(home, served)
        raise

"""Copies of this process hand over what they find, and are let go of."""

import os
from threading import Thread

import pytest

from twin.scenario.fork import in_forks


def test_a_copy_is_let_go_of_when_the_next_begins():
    """Its parent goes on at once, and keeps nothing of it for long."""
    (pid,) = in_forks([os.getpid])
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    (after,) = in_forks([os.getpid])
    assert pid != after
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_a_copy_has_no_copies_to_wait_for():
    """Those of its parent are not its own: it may make others, and each tells what it found."""
    (first,) = in_forks([os.getpid])

    def work() -> tuple[int, list[int]]:
        return os.getpid(), list(in_forks([os.getppid]))

    ((pid, parents),) = in_forks([work])
    assert first != pid
    assert parents == [pid]


def test_two_threads_let_go_of_a_copy_once(monkeypatch):
    """While one asks whether a copy is gone, another makes its own: nobody asks for what the other lets go of."""
    (left,) = in_forks([os.getpid])
    os.waitid(os.P_PID, left, os.WEXITED | os.WNOWAIT)
    told, wait = [], os.waitpid

    def meanwhile(pid, options):
        if pid == left:
            monkeypatch.setattr(os, "waitpid", wait)
            other = Thread(target=lambda: told.extend(in_forks([lambda: "other"])))
            other.start()
            other.join()
        return wait(pid, options)

    monkeypatch.setattr(os, "waitpid", meanwhile)
    assert [*in_forks([lambda: "one"]), *told] == ["one", "other"]

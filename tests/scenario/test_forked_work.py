"""Copies of this process hand over what they find, and are let go of."""

import os

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

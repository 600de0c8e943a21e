"""Copies of this process hand over what they find, and are let go of."""

import os

import pytest

from twin.scenario.fork import in_forks


def test_a_copy_is_let_go_of_when_the_next_begins():
    """Its parent goes on at once, and keeps nothing of it for long."""
    first, second, third = (list(in_forks([os.getpid], 1))[0] for _ in range(3))
    assert len({first, second, third}) == 3
    list(in_forks([os.getpid, os.getpid], 1))
    for pid in (first, second):
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_a_copy_has_no_copies_to_wait_for():
    """Those of its parent are not its own: it may make others, and each tells what it found."""
    list(in_forks([os.getpid]))
    assert list(in_forks([lambda: list(in_forks([os.getppid]))[0] == os.getpid()])) == [True]

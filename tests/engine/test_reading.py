"""Reads of one refresh go side by side where the target allows it, and equal calls are sent once."""

from threading import Barrier

import pytest

from twin.engine.refresh import Reader
from twin.resources.call import Refused, aws


class Slow:
    """A system whose calls end only when as many are under way as expected."""

    def __init__(self, together=1, refuses=()):
        self.calls, self.barrier, self.refuses = 0, Barrier(together, timeout=5), refuses

    def execute(self, call):
        self.calls += 1
        self.barrier.wait()
        if call.operation in self.refuses:
            raise Refused(call, "AccessDenied", "no", status=403)
        return call.operation


def read(*operations):
    """Return a read that makes some calls and returns their replies."""
    replies = []
    for operation in operations:
        replies.append((yield aws("ec2", operation)))  # noqa: PERF401 - a comprehension cannot yield
    return replies


def test_reads_go_side_by_side():
    """Two calls that wait for each other both end; results keep their order."""
    reader = Reader({"aws": Slow(together=2)}, concurrency=2)
    assert [result() for result in reader.run_all([read("A"), read("B")])] == [["A"], ["B"]]


def test_equal_calls_are_sent_once():
    """Whoever asks first sends; the others get the same reply."""
    system = Slow()
    reader = Reader({"aws": system}, concurrency=4)
    assert [result() for result in reader.run_all([read("A", "B"), read("A"), read("B")])] == [["A", "B"], ["A"], ["B"]]
    assert system.calls == 2


@pytest.mark.parametrize("concurrency", [1, 3])
def test_refusal_reaches_everybody_who_asked(concurrency):
    """One read that is refused takes none of the others with it."""
    reader = Reader({"aws": Slow(refuses={"A"})}, concurrency)
    first, second, third = reader.run_all([read("A"), read("B"), read("A")])
    with pytest.raises(Refused):
        first()
    assert second() == ["B"]
    with pytest.raises(Refused):
        third()

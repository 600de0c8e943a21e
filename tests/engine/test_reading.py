"""Reads of one refresh go side by side where the target allows it, and equal calls are sent once."""

from dataclasses import replace
from threading import Barrier, Lock
from time import sleep

import pytest
from rig import Rig, desired

from twin.address import Address
from twin.engine.reader import Reader
from twin.resources.aws.kms import Key
from twin.resources.aws.sns import Topic
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import Vpc
from twin.resources.call import Refused, aws, placed, together


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


def several(*parts):
    """Return a read of things that do not need one another."""
    return (yield from together(read(*part) for part in parts))


def test_parts_of_one_read_go_side_by_side():
    """A type whose objects are read one by one does not wait for each; results keep their order."""
    reader = Reader({"aws": Slow(together=2)}, concurrency=2)
    assert reader.run(several(["A", "B"], ["C", "D"])) == [["A", "B"], ["C", "D"]]


def test_parts_of_one_read_go_in_turn_where_one_call_is_allowed():
    """An embedded world sees each part to its end before the next, as it always did."""
    system = Slow()
    sent, execute = [], system.execute
    system.execute = lambda call: (sent.append(call.operation), execute(call))[1]
    assert Reader({"aws": system}).run(several(["A", "B"], ["C"])) == [["A", "B"], ["C"]]
    assert sent == ["A", "B", "C"]


def test_no_more_calls_are_under_way_than_allowed():
    """Types side by side, each with parts side by side, share the target's limit."""
    under_way, most, lock = [], [], Lock()

    class Counting:
        calls = 0

        def execute(self, call):
            with lock:
                under_way.append(call)
                most.append(len(under_way))
            sleep(0.002)
            with lock:
                under_way.remove(call)

    reads = [several(*([f"{kind}{n}"] for n in range(6))) for kind in "ABC"]
    for result in Reader({"aws": Counting()}, concurrency=3).run_all(reads):
        result()
    assert max(most) == 3


@pytest.mark.parametrize("concurrency", [1, 3])
def test_refusal_of_a_part_reaches_the_read(concurrency):
    """Whoever asked for the parts may handle it, as with any call."""

    def handled():
        try:
            yield from several(["B"], ["A"])
        except Refused as refused:
            return refused.code

    assert Reader({"aws": Slow(refuses={"A"})}, concurrency).run(handled()) == "AccessDenied"


def test_parts_go_to_the_region_of_their_read():
    """What a read in another Region asks for side by side is asked there too."""
    regions = []

    class There:
        calls = 0

        def execute(self, call):
            regions.append(call.region)

    Reader({"aws": There()}, concurrency=2).run(placed(several(["A"], ["B"]), "eu-west-1"))
    assert regions == ["eu-west-1", "eu-west-1"]


@pytest.mark.parametrize("concurrency", [1, 3])
def test_what_needs_no_other_read_does_not_wait_for_one(tmp_path, concurrency):
    """Where more than one call may be under way the longest read begins first, whatever refers to what."""
    rig = Rig(tmp_path)
    topics = {f"topic_{n}": Topic(name=f"topic-{n}") for n in range(4)}
    wanted = desired(key=Key(description="data"), vpc=Vpc(cidr_block="10.0.0.0/16"), **topics)
    vpc = wanted.declarations[Address("aws.ec2.vpc", "vpc")]
    wanted.add("inner", Subnet(vpc=vpc.ref("id"), cidr_block="10.0.0.0/24", availability_zone="us-east-1a"), ())
    rig.carry_out(rig.plan(wanted).plan)
    started, lock, execute = [], Lock(), rig.aws.execute

    class InTurn:
        calls = 0

        def execute(self, call):
            with lock:
                started.append(call.operation)
                return execute(call)

    rig.target = replace(rig.target, systems={**rig.target.systems, "aws": InTurn()}, concurrency=concurrency)
    assert {change.action for change in rig.plan(wanted).plan.changes} == {"no-op"}
    last_of_first_layer = max(started.index("DescribeVpcs"), started.index("DescribeKey"))
    assert (started.index("ListTopics") < last_of_first_layer) is (concurrency > 1)
    assert started.index("DescribeSubnets") > started.index("DescribeVpcs")

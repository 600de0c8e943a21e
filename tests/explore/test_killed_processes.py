"""Processes that are killed while they apply to a served twin: the system gives back their locks, nobody cleans up."""

import os
import signal
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from twin.blueprints.compile import compile_spec
from twin.clock import VirtualClock
from twin.engine import connect
from twin.engine.apply import Applier, Means
from twin.engine.state import State, Store
from twin.explore.course import Course, writes
from twin.resources.aws import vpc
from twin.resources.aws.ec2 import tag_specification
from twin.scenario.embedded import endpoints, make_world
from twin.scenario.rehearsal import target_of
from twin.scenario.timeline import START
from twin.spec.load import parse
from twin.world.server import serve

SPEC = b"""\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme, region: us-east-1}
resources:
  aws.ec2.vpc: {main: {cidr_block: 10.0.0.0/16, dns_hostnames: true}}
  aws.ec2.internet_gateway: {main: {vpc: "${aws.ec2.vpc.main.id}"}}
  aws.s3.bucket: {lake: {bucket: acme-lake, versioning: true}}
"""
KILLS = ((1, "after"), (1, "before"), (2, "after"))


@dataclass
class Deadly:
    """A system whose process is killed at one of its writes."""

    system: Any
    left: list[int]
    when: str

    def execute(self, call):
        """Send a call, unless this is where it ends."""
        if not writes(call):
            return self.system.execute(call)
        self.left[0] -= 1
        if self.left[0]:
            return self.system.execute(call)
        if self.when == "after":
            self.system.execute(call)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("the process outlived its end")


def applier(course, keys, folder, kill):
    """Start a process that waits for the twin's address and is killed at a write; returns it and where it waits."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid:
        os.close(reader)
        return pid, writer
    try:
        target = connect.twin(course.target.scope, replace(keys, url=os.read(reader, 200).decode()))
        number, when = [kill[0]], kill[1]
        deadly = {name: Deadly(system, number, when) for name, system in target.systems.items()}
        store = Store(folder)
        plan = course.plan(store, target)
        Applier(plan, replace(target, systems=deadly), store, Means(lambda _: None, course.read_secret)).run()
    finally:
        os._exit(0)


@pytest.fixture
def killed(tmp_path):
    """Give a function that kills appliers one after the other, and lets one of this process mend it."""
    desired, scope = compile_spec(parse(SPEC, Path("spec.yaml"), environ={}))
    world = make_world(scope, seed=1, clock=VirtualClock(START))
    keys = replace(endpoints(world), handle=None, place=None)
    course = Course(desired, target_of(world, scope), lambda source: source, "apply", world)

    def kill_and_mend(kills):
        folder = tmp_path / "state"
        Store(folder).save(State())  # with a state nobody looks for us in every type
        course.plan(Store(folder))  # loads what each process would load for itself
        processes = [applier(course, keys, folder, kill) for kill in kills]  # before there are threads
        ends = []
        with serve(world.handle) as server:
            for pid, writer in processes:
                os.write(writer, server.url.encode())
                os.close(writer)
                ends.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        store = Store(folder)
        means = Means(lambda _: None, course.read_secret)
        outcome = Applier(course.plan(store), course.target, store, means).run()
        return ends, outcome, course.plan(store, every_type=True)

    yield kill_and_mend
    world.close()


def test_killed_appliers_leave_nothing_that_the_next_one_does_not_mend(killed):
    """Three processes are killed in a row at their first or second write; the fourth one carries it to the end."""
    ends, outcome, again = killed(KILLS)
    assert ends == [-signal.SIGKILL] * len(KILLS)
    assert (outcome.failed, outcome.skipped) == ({}, {})
    assert again.pending == ()
    assert again.unmanaged == ()


def test_what_killed_appliers_leave_without_an_owner_stays(killed, monkeypatch):
    """A VPC that does not tell whose it is, made by a call whose reply nobody noted, belongs to nobody."""

    def anonymous(type_, scope, address, tags):
        (told,) = tag_specification(type_, scope, address, tags)
        return [{**told, "Tags": [tag for tag in told["Tags"] if not tag["Key"].startswith("twin")]}]

    monkeypatch.setattr(vpc, "tag_specification", anonymous)
    assert {one.type for one in killed(KILLS[:1])[2].unmanaged} == {"aws.ec2.vpc"}

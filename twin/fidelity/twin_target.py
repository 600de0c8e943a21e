"""Runs probes on the embedded twin, each on a world of its own, in forks side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from zlib import crc32

from twin.clock import VirtualClock
from twin.engine import connect
from twin.engine.target import Target
from twin.fidelity.probe import Probe
from twin.fidelity.run import Finding, run
from twin.resources.aws.api import AwsSystem
from twin.resources.scope import Scope
from twin.scenario.embedded import endpoints
from twin.scenario.fork import in_forks
from twin.wire import Request, Response
from twin.world.world import World

START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
ACCOUNTS = ("123456789012", "210987654321")
SHARE = 12
"""How many probes one fork runs."""


def run_on_twin(chosen: Iterable[Probe], *, seed: int = 0) -> Iterator[Finding]:
    """Yield what each probe finds on a new world of the seed, in their order."""
    ordered = list(chosen)
    bench = _Bench(seed)
    bench.prepare(ordered)
    shares = [ordered[at : at + SHARE] for at in range(0, len(ordered), SHARE)]
    for findings in in_forks(partial(bench.run_all, share) for share in shares):
        yield from findings


class _Bench:
    """The clients of one process, mounted on whichever world was made last: clients are costly, worlds are not."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.world = World(seed, VirtualClock(START), accounts=ACCOUNTS)
        self.target = self._target()

    def _target(self) -> Target:
        scope = Scope("probe", "probe", ACCOUNTS[0], okta_url=self.world.okta.url)
        way = replace(endpoints(self.world), handle=self._handle, place=lambda: len(self.world.evidence))
        return connect.twin(scope, way)

    def _handle(self, request: Request) -> Response:
        return self.world.handle(request)

    def prepare(self, chosen: Iterable[Probe]) -> None:
        """Make the clients that the probes use before the process forks."""
        aws = self.target.systems["aws"]
        assert isinstance(aws, AwsSystem)
        for service in sorted({step.service for probe in chosen for step in probe.steps if step.service}):
            aws.client(service)

    def run_all(self, chosen: list[Probe]) -> list[Finding]:
        """Run probes one after the other, each on a new world."""
        return [self._run(probe) for probe in chosen]

    def _run(self, probe: Probe) -> Finding:
        clock = VirtualClock(START)
        self.world = world = World(self.seed, clock, accounts=ACCOUNTS, provisioning=probe.provisioning)

        def pass_(seconds: float) -> None:
            clock.advance(seconds)
            world.settle()

        unique = f"p{crc32(f'{probe.area}/{probe.name}'.encode()):08x}"
        return run(probe, self.target.systems, unique=unique, pass_=pass_)

"""Runs probes on any target that is there already, one after the other; what a probe made is left behind."""

from collections.abc import Iterable, Iterator
from zlib import crc32

from twin.engine.target import Target
from twin.fidelity.probe import Probe
from twin.fidelity.run import Finding, run


def run_on_target(chosen: Iterable[Probe], target: Target, *, salt: str) -> Iterator[Finding]:
    """Yield what each probe finds; the target's time cannot be moved, so those that wait are untested.

    `salt` makes the names of this run its own, since the objects of an earlier run may still be there.
    """
    for probe in chosen:
        unique = f"p{crc32(f'{salt}/{probe.area}/{probe.name}'.encode()):08x}"
        yield run(probe, target.systems, unique=unique, pass_=None)

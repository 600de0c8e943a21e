"""What a run recorded, read from the copies that nobody in the org can reach, whatever became of its own logs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from twin.observe.happenings import Happening, Logs, Wanted, happenings, of_cloudflare, of_okta, of_trail, oldest_first

if TYPE_CHECKING:
    from twin.scenario.rehearsal import Rehearsal
    from twin.world.world import World

ALL = 1_000_000
"""More findings, alarms and flows than a run has."""
AUDIT_LOG = "audit_logs"


@dataclass(frozen=True, slots=True)
class Witness:
    """Who is told what one run recorded, the scenario's own or a variant's, once it is over; the newest first."""

    variant: str | None
    tell: Callable[[Sequence[Happening]], None]


def listen(variant: str | None, rehearsal: "Rehearsal") -> Callable[[], None]:
    """Begin to listen; what is returned tells what was recorded since, to whom it is to be told."""
    witness, world = rehearsal.witness, rehearsal.world
    if witness is None or witness.variant != variant:
        return lambda: None
    calls, vendor_calls, began = len(world.evidence), len(world.vendors.evidence), rehearsal.timeline.now()

    def told() -> None:
        logs = Logs(rehearsal.target.systems, (world.region,))
        # Read first, since to ask is a call that would be recorded too.
        held = [*_aws(world, calls), *_vendors(world, vendor_calls)]
        found = happenings(logs, Wanted(("guardduty", "alarms", "flows"), began, ALL))
        witness.tell(oldest_first([*found.events, *reversed(held)])[::-1])

    return told


def _aws(world: "World", start: int) -> Iterator[Happening]:
    """Yield the calls that CloudTrail has events of, of every account."""
    for entry in world.evidence.calls(start):
        if entry.recordable:
            yield of_trail(world.evidence.event(entry.number))


def _vendors(world: "World", start: int) -> Iterator[Happening]:
    for vendor, log, event in world.vendors.evidence.since(start):
        if vendor == "okta":
            yield of_okta(event)
        elif (vendor, log) == ("cloudflare", AUDIT_LOG):
            yield of_cloudflare(event)

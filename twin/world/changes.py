"""The calls that changed how an org is configured, for a view that follows a running twin."""

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from twin.world.planes import changes_configuration

if TYPE_CHECKING:
    from twin.world.world import World

MOST = 1000
"""How many calls of each kind are told at once; a view that asks every two seconds misses none."""


def changes(world: "World", calls: int, vendor_calls: int) -> list[dict[str, Any]]:
    """Return what changed anything after so many AWS calls and so many of the SaaS vendors, in order of time."""
    return sorted([*_aws(world, calls), *_vendors(world, vendor_calls)], key=lambda one: str(one["time"]))


def _aws(world: "World", calls: int) -> Iterator[dict[str, Any]]:
    trail = world.gateway.trail
    new = min(max(trail.calls - calls, 0), MOST)
    for one in reversed(list(islice(reversed(trail.recorded), new))):
        if one.status < 400 and changes_configuration(one.service, one.operation):
            by = one.principal.arn.rpartition(":")[2] if one.principal is not None else "nobody"
            yield {"time": one.time.isoformat(), "by": by, "call": f"{one.service}:{one.operation}",
                   "account": one.account, "region": one.region}  # fmt: skip


def _vendors(world: "World", calls: int) -> Iterator[dict[str, Any]]:
    evidence = world.vendors.evidence
    for one in evidence.calls(max(calls, len(evidence) - MOST)):
        if one.method != "GET" and one.status < 400:
            call = f"{one.vendor}: {one.operation}"
            yield {"time": one.time.isoformat(), "by": one.principal or "nobody", "call": call,
                   "account": "", "region": ""}  # fmt: skip

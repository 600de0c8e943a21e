"""The org as its endpoints tell it, read again only when a call or a happening touched what was read."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from twin.analysis.way.ground import Ground
from twin.analysis.way.present import Present
from twin.analysis.way.way import Way
from twin.observe.iam.reader import Reader
from twin.observe.network_reading import MOVING, READS, read_health, read_network
from twin.observe.site import Site, read_databases, read_site, targets_of
from twin.observe.snapshot import Item, Snapshot
from twin.observe.topology import assemble
from twin.resources.aws.api import AwsSystem
from twin.world.scene import Happening
from twin.world.stores.kms_keys import Where
from twin.world.trail.facts import read_only
from twin.world.trail.vendor_evidence import VendorWitnessed
from twin.world.world import World

Read = TypeVar("Read")
NETWORK, INSTANCES, BALANCERS, HEALTH, DATABASES, ANYTHING = "network", "instances", "balancers", "health", "rds", "any"
COME_AND_GO = frozenset({"RunInstances", "TerminateInstances", "StartInstances", "StopInstances"})
STATES = tuple(f"ec2.instance.{name}" for name in ("running", "stopped", "terminated"))
"""Happenings after which an instance is told otherwise; whether it answers is asked of the present."""
QUIET = ("rds.connections.", "trail.", "cloudwatch.", "sns.", "config.", "guardduty.")
"""Happenings that change no request's way."""


class Sight:
    """What was read, and what of it is out of date."""

    def __init__(self, world: World, system: AwsSystem, where: Where) -> None:
        self.world, self.system, self.where = world, system, where
        self._stale = {NETWORK, BALANCERS, DATABASES}
        self._seen = self._seen_elsewhere = 0
        self._network: dict[str, tuple[Item, ...]] = {}
        self._site = Site()
        self._ground: Ground | None = None
        world.scene.listeners.append(self._told)

    def _told(self, happening: Happening) -> None:
        kind = happening.kind
        if kind.startswith(QUIET):
            return
        parts = {**dict.fromkeys(STATES, INSTANCES), "elbv2.": HEALTH, "rds.": DATABASES}
        self._stale.add(next((part for start, part in parts.items() if kind.startswith(start)), ANYTHING))

    def changed(self) -> bool:
        """Tell whether a way may have changed since it was last asked for."""
        for call in self.world.evidence.calls(self._seen):
            if call.error is None and not read_only(call.service, call.operation):
                self._stale.add(_touched(call.service, call.operation))
        self._seen = len(self.world.evidence)
        vendors = self.world.vendors.evidence
        if any(_changed(call) for call in vendors.calls(self._seen_elsewhere)):
            self._stale.add(ANYTHING)
        self._seen_elsewhere = len(vendors)
        return bool(self._stale)

    def way(self, present: Present) -> Way:
        """Return the ways of the org as it is now."""
        self.changed()
        stale, self._stale = self._stale, set()
        structure = self._site
        if BALANCERS in stale:
            self._site = self._kept(read_site) or self._site
        elif DATABASES in stale or HEALTH in stale:
            self._site = self._parts(stale)
        kinds = READS if NETWORK in stale else MOVING if INSTANCES in stale else ()
        if kinds:
            found = self._kept(lambda reader: read_network(reader, kinds))
            self._network |= dict(found.items) if found is not None else {}
        moved = [(one.arn, one.zone) for one in structure.databases] != [
            (one.arn, one.zone) for one in self._site.databases
        ]
        if self._ground is None or kinds or BALANCERS in stale or moved:
            before = None if NETWORK in stale else self._ground
            topology = assemble(Snapshot(self._network))
            self._ground = Ground(topology, self._site, before)
        self._seen = len(self.world.evidence)
        return Way(self._site, self._ground, present)

    def _parts(self, stale: set[str]) -> Site:
        site = self._site
        if DATABASES in stale:
            site = replace(site, databases=self._kept(read_databases) or site.databases)
        if HEALTH in stale:
            described = self._kept(lambda reader: list(read_health(reader, site.kinds)))
            site = replace(site, targets=targets_of(described)) if described is not None else site
        return site

    def _kept(self, read: Callable[[Reader], Read]) -> Read | None:
        """Return what was read; None when the endpoints refused, so that what was known before stands."""
        reader = Reader(self.system.execute, self.where.account, self.where.region)
        found = read(reader)
        return None if reader.gaps else found


def _changed(call: VendorWitnessed) -> bool:
    """Tell whether a call may have changed where a name leads, or what the edge does."""
    return call.vendor == "cloudflare" and call.method != "GET" and not call.error


def _touched(service: str, operation: str) -> str:
    if service == "ec2":
        return INSTANCES if operation in COME_AND_GO else NETWORK
    return {"elbv2": BALANCERS, "rds": DATABASES}.get(service, ANYTHING)

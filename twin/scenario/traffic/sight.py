"""The org as its endpoints tell it, read again only when a call or a happening touched what was read."""

from collections.abc import Collection

from twin.analysis.way.ground import Ground
from twin.analysis.way.present import Present
from twin.analysis.way.way import Way
from twin.observe.reading import read_region
from twin.observe.reads import EACH, READS
from twin.observe.site import BALANCING, Site, site_of
from twin.observe.site import DATABASES as OF_DATABASES
from twin.observe.snapshot import Item, Snapshot
from twin.observe.topology import assemble
from twin.resources.aws.api import AwsSystem
from twin.world.scene import Happening
from twin.world.stores.kms_keys import Where
from twin.world.stores.moto_store import backends
from twin.world.trail.facts import read_only
from twin.world.trail.vendor_evidence import VendorWitnessed
from twin.world.world import World

NETWORK, INSTANCES, BALANCERS, HEALTH, DATABASES, ANYTHING = "network", "instances", "balancers", "health", "rds", "any"
UNDER = frozenset(one.key for one in (*READS, *EACH) if one.service == "ec2")
"""The kinds of replies that make up a network."""
PARTS = {
    NETWORK: UNDER,
    # What comes and goes with instances, their interfaces with them, while the network stays as it is.
    INSTANCES: frozenset({"Reservations"}),
    BALANCERS: frozenset(BALANCING),
    HEALTH: frozenset({"TargetHealthDescriptions"}),
    DATABASES: frozenset(OF_DATABASES),
}
COME_AND_GO = frozenset({"RunInstances", "TerminateInstances", "StartInstances", "StopInstances"})
STATES = tuple(f"ec2.instance.{name}" for name in ("running", "stopped", "terminated"))
"""Happenings after which an instance is told otherwise; whether it answers is asked of the present."""
QUIET = ("rds.connections.", "trail.", "cloudwatch.", "sns.", "config.", "guardduty.")
"""Happenings that change no request's way."""


class Sight:
    """What was read, and what of it is out of date; Regions in which load balancers stand are looked into, too."""

    def __init__(self, world: World, system: AwsSystem, where: Where) -> None:
        self.world, self.system, self.where = world, system, where
        self._stale = {NETWORK, BALANCERS, DATABASES}
        self._seen = self._seen_elsewhere = 0
        self._items: dict[str, dict[str, tuple[Item, ...]]] = {}
        self._site = Site()
        self._ground: Ground | None = None
        world.scene.listeners.append(self._told)

    def _told(self, happening: Happening) -> None:
        kind = happening.kind
        if kind.startswith(QUIET):
            return
        if kind == "region.restored":  # what happened there meanwhile was not read
            self._stale |= PARTS.keys()
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
        kinds = set().union(*(PARTS[part] for part in stale if part in PARTS))
        self._read(kinds)
        before, self._site = self._site, site_of(self._snapshot()) if kinds else self._site
        placed, old = ([(one.arn, one.zone) for one in site.databases] for site in (self._site, before))
        if self._ground is None or stale & {NETWORK, INSTANCES, BALANCERS} or placed != old:
            known = None if NETWORK in stale else self._ground
            self._ground = Ground(assemble(self._snapshot(UNDER)), self._site, known)
        self._seen = len(self.world.evidence)
        return Way(self._site, self._ground, present)

    def _regions(self) -> list[str]:
        held = backends("elbv2")[self.where.account]
        return sorted({self.where.region} | {region for region, one in held.items() if one.load_balancers})

    def _read(self, kinds: set[str]) -> None:
        """Read some kinds in each Region; where it does not answer, what was known before stands."""
        for region in self._regions() if kinds else ():
            if self.world.scene.conditions.broken("region", region):
                continue
            held = self._items.setdefault(region, {})
            wanted = kinds if held else {kind for part in PARTS.values() for kind in part}
            known = {kind: [item.data for item in items] for kind, items in held.items()}
            found = read_region(self.system.execute, self.where.account, region, kinds=wanted, known=known)
            if not found.gaps:
                read = found.snapshot()
                held |= {kind: read.of(kind) for kind in wanted}

    def _snapshot(self, kinds: Collection[str] | None = None) -> Snapshot:
        """Return what is known of all Regions."""
        found: dict[str, tuple[Item, ...]] = {}
        for held in self._items.values():
            for kind, items in held.items():
                if kinds is None or kind in kinds:
                    found[kind] = (*found.get(kind, ()), *items)
        return Snapshot(found)


def _changed(call: VendorWitnessed) -> bool:
    """Tell whether a call may have changed where a name leads, or what the edge does."""
    return call.vendor == "cloudflare" and call.method != "GET" and not call.error


def _touched(service: str, operation: str) -> str:
    if service == "ec2":
        return INSTANCES if operation in COME_AND_GO else NETWORK
    return {"elbv2": BALANCERS, "rds": DATABASES}.get(service, ANYTHING)

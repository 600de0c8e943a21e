"""The conditions of a world as requests meet them, and what clients remember of names."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from twin.analysis.way.kind import Kind
from twin.analysis.way.present import Led, Passed, Replica
from twin.scenario.traffic.passing import passed
from twin.semantics.edge.dns import ttl_of
from twin.world.behaviors.eks_pods import pods
from twin.world.behaviors.rds_reachability import reachable
from twin.world.behaviors.reachability import answering, nat_works
from twin.world.behaviors.route53_answers import answer, zone_of
from twin.world.edge.edge import Edge
from twin.world.refusals import Refusal
from twin.world.refusals.encrypted_objects import usable
from twin.world.scene import Scene
from twin.world.stores.kms_keys import Where
from twin.world.stores.moto_store import backends, find_bucket

ADDRESSES = ("A", "AAAA", "CNAME")


@dataclass(slots=True)
class Memory:
    """What clients remember of a name: to what it leads, since when, and for how long they keep what was before."""

    to: str
    since: float
    led: Led | None
    keeps: float = 0.0


@dataclass(slots=True)
class Answered:
    """What DNS answers visitors, since when, and what it answered before, which they keep for so long."""

    led: Led | None
    since: float
    before: Led | None = None
    keeps: float = 0.0


def _told(led: Led | None) -> tuple[str, ...]:
    """Return what visitors see of where a name leads."""
    return () if led is None else ("the edge",) if led.proxied else led.values


def _seen(zone: Any, region: str) -> bool:
    """Tell whether some VPC of a Region sees a private zone."""
    return any(one["vpc_region"] == region for one in zone.vpcs)


class Conditions:
    """Answers what ways ask of the present; `elapsed` tells the time, `server_cache` how long servers keep a name.

    `damage` tells why a database's content is of no use, by its ARN; `edge` is Cloudflare's. While `unsettled`,
    answers change with time alone.
    """

    def __init__(
        self, scene: Scene, where: Where, *, elapsed: Callable[[], float], server_cache: float,
        damage: Callable[[str], str], edge: Edge,
    ) -> None:  # fmt: skip
        self.scene, self.where = scene, where
        self.elapsed, self.server_cache, self.damage = elapsed, server_cache, damage
        self.at_edge = edge
        self.unsettled = False
        self._passed: dict[str, tuple[int, Passed]] = {}
        self._names: dict[tuple[str, str], Memory] = {}
        self._public: dict[str, Answered] = {}
        self._gone: dict[tuple[str, str], float] = {}

    def zone(self, name: str) -> str:
        """Tell why a zone does not work."""
        return f"{name} is lost" if self.scene.conditions.broken("zone", name) else ""

    def instance(self, name: str) -> str:
        """Tell why an instance does not answer."""
        good, why = answering(self.scene, name)
        if not good and why == "the instance boots":
            self.unsettled = True
        return "" if good else why

    def nat(self, name: str) -> str:
        """Tell why a NAT gateway passes nothing."""
        good, why = nat_works(self.scene, name)
        return "" if good else why

    def database(self, arn: str) -> str:
        """Tell why a database does not serve."""
        good, why = reachable(self.scene, arn)
        return self.damage(arn) if good else why

    def secret(self, name: str, region: str) -> str:
        """Tell why a secret cannot be read in a Region: it is gone, or its key or the Region is."""
        if self.scene.conditions.broken("region", region):
            return f"the secret {name}: {region} is lost"
        found = backends("secretsmanager")[self.where.account][region].secrets.get(name)
        if found is None:
            return f"the secret {name} does not exist" + self._place(region)
        if getattr(found, "deleted_date", None) is not None:  # a copy in another Region has none
            return f"the secret {name} is marked for deletion"
        return self._key(f"the secret {name}", found.kms_key_id, Where(self.where.account, region))

    def _place(self, region: str) -> str:
        return "" if region == self.where.region else f" in {region}"

    def bucket(self, name: str) -> str:
        """Tell why a bucket cannot be used: it is gone, or its key or its Region is."""
        found = find_bucket(name)
        if found is None:
            return f"the bucket {name} does not exist"
        if self.scene.conditions.broken("region", found.region_name):
            return f"the bucket {name}: {found.region_name} is lost"
        rule = ((found.encryption or {}).get("Rule") or {}).get("ApplyServerSideEncryptionByDefault") or {}
        return self._key(f"the bucket {name}", rule.get("KMSMasterKeyID"), Where(found.account_id, found.region_name))

    def _key(self, what: str, key: str | None, where: Where) -> str:
        if not key:
            return ""
        try:
            usable(key, where)
        except Refusal as refusal:
            return f"{what}: {refusal.code.removeprefix('KMS.')}: {refusal.message}"
        return ""

    def edge(self, host: str) -> tuple[float, str]:
        """Return the share of requests to a host that the edge fails; a fault that does so has an effect."""
        for fault in self.scene.faults.of_kind("cloudflare-edge-5xx"):
            share = fault.failing(host, self.scene)  # type: ignore[attr-defined]
            if share:
                return share, f"Cloudflare's edge answers {fault.options.status} for {host}"
        return 0.0, ""

    def passed(self, kind: Kind) -> Passed:
        """Return what a working edge does with a kind of request by its rules; asked again when somebody called it."""
        calls = len(self.scene.vendors.evidence)
        known = self._passed.get(kind.name)
        if known is None or known[0] != calls:
            known = self._passed[kind.name] = (calls, passed(self.at_edge, kind))
        return known[1]

    def visitors(self, host: str) -> Led | None:
        """Return where a name leads for visitors, by Cloudflare's zone or Route 53's public one."""
        name = host.rstrip(".").lower()
        records = self.scene.elsewhere(name)
        if records is not None:
            found = [record for record in records if record["type"] in ADDRESSES]
            values = tuple(str(record["content"]) for record in found)
            ttl = float(ttl_of(found[0])) if found else 0.0
            return Led(values, any(record.get("proxied") for record in found), ttl) if found else None
        zone = zone_of(name)
        return self._route53(zone, name) if zone is not None else None

    def late(self, host: str) -> tuple[float, Led | None]:
        """Return the share of visitors that still go to where a name led before, and where that is.

        Each keeps an answer of DNS as long as its TTL; a proxied name has the edge's addresses, whatever is behind it.
        """
        now, led = self.elapsed(), self.visitors(host)
        known = self._public.get(host)
        if known is None:
            known = self._public[host] = Answered(led, now)
        elif _told(known.led) != _told(led):
            known = self._public[host] = Answered(led, now, known.led, known.led.ttl if known.led is not None else 0.0)
        else:
            known.led = led
        left = 1.0 - (now - known.since) / known.keeps if known.keeps else 0.0
        if left <= 0:
            return 0.0, None
        self.unsettled = True
        return left, known.before

    def inside(self, name: str, region: str) -> Led | None:
        """Return where a name leads inside of a Region's network: by its private zones, else as for visitors."""
        bare = name.rstrip(".").lower()
        zones = backends("route53")[self.where.account]["aws"].zones.values()
        private = [
            zone for zone in zones
            if zone.private_zone and f".{bare}".endswith(f".{zone.name.rstrip('.')}") and _seen(zone, region)
        ]  # fmt: skip
        if private:
            return self._route53(max(private, key=lambda zone: len(zone.name)).id, bare)
        return self.visitors(bare)

    def _route53(self, zone: str, name: str) -> Led | None:
        found = answer(self.scene, zone, name, "A")
        if not found.values:
            return None
        if found.alias:
            return Led(found.values, ttl=self.scene.delay("load_balancer_names.ttl"))
        held = backends("route53")[self.where.account]["aws"].zones.get(zone.removeprefix("/hostedzone/"))
        rows: list[Any] = held.rrsets if held is not None else []
        ttls = [float(row.ttl or 0) for row in rows if row.name.rstrip(".").lower() == name]
        return Led(found.values, ttl=max(ttls, default=0.0))

    def advertised(self, balancer: str, zone: str) -> float:
        """Return the share of clients that still go to a node: those of a lost one leave it by and by."""
        key = (balancer, zone)
        if not self.scene.conditions.broken("zone", zone):
            self._gone.pop(key, None)
            return 1.0
        now = self.elapsed()
        if key not in self._gone:
            self._gone[key] = now + self.scene.delay("load_balancer_names.node_left")
        ttl = self.scene.delay("load_balancer_names.ttl")
        left = 1.0 - (now - self._gone[key]) / ttl
        if left > 0:
            self.unsettled = True
        return min(1.0, max(0.0, left))

    def moved(self, name: str, to: str, region: str) -> float:
        """Return the share of servers' connections in a Region that still lead to where a name led before."""
        now, led = self.elapsed(), self.inside(name, region)
        known = self._names.get((name, region))
        if known is None:
            known = self._names[name, region] = Memory(to, now, led)
        elif known.to != to:
            # What the record itself says is kept for its TTL; where that leads is resolved anew by each connection.
            other = known.led is not None and _told(known.led) != _told(led)
            keeps = max(self.server_cache, known.led.ttl if other and known.led is not None else 0.0)
            known.to, known.since, known.keeps = to, now, keeps
        known.led = led
        if not known.keeps:
            return 0.0
        left = 1.0 - (now - known.since) / known.keeps
        if left > 0:
            self.unsettled = True
        return max(0.0, left)

    def pods(self, workload: str, region: str) -> tuple[Replica, ...]:
        """Return the pods of a workload in a Region, named `cluster/workload`."""
        cluster, _, name = workload.partition("/")
        found = pods(self.scene, account=self.where.account, region=region, cluster=cluster)
        mine = [pod for pod in found if pod.workload == name]
        if any(pod.node and not pod.answers for pod in mine):
            self.unsettled = True
        return tuple(Replica(pod.name, pod.serving, "" if pod.answers else self._node(pod.node)) for pod in mine)

    def _node(self, node: str) -> str:
        return f"its node {node}: {answering(self.scene, node)[1]}" if node else "it waits for a node"

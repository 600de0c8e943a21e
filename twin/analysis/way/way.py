"""Follows a kind of request hop by hop: name, edge, load balancer, rule, target, and what the target needs."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fnmatch import fnmatchcase

from twin.analysis.way.ground import OUTSIDE, Ground, host, node
from twin.analysis.way.kind import Chances, Kind, Need
from twin.analysis.way.mixture import mixed
from twin.analysis.way.present import Led, Passed, Present, Replica
from twin.observe.site import Action, Balancer, Listener, Site, Target
from twin.observe.site_databases import Database

Fate = tuple[str, float]
EDGE = "173.245.48.10/32"
"""One of Cloudflare's addresses: https://www.cloudflare.com/ips/"""
DEEPEST = 8
UNDERSTOOD = frozenset({"host-header", "path-pattern"})


class Way:
    """The ways of an org as it stands and under the present conditions; it keeps nothing between two questions."""

    def __init__(self, site: Site, ground: Ground, present: Present) -> None:
        self.site, self.ground, self.present = site, ground, present
        self.balancers = {one.address.lower().rstrip("."): one for one in site.balancers}
        self._databases = {one.address.lower().rstrip("."): one for one in site.databases if one.address}
        self._named = {(one.region, one.name): one for one in site.databases}

    def chances(self, kind: Kind) -> Chances:
        """Return what becomes of one try of a kind of request; some visitors may know but an old answer of DNS."""
        found = self._led(kind, self.present.visitors(kind.host))
        share, before = self.present.late(kind.host)
        return mixed(found, self._led(kind, before), share) if share else found

    def _led(self, kind: Kind, led: Led | None) -> Chances:
        origin, proxied = self.origin(kind.host, led)
        failing, why = self.present.edge(kind.host) if proxied else (0.0, "")
        if failing >= 1:
            return Chances(always=((why, 1.0),))
        passed = self.present.passed(kind) if proxied else Passed()
        if passed.blocked or passed.failing or passed.answers:
            return _by_itself(passed, failing, why)
        cached = kind.cached if passed.keeps else 0.0
        if origin is None:
            return Chances(always=((f"the name {kind.host} leads nowhere", 1.0),), cached=cached)
        balancer = self.balancers.get(origin)
        if balancer is None:
            return Chances(always=((f"{kind.host} leads to {origin}, which is none of the org's", 1.0),), cached=cached)
        visitor = EDGE if proxied else kind.visitor
        found = self._balanced(balancer, kind.within(balancer.region), visitor)
        edge = ((why, failing),) if failing else ()
        return replace(found, again=(*edge, *found.again), cached=cached)

    def origin(self, name: str, led: Led | None) -> tuple[str | None, bool]:
        """Follow a visitor's name to its end; names of load balancers are ends."""
        proxied = False
        if name.lower().rstrip(".") in self.balancers:
            return name.lower().rstrip("."), proxied
        for _ in range(DEEPEST):
            if led is None or not led.values:
                return (name, proxied) if led is not None else (None, proxied)
            proxied, before, name = proxied or led.proxied, name, led.values[0]
            if name == before or name.lower().rstrip(".") in self.balancers:
                break
            led = self.present.visitors(name)
        return name.lower().rstrip("."), proxied

    def _balanced(self, balancer: Balancer, kind: Kind, visitor: str) -> Chances:
        listener = next((one for one in balancer.listeners if one.port == kind.port), None)
        if listener is None:
            return _all(f"{balancer.name} does not listen on {kind.port}")
        action = chosen(listener, kind)
        if isinstance(action, str):
            return _all(action)
        if action.kind == "redirect":
            return Chances(servers=1)
        if action.kind != "forward":
            good = action.status.startswith("2")
            return Chances(servers=1) if good else _all(f"{balancer.name} answers {action.status} by itself")
        nodes = self._nodes(balancer, kind, visitor)
        targets = [one for arn, weight in action.groups if weight for one in self.usable(arn)]
        if not targets:
            return _all(f"no target is registered behind {balancer.name}")
        fates = {one.id: self._fate(balancer, one, kind) for one in targets}
        found = _joined(nodes, fates, self._stores(kind, balancer.region))
        for need in kind.needs:
            if need.thing == "workload":
                found = _served(found, self.present.pods(need.name, balancer.region), need.name)
        return found

    def _nodes(self, balancer: Balancer, kind: Kind, visitor: str) -> dict[str, float]:
        """Return the share of visitors whose node fails them, by reason."""
        weights = {zone: self.present.advertised(balancer.arn, zone) for zone in balancer.subnets}
        whole = sum(weights.values())
        if not whole:
            return {f"no node of {balancer.name} is left": 1.0}
        found: dict[str, float] = defaultdict(float)
        for zone, weight in weights.items():
            why = self.present.zone(zone)
            why = f"the node of {balancer.name} in {zone}: {why}" if why else ""
            if not why:
                closed = self.ground.passage(visitor, node(balancer, zone), kind.port).why_not
                why = f"visitors do not get to {balancer.name}: {closed}" if closed else ""
            if why:
                found[why] += weight / whole
        return found

    def usable(self, group: str) -> list[Target]:
        """Return the targets that requests are sent to: the healthy ones, or when there is none, all of them."""
        targets = [one for one in self.site.targets.get(group, ()) if one.state not in ("unused", "draining")]
        return [one for one in targets if one.state == "healthy"] or targets

    def _fate(self, balancer: Balancer, target: Target, kind: Kind) -> Fate:
        """Return which share of requests a target does not answer, and why."""
        interface, why = self.reached(balancer, target)
        return (why, 1.0) if why else self.served(interface, kind, balancer.region)

    def reached(self, balancer: Balancer, target: Target) -> tuple[str, str]:
        """Return a target's interface, and why a load balancer gets no connection to it; "" when it does."""
        instance = target.id if target.id in self.ground.interface_of else self.holder(target.id)
        if instance is None:
            return "", f"the target {target.id} is not there"
        if why := self.present.instance(instance):
            return "", f"the target {instance}: {why}"
        interface = self.ground.interface_of[instance]
        for zone in balancer.subnets:
            if not self.present.zone(zone):
                closed = self.ground.passage(node(balancer, zone), interface, target.port).why_not
                if closed:
                    return "", f"{balancer.name} does not get to its target {instance}: {closed}"
        return interface, ""

    def served(self, interface: str, kind: Kind, region: str) -> Fate:
        """Return which share of requests a server cannot serve for what it needs, and why."""
        for need in kind.needs:
            if why := self.lacks(interface, need, region):
                return why, 1.0
        return self.late(kind, region)

    def late(self, kind: Kind, region: str) -> Fate:
        """Return the share of a server's requests that still go to where a name led before."""
        for need in kind.needs:
            database = self.behind(need.name, region) if need.thing == "database" else None
            if database is not None:
                late = self.present.moved(need.name, f"{database.arn}@{database.zone}", region)
                if late > 0:
                    return f"servers know only the old address of {need.name}", late
        return "", 0.0

    def holder(self, address: str) -> str | None:
        """Return the instance that has an address."""
        for name, interface in self.ground.interface_of.items():
            if any(str(held.address) == address for held in self.ground.topology.interfaces[interface].addresses):
                return name
        return None

    def lacks(self, interface: str, need: Need, region: str) -> str:
        """Tell why a server cannot use something that it needs; "" when it can."""
        if need.thing == "database":
            return self._database(interface, need, region)
        if need.thing == "outside":
            passage = self.ground.passage(interface, str(OUTSIDE), need.port)
            if passage.why_not:
                return f"{need.name} is out of reach: {passage.why_not}"
            lost = [(name, why) for name in passage.nats if (why := self.present.nat(name))]
            return f"{need.name} is out of reach: the NAT gateway {lost[0][0]}: {lost[0][1]}" if lost else ""
        if need.thing == "secret":
            return self.present.secret(need.name, region)
        if need.thing == "bucket":
            return self.present.bucket(need.name)
        return ""

    def behind(self, name: str, region: str) -> Database | None:
        """Return the database that a name leads to inside of a Region's network."""
        for _ in range(DEEPEST):
            found = self._databases.get(name.lower().rstrip(".")) or self._named.get((region, name))
            if found is not None:
                return found
            led = self.present.inside(name, region)
            if led is None or not led.values or led.values[0] == name:
                return None
            name = led.values[0]
        return None

    def _database(self, interface: str, need: Need, region: str) -> str:
        database = self.behind(need.name, region)
        if database is None:
            return f"the name {need.name} leads to no database"
        if why := self.present.database(database.arn):
            return f"the database {database.name}: {why}"
        if need.writes and database.source:
            return f"the database {database.name} is a read replica and takes no writes"
        closed = self.ground.passage(interface, host(database), database.port).why_not
        return f"the database {database.name} is out of reach: {closed}" if closed else ""

    def _stores(self, kind: Kind, region: str) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for need in kind.needs:
            database = self.behind(need.name, region) if need.thing == "database" else None
            if database is not None:
                found.append((need.meant, f"{database.arn}@{database.zone}"))
            elif need.thing == "bucket":
                found.append((need.meant, f"arn:aws:s3:::{need.name}"))
        return tuple(found)


def chosen(listener: Listener, kind: Kind) -> Action | str:
    """Return the action of the first rule that applies; a text where a rule's condition is not understood."""
    for rule in listener.rules:
        strange = sorted(set(rule.conditions) - UNDERSTOOD)
        if strange:
            return f"rule {rule.priority} decides by {strange[0]}, which is not followed here"
        if _applies(rule.conditions, kind):
            return rule.action
    return "no rule applies"


def _applies(conditions: Mapping[str, Iterable[str]], kind: Kind) -> bool:
    asked = {"host-header": kind.host.lower(), "path-pattern": kind.path}
    return all(any(fnmatchcase(asked[name], value) for value in values) for name, values in conditions.items())


def _by_itself(passed: Passed, failing: float, why: str) -> Chances:
    """Return the chances where no request gets past the edge."""
    if passed.failing:
        return _all(passed.failing)
    edge = ((why, failing),) if failing else ()
    return Chances(again=edge, servers=1) if passed.answers else Chances(blocked=1.0, stopped=passed.blocked)


def _all(why: str) -> Chances:
    return Chances(always=((why, 1.0),))


def _joined(nodes: Mapping[str, float], fates: Mapping[str, Fate], stores: tuple[tuple[str, str], ...]) -> Chances:
    """Put nodes and targets together: what every server lacks no further try mends."""
    through = max(0.0, 1 - sum(nodes.values()))
    servers = sum(share < 1 for _, share in fates.values())
    again: dict[str, float] = defaultdict(float, nodes)
    for why, share in fates.values():
        if why:
            again[why] += through * share / len(fates)
    told = tuple(sorted(again.items()))
    if through <= 0 or servers == 0:
        return Chances(_whole(told), (), stores=stores)
    return Chances((), told, servers=servers, stores=stores)


def _served(found: Chances, pods: tuple[Replica, ...], workload: str) -> Chances:
    """Add the pods behind the servers: requests go to those that the cluster holds to be ready."""
    serving = [one for one in pods if one.serving]
    silent = [one.silent for one in serving if one.silent]
    if len(silent) == len(serving):
        why = f"no pod of {workload} answers: {silent[0]}" if silent else f"no pod of {workload} is ready"
        return replace(found, always=_whole((*found.always, (why, 1.0))), again=())
    left = 1 - sum(share for _, share in found.again)
    shares = Counter(f"a pod of {workload}: {why}" for why in silent)
    more = tuple((why, left * count / len(serving)) for why, count in sorted(shares.items()))
    return replace(found, again=(*found.again, *more), pods=len(serving) - len(silent))


def _whole(told: tuple[tuple[str, float], ...]) -> tuple[tuple[str, float], ...]:
    whole = sum(share for _, share in told)
    return tuple((why, share / whole) for why, share in told)

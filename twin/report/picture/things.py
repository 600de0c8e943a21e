"""The boxes of a picture that hold nothing: gateways, balancers, instances, databases, endpoints."""

from collections import defaultdict
from collections.abc import Iterator

from twin.analysis.exposure.places import zone_of
from twin.analysis.passage.passages import View
from twin.report.picture.boxes import Box
from twin.semantics.network.topology import Instance, Subnet, Vpc

APART = 4
"""The most instances of one fleet that are drawn apart in a subnet."""


class Things:
    """Makes the boxes and notes where each id is drawn."""

    def __init__(self, view: View) -> None:
        self.view, self.topology = view, view.topology
        self.homes: dict[str, str] = {}
        self.fleet_of = {name: fleet for fleet in self.topology.fleets.values() for name in fleet.instances}

    def _box(self, name: str, kind: str, detail: str, *others: str, title: str = "") -> Box:
        self.homes.update((one, name) for one in (name, *others))
        return Box(name, kind, title or self.topology.names.get(name, name), detail)

    def outside(self) -> Iterator[Box]:
        """Yield the internet and the zones at the edge."""
        yield self._box("internet", "internet", "everyone else", title="internet")
        zones: dict[str, list[bool]] = defaultdict(list)
        for record in self.topology.records.values():
            zones[record.zone].append(record.proxied)
        for zone, proxied in sorted(zones.items()):
            records = [one.id for one in self.topology.records.values() if one.zone == zone]
            detail = f"{len(proxied)} records, {sum(proxied)} proxied"
            yield self._box(f"edge {zone}", "edge", detail, *records, title=f"Cloudflare {zone}")

    def shared(self) -> Iterator[Box]:
        """Yield what stands beside the VPCs."""
        for gateway in self.topology.transit_gateways.values():
            mine = [one.id for one in self.topology.attachments.values() if one.gateway == gateway.id]
            tables = [one.id for one in self.topology.transit_tables.values() if one.gateway == gateway.id]
            yield self._box(gateway.id, "gateway", f"transit, {len(mine)} attachments", *mine, *tables)
        for connection in self.topology.vpn_connections.values():
            yield self._box(connection.id, "gateway", f"VPN to {connection.gateway}")

    def front(self, vpc: Vpc) -> Iterator[Box]:
        """Yield what a VPC has as a whole."""
        topology = self.topology
        for gateway in topology.internet_gateways.values():
            if vpc.id in gateway.vpcs:
                yield self._box(gateway.id, "gateway", "egress-only" if gateway.egress_only else "internet gateway")
        for vpn in topology.vpn_gateways.values():
            if vpc.id in vpn.vpcs:
                yield self._box(vpn.id, "gateway", "virtual private gateway")
        for endpoint in topology.endpoints.values():
            if endpoint.vpc == vpc.id and endpoint.kind == "Gateway":
                service = endpoint.service.rpartition(".")[2]
                yield self._box(endpoint.id, "endpoint", "gateway endpoint", title=service or endpoint.id)
        for balancer in topology.load_balancers.values():
            mine = [topology.interfaces[one] for one in balancer.interfaces]
            if any(one.vpc == vpc.id for one in mine):
                ports = ", ".join(str(one.port) for one in balancer.listeners) or "no listener"
                said = f"{balancer.kind} balancer, {ports}"
                yield self._box(balancer.name, "balancer", said, balancer.arn, *balancer.interfaces)
        for cluster in topology.clusters.values():
            if cluster.vpc == vpc.id:
                yield self._box(cluster.id, "cluster", "EKS, public" if cluster.public else "EKS, private")
        for function in topology.functions.values():
            if function.vpc == vpc.id:
                yield self._box(function.id, "function", "function", *function.interfaces)

    def within(self, subnet: Subnet) -> Iterator[Box]:
        """Yield what stands in a subnet."""
        yield from self._gateways(subnet)
        yield from self._instances(subnet)
        yield from self._databases(subnet)
        held = [one for one in self.topology.interfaces.values() if one.subnet == subnet.id]
        endpoints = {end: one for one in self.topology.endpoints.values() for end in one.interfaces}
        mine = [one for one in held if one.id in endpoints]
        if mine:
            named = sorted({endpoints[one.id].service.partition("us-")[2].partition(".")[2] for one in mine})
            title = f"{len(mine)} endpoint" + ("s" if len(mine) > 1 else "")
            ends = [one.id for one in mine]
            yield self._box(f"endpoints of {subnet.id}", "endpoint", ", ".join(named), *ends, title=title)
        rest = [one.id for one in held if one.id not in self.homes and not self._elsewhere(one.id)]
        if rest:
            title = f"{len(rest)} other interface" + ("s" if len(rest) > 1 else "")
            yield self._box(f"interfaces of {subnet.id}", "interface", "of no known service", *rest, title=title)

    def _elsewhere(self, interface: str) -> bool:
        """Whether an interface is of something that a VPC has as a whole, or of an instance."""
        functions = {end for one in self.topology.functions.values() for end in one.interfaces}
        index = self.view.index
        return interface in functions or interface in index.balancer_at or interface in index.instance_at

    def _gateways(self, subnet: Subnet) -> Iterator[Box]:
        for nat in self.topology.nat_gateways.values():
            if nat.subnet == subnet.id and nat.available:
                ends = [one.id for one in self.topology.interfaces.values() if self._of_nat(one.id, nat.id)]
                yield self._box(nat.id, "nat", "NAT gateway" if nat.public else "private NAT gateway", *ends)

    def _of_nat(self, interface: str, nat: str) -> bool:
        one, other = self.topology.interfaces[interface], self.topology.nat_gateways[nat]
        return one.subnet == other.subnet and any(held.address == other.private for held in one.addresses)

    def _instances(self, subnet: Subnet) -> Iterator[Box]:
        here = [one for one in self.topology.instances.values() if self._stands(one, subnet.id)]
        fleets: dict[str, list[Instance]] = defaultdict(list)
        for one in here:
            fleet = self.fleet_of.get(one.id)
            fleets[fleet.id if fleet else ""].append(one)
        for name, mine in sorted(fleets.items()):
            if name and len(mine) > APART:
                ids = [end for one in mine for end in (one.id, *one.interfaces)]
                yield self._box(f"{name} in {subnet.id}", "instance", f"{len(mine)} instances", *ids, title=name)
                continue
            for one in mine:
                fleet = self.fleet_of.get(one.id)
                role = (f"node of {fleet.owner}" if fleet.owner else f"of {fleet.id}") if fleet else "instance"
                said = role if one.state == "running" else f"{role}, {one.state}"
                unnamed = fleet is not None and one.id not in self.topology.names
                title, said = (said, "instance") if unnamed else ("", said)
                yield self._box(one.id, "instance", said, *one.interfaces, title=title)

    def _stands(self, instance: Instance, subnet: str) -> bool:
        return bool(instance.interfaces) and self.topology.interfaces[instance.interfaces[0]].subnet == subnet

    def _databases(self, subnet: Subnet) -> Iterator[Box]:
        zone = zone_of(self.view, subnet.id)
        for one in self.topology.databases.values():
            ends = [end for end in one.interfaces if self.topology.interfaces[end].subnet == subnet.id]
            if ends and (zone in one.zones or not one.zones):
                standby = len(one.zones) > 1 and zone != one.zones[0]
                follows = "reader" if one.cluster else "replica"
                kind = "standby" if standby else follows if one.replica_of else "writer"
                others = () if standby else (one.id,)
                yield self._box(f"{one.id} in {zone}", "database", f"{one.engine} {kind}", *others, *ends, title=one.id)

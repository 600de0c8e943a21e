"""One change of configuration, and the fate of one packet before and after it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import estate
import pytest
from test_network_documented import question

from twin.observe.topology import assemble
from twin.semantics.network.decide import Decision, decide
from twin.semantics.network.index import Index
from twin.semantics.network.question import parse
from twin.semantics.network.reach import reach

Change = Callable[[estate.Replies], object]


def ask(told: estate.Replies, text: str) -> Decision:
    """Ask a row such as `eni-web 8.8.8.8 tcp 443`."""
    return decide(estate.index(told), parse(question(*text.split())))


def find(told: estate.Replies, kind: str, name: str) -> dict[str, Any]:
    """Return the described object that has this id."""
    return next(one for one in told[kind] if name in one.values())


def routes(told: estate.Replies, table: str, **change: str) -> None:
    """Add routes to a table; `block` and `target` as `estate.table` reads them."""
    added = estate.table("a-x", {change["block"]: change["target"]})["Routes"]
    find(told, "RouteTables", f"rtb-{table}")["Routes"] += added


def tgw(told: estate.Replies, **options: Any) -> None:
    """Change the transit gateway's options."""
    told["TransitGateways"][0]["Options"] |= options


def references(told: estate.Replies) -> None:
    """Turn on references to security groups across the transit gateway."""
    tgw(told, SecurityGroupReferencingSupport="enable")


def propagation(told: estate.Replies) -> None:
    """Tell propagations in place of routes."""
    told["Routes"] = []
    told["TransitGatewayRouteTablePropagations"] = [
        {
            "TransitGatewayAttachmentId": f"tgw-attach-{one}",
            "State": "enabled",
            "TransitGatewayRouteTableId": "tgw-rtb-1",
        }
        for one in "ac"
    ]


def default_propagation(told: estate.Replies) -> None:
    """Tell neither routes nor propagations, but that attachments propagate to the default table."""
    told["Routes"] = []
    tgw(told, DefaultRouteTablePropagation="enable", PropagationDefaultRouteTableId="tgw-rtb-1")


def second_gateway(told: estate.Replies) -> None:
    """Peer the transit gateway with another, to which VPC D moves."""
    one, two = "tgw-attach-p", {"TransitGatewayId": "tgw-2", "Options": {}}
    told["TransitGateways"].append(two)
    for mine, other, table in (("tgw-1", "tgw-2", "tgw-rtb-1"), ("tgw-2", "tgw-1", "tgw-rtb-2")):
        told["TransitGatewayAttachments"].append(
            estate.attachment("p", "peering", other, table) | {"TransitGatewayId": mine}
        )
    for kind in ("TransitGatewayAttachments", "TransitGatewayVpcAttachments"):
        find(told, kind, "tgw-attach-d")["TransitGatewayId"] = "tgw-2"
    find(told, "TransitGatewayRouteTables", "tgw-rtb-2")["TransitGatewayId"] = "tgw-2"
    told["Routes"] = [one for one in told["Routes"] if one["DestinationCidrBlock"] != "10.3.0.0/16"]
    told["Routes"].append(estate.transit_route("10.3.0.0/16", "p", "static"))
    for block, name in (("10.3.0.0/16", "d"), ("10.0.0.0/16", "p")):
        told["Routes"].append(estate.transit_route(block, name, "static") | {"TransitGatewayRouteTableId": "tgw-rtb-2"})
    assert one in told["Routes"][-1]["TransitGatewayAttachments"][0].values()


def edge(target: str) -> Change:
    """Give the internet gateway a route table that leads the web subnet to an interface or endpoint."""

    def change(told: estate.Replies) -> None:
        told["RouteTables"].append(
            estate.table("a-edge", {"10.0.0.0/16": "local", "10.0.1.0/24": target}, gateways=("igw-a",))
        )
        told["VpcEndpoints"].append({
            "VpcEndpointId": "vpce-gwlb", "VpcId": "vpc-a", "VpcEndpointType": "GatewayLoadBalancer",
            "State": "available", "SubnetIds": ["subnet-a-fw"],
        })  # fmt: skip

    return change


def balancer_group(told: estate.Replies) -> None:
    """Give the network load balancer a security group that the target's group refers to."""
    find(told, "NetworkInterfaces", "eni-nlb")["Groups"] = [{"GroupId": "sg-all"}]
    find(told, "SecurityGroups", "sg-app")["IpPermissions"].append(estate.rule("tcp", "9000", "sg-all"))


def no_subnet_in_zone(told: estate.Replies) -> None:
    """Attach the transit gateway to the second zone too."""
    find(told, "TransitGatewayVpcAttachments", "tgw-attach-a")["SubnetIds"].append("subnet-a-app2")


def closed(subnet: str) -> Change:
    """Give a subnet an ACL with no allow entry."""
    return lambda told: told["NetworkAcls"].append(estate.acl("a-shut", [], subnet))


CHANGES: list[tuple[str, Change, str, str, str]] = [
    ("gateway detached", lambda t: find(t, "InternetGateways", "igw-a").update(Attachments=[]),
     "eni-web 8.8.8.8 tcp 443", "exits_network", "null_routed"),
    ("gateway detached, from outside", lambda t: find(t, "InternetGateways", "igw-a").update(Attachments=[]),
     "internet 198.51.100.10 tcp 443", "accepted", "no_route"),
    ("internet gateway in place of an egress-only one",
     lambda t: find(t, "RouteTables", "rtb-a-app").update(Routes=find(t, "RouteTables", "rtb-a-pub")["Routes"]),
     "internet 2001:db8:a:2::60 icmpv6 128", "denied_in", "accepted"),
    ("a more specific blackhole", lambda t: routes(t, "a-pub", block="8.8.8.0/24", target="nat-gone!"),
     "eni-web 8.8.8.8 tcp 443", "exits_network", "null_routed"),
    ("a static route before a propagated one", lambda t: routes(t, "a-pub", block="10.9.0.0/16", target="nat-gone!"),
     "eni-plain 10.9.1.1 tcp 443", "exits_network", "null_routed"),
    ("a static route before a prefix list's", lambda t: routes(t, "a-app", block="52.216.0.0/15", target="nat-gone!"),
     "eni-app 52.216.0.1 tcp 443", "exits_network", "null_routed"),
    ("a static route more specific than local", lambda t: routes(t, "a-pub", block="10.0.2.0/24", target="nat-gone!"),
     "eni-web 10.0.2.10 tcp 8080", "accepted", "null_routed"),
    ("NAT gateway in a subnet without internet",
     lambda t: find(t, "NatGateways", "nat-a").update(SubnetId="subnet-a-insp"),
     "eni-app 8.8.8.8 tcp 443", "exits_network", "no_route"),
    ("NAT gateway without a public address",
     lambda t: find(t, "NatGateways", "nat-a")["NatGatewayAddresses"][0].pop("PublicIp"),
     "eni-app 8.8.8.8 tcp 443", "exits_network", "denied_out"),
    ("ACL of the NAT gateway's subnet", closed("a-pub"), "eni-app 8.8.8.8 tcp 443", "exits_network", "denied_in"),
    ("peering not accepted",
     lambda t: find(t, "VpcPeeringConnections", "pcx-ab").update(Status={"Code": "pending-acceptance"}),
     "eni-plain 10.1.1.10 tcp 80", "accepted", "null_routed"),
    ("references to groups over the transit gateway", references, "eni-app 10.2.1.10 tcp 443", "denied_in", "accepted"),
    ("propagations told", propagation, "eni-app 10.2.1.10 tcp 80", "accepted", "accepted"),
    ("propagations told, and no static route", propagation, "eni-app 10.8.1.1 tcp 80",
     "exits_network", "no_route"),
    ("propagation by default", default_propagation, "eni-app 10.2.1.10 tcp 80", "accepted", "accepted"),
    ("peered transit gateways", second_gateway, "eni-app 10.3.1.10 tcp 80", "null_routed", "accepted"),
    ("attachment in the second zone", no_subnet_in_zone, "eni-app2 10.2.1.10 tcp 80", "null_routed", "accepted"),
    ("ACL of the attachment's subnet", closed("a-tgw"), "eni-app 10.2.1.10 tcp 80", "accepted", "denied_in"),
    ("edge route to an appliance that checks", edge("eni-strict"),
     "internet 198.51.100.10 tcp 443", "accepted", "denied_in"),
    ("edge route to an appliance that routes", edge("eni-fw"),
     "internet 198.51.100.10 tcp 443", "accepted", "accepted"),
    ("edge route to inspection", edge("vpce-gwlb"), "internet 198.51.100.10 tcp 443", "accepted", "accepted"),
    ("group of the load balancer", balancer_group, "internet 198.51.100.81 tcp 9000", "denied_in", "accepted"),
    ("endpoint deleted", lambda t: find(t, "VpcEndpoints", "vpce-s3").update(State="deleted"),
     "eni-app 52.216.0.1 tcp 443", "exits_network", "null_routed"),
    ("virtual private gateway detached", lambda t: find(t, "VpnGateways", "vgw-a").update(VpcAttachments=[]),
     "eni-plain 10.9.1.1 tcp 443", "exits_network", "null_routed"),
    ("egress-only gateway in place of none", lambda t: t.update(EgressOnlyInternetGateways=[]),
     "eni-app 2600::1 tcp 443", "exits_network", "exits_network"),
    ("main table for a subnet without its own",
     lambda t: find(t, "RouteTables", "rtb-a-insp").update(Associations=[]),
     "eni-insp 10.0.2.10 tcp 8080", "denied_in", "denied_in"),
    ("no route table told", lambda t: t.update(RouteTables=[]), "eni-web 10.0.2.10 tcp 8080", "accepted", "accepted"),
    ("no route table told, outside", lambda t: t.update(RouteTables=[]),
     "eni-web 8.8.8.8 tcp 443", "exits_network", "no_route"),
    ("instance stopped", lambda t: t["Reservations"][0]["Instances"][1].update(State={"Name": "stopped"}),
     "internet i-web tcp 443", "accepted", "neighbor_unreachable"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "asked", "before", "after"), [c[1:] for c in CHANGES], ids=[c[0] for c in CHANGES])
def test_a_change_changes_the_fate(change: Change, asked: str, before: str, after: str) -> None:
    """The packet's fate in the estate as it is, and in the changed one."""
    told = estate.replies()
    assert ask(told, asked).disposition == before
    change(told)
    decision = ask(told, asked)
    assert decision.disposition == after, decision.because


def test_inspection_is_on_the_path() -> None:
    """The edge route leads through the endpoint, and the ACL of its subnet counts."""
    told = estate.replies()
    edge("vpce-gwlb")(told)
    assert "vpce-gwlb" in [hop.at for hop in ask(told, "internet 198.51.100.10 tcp 443").path]
    closed("a-fw")(told)
    assert ask(told, "internet 198.51.100.10 tcp 443").disposition == "denied_in"


def test_a_network_without_a_source_port_finds_the_one_that_returns() -> None:
    """Of any source port, one whose reply comes back is shown."""
    told = estate.replies()
    find(told, "NetworkAcls", "acl-a-db")["Entries"][1]["PortRange"] = {"From": 1024, "To": 2000}
    decision = ask(told, "eni-app 10.0.3.10 tcp 5432")
    assert decision.returns
    assert decision.packet is not None
    assert decision.packet.source_port == 1024


def transit_into_peering(told: estate.Replies) -> None:
    """Lead what comes from the VPN to VPC A, and from A's attachment on to the peering."""
    told["Routes"].append(estate.transit_route("10.1.0.0/16", "a", "static"))
    routes(told, "a-main", block="10.1.0.0/16", target="pcx-ab")


def test_a_peering_carries_no_strangers_packets() -> None:
    """What a transit gateway brings into a VPC does not get on into a peering, though every route says so."""
    told = estate.replies()
    asked = "tgw-attach-vpn=10.8.1.1 10.1.1.10 tcp 80"
    assert ask(told, asked).disposition == "no_route"
    transit_into_peering(told)
    decision = ask(told, asked)
    assert (decision.disposition, "not transitive" in decision.because) == ("null_routed", True)


def both(told: estate.Replies, source: str, destination: str) -> bool:
    """Ask the matrix and a question of its own, which must agree."""
    index = estate.index(told)
    said = reach(index.topology).reaches(source, destination)
    asked = decide(index, parse({"src": {"interface": source}, "dst": {"interface": destination}}))
    assert said == (asked.disposition == "accepted")
    return said


def test_all_pairs_know_how_far_a_reference_reaches() -> None:
    """A rule for a group admits its members over a transit gateway only where that is turned on."""
    told = estate.replies()
    find(told, "SecurityGroups", "sg-far")["IpPermissions"].pop()
    assert not both(told, "eni-app", "eni-far")
    references(told)
    assert both(told, "eni-app", "eni-far")


def test_all_pairs_know_references_to_a_peers_group() -> None:
    """An egress rule for a group of the peer lets packets out to its members; in another Region it does not."""
    told = estate.replies()
    narrow = find(told, "SecurityGroups", "sg-narrow")
    narrow["IpPermissionsEgress"] = []
    routes(told, "a-app", block="10.1.0.0/16", target="pcx-ab")
    assert not both(told, "eni-narrow", "eni-peer")
    narrow["IpPermissionsEgress"] = [estate.rule("tcp", "80", "sg-peer")]
    assert both(told, "eni-narrow", "eni-peer")


def test_a_reference_does_not_reach_into_another_region() -> None:
    """Peers in other Regions are admitted by address only."""
    snapshot = estate.snapshot(estate.replies())
    vpcs = tuple(
        replace(one, region="eu-west-1" if one.data["VpcId"] == "vpc-b" else "us-east-1") for one in snapshot.of("Vpcs")
    )
    apart = Index(assemble(replace(snapshot, items={**snapshot.items, "Vpcs": vpcs})))
    asked = parse(question("eni-app", "10.1.1.10", "tcp", "443"))
    assert decide(estate.index(), asked).disposition == "accepted"
    assert decide(apart, asked).disposition == "denied_in"

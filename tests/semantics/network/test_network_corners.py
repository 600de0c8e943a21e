"""Corners that AWS documents: source ports, addresses and attachments of interfaces, balancers, shared gateways."""

import itertools
from collections.abc import Callable
from typing import Any

import estate
import pytest
from test_network_documented import question

from twin.semantics.network.decide import Decision, decide
from twin.semantics.network.question import parse
from twin.semantics.network.reach import reach

Told = estate.Replies
Change = Callable[[Told], object]
DOCS = "docs.aws.amazon.com"


def find(told: Told, kind: str, name: str) -> dict[str, Any]:
    """Return the described object that has this id."""
    return next(one for one in told[kind] if name in one.values())


def let(group: str, *permissions: dict[str, Any], side: str = "IpPermissions") -> Change:
    """Give a group these rules alone."""
    return lambda told: find(told, "SecurityGroups", f"sg-{group}").update({side: list(permissions)})


def acl(name: str, *entries: str) -> Change:
    """Give a subnet an ACL of its own."""
    return lambda told: told["NetworkAcls"].append(estate.acl(f"{name[0]}-own", list(entries), name))


def route(table: str, block: str, target: str) -> Change:
    """Add a route."""
    return lambda told: find(told, "RouteTables", f"rtb-{table}")["Routes"].extend(
        estate.table("a-x", {block: target})["Routes"]
    )


def detached(told: Told) -> None:
    """Take an interface from whatever it was attached to."""
    find(told, "NetworkInterfaces", "eni-plain").update(Status="available", Attachment=None)
    told["Reservations"][0]["Instances"] = [
        one for one in told["Reservations"][0]["Instances"] if one["InstanceId"] != "i-plain"
    ]


def of_service(told: Told) -> None:
    """Let the endpoint's interface be attached to nothing, as those that a service keeps may seem to be."""
    find(told, "NetworkInterfaces", "eni-ssm").update(Status="available", RequesterManaged=True)


def prefix(told: Told) -> None:
    """Delegate a prefix to an interface."""
    find(told, "NetworkInterfaces", "eni-plain")["Ipv4Prefixes"] = [{"Ipv4Prefix": "10.0.1.96/28"}]


def elastic(told: Told) -> None:
    """Tell an elastic address by describe-addresses alone."""
    told["Addresses"] = [
        {"PublicIp": "198.51.100.44", "NetworkInterfaceId": "eni-plain", "PrivateIpAddress": "10.0.1.11"}
    ]


def seen_twice(told: Told) -> None:
    """Let the account of an attached VPC tell the attachment too; it does not see the association."""
    own = {**find(told, "TransitGatewayAttachments", "tgw-attach-a")}
    del own["Association"]
    told["TransitGatewayAttachments"].append(own)


def targets(kind: str, protocol: str, keep: str = "") -> Change:
    """Make the network balancer's target group one of addresses or instances, with an attribute or without."""

    def change(told: Told) -> None:
        group = find(told, "TargetGroups", estate.RAW)
        group.update(TargetType=kind, Protocol=protocol)
        find(told, "TargetHealthDescriptions", estate.RAW)["Target"]["Id"] = "10.0.2.10" if kind == "ip" else "i-app"
        listener = next(one for one in told["Listeners"] if one["LoadBalancerArn"] == estate.NLB)
        listener["Protocol"] = protocol
        if keep:
            told["Attributes"] = [{"Key": "preserve_client_ip.enabled", "Value": keep, "TargetGroupArn": estate.RAW}]

    return change


def both(*changes: Change) -> Change:
    """Make several changes."""
    return lambda told: [change(told) for change in changes]


WIDE = estate.rule("tcp", "9000", "0.0.0.0/0")
EC2, VPC, ELB = f"{DOCS}/AWSEC2/latest", f"{DOCS}/vpc/latest", f"{DOCS}/elasticloadbalancing/latest"
KEEP = f"{ELB}/network/edit-target-group-attributes.html"
ENI = f"{EC2}/UserGuide/using-eni.html"
CASES: list[tuple[str, Change, str, str, str, str]] = [
    ("attached to nothing, it takes nothing", detached, "eni-web 10.0.1.11 tcp 443", "accepted",
     "neighbor_unreachable", ENI),
    ("attached to nothing, it sends nothing", detached, "eni-plain 10.0.1.10 tcp 443", "accepted",
     "neighbor_unreachable", ENI),
    ("a route to an interface that is attached to nothing", both(detached, route("a-app", "10.44.0.0/16", "eni-plain")),
     "eni-app 10.44.0.1 tcp 443", "no_route", "null_routed", f"{EC2}/APIReference/API_Route.html"),
    ("an endpoint's interface takes packets all the same", of_service, "eni-plain 10.0.2.50 tcp 443",
     "accepted", "accepted",
     f"{VPC}/privatelink/create-interface-endpoint.html"),
    ("an address of a delegated prefix", prefix, "eni-web 10.0.1.99 tcp 443", "neighbor_unreachable", "accepted",
     f"{EC2}/UserGuide/ec2-prefix-eni.html"),
    ("an address beside the prefix", prefix, "eni-web 10.0.1.112 tcp 443", "neighbor_unreachable",
     "neighbor_unreachable",
     f"{EC2}/UserGuide/ec2-prefix-eni.html"),
    ("an elastic address, in", elastic, "internet 198.51.100.44 tcp 443", "exits_network", "accepted",
     f"{EC2}/UserGuide/elastic-ip-addresses-eip.html"),
    ("an elastic address, out", elastic, "eni-plain 8.8.8.8 tcp 443", "denied_out", "exits_network",
     f"{EC2}/UserGuide/elastic-ip-addresses-eip.html"),
    ("a shared gateway seen from two accounts", seen_twice, "eni-app 10.2.1.10 tcp 80", "accepted", "accepted",
     f"{VPC}/tgw/tgw-transit-gateways.html"),
    ("targets by address see the balancer, whose client no rule names", both(targets("ip", "TCP"), let(
        "app", estate.rule("tcp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 tcp 9000", "denied_in",
     "accepted", KEEP),
    ("targets by instance see the client", both(targets("instance", "TCP"), let(
        "app", estate.rule("tcp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 tcp 9000", "denied_in",
     "denied_in", KEEP),
    ("targets by instance see the client, whom a rule lets in", both(targets("instance", "TCP"), let("app", WIDE)),
     "internet 198.51.100.81 tcp 9000", "denied_in", "accepted", KEEP),
    ("preservation turned off for instances", both(targets("instance", "TCP", "false"), let(
        "app", estate.rule("tcp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 tcp 9000", "denied_in",
     "accepted", KEEP),
    ("preservation turned on for addresses", both(targets("ip", "TCP", "true"), let(
        "app", estate.rule("tcp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 tcp 9000", "denied_in",
     "denied_in", KEEP),
    ("UDP keeps the client's address for targets by address", both(targets("ip", "UDP"), let(
        "app", estate.rule("udp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 udp 9000", "denied_in",
     "denied_in", KEEP),
    ("UDP keeps it whatever the attribute says", both(targets("ip", "UDP", "false"), let(
        "app", estate.rule("udp", "9000", "10.0.1.0/24"))), "internet 198.51.100.81 udp 9000", "denied_in",
     "denied_in", KEEP),
    ("a balancer may not send to its targets", let("alb", side="IpPermissionsEgress"),
     "internet 198.51.100.80 tcp 443", "accepted",
     "denied_out", f"{ELB}/application/load-balancer-update-security-groups.html"),
    ("a balancer may send to its targets only", let("alb", estate.rule("tcp", "8080", "sg-app"),
     side="IpPermissionsEgress"), "internet 198.51.100.80 tcp 443", "accepted", "accepted",
     f"{ELB}/application/load-balancer-update-security-groups.html"),
    ("targets do not know the balancer's group", let("app", estate.rule("tcp", "8080", "sg-web")),
     "internet 198.51.100.80 tcp 443", "accepted", "denied_in",
     f"{ELB}/application/load-balancer-update-security-groups.html"),
    ("a prefix list's route is longer than another", route("a-app", "0.0.0.0/1", "nat-gone!"),
     "eni-app 52.216.0.1 tcp 443", "exits_network", "exits_network", f"{VPC}/userguide/route-tables-priority.html"),
    ("a half of everything goes elsewhere", route("a-app", "0.0.0.0/1", "nat-gone!"), "eni-app 8.8.8.8 tcp 443",
     "exits_network", "null_routed", f"{VPC}/userguide/route-tables-priority.html"),
    ("ACL of a neighbour's subnet is not asked within it", acl("a-app"), "eni-plain 10.0.1.10 tcp 443",
     "accepted", "accepted",
     f"{VPC}/userguide/vpc-network-acls.html"),
    ("no packet leaves a subnet whose ACL allows none", acl("a-app"), "eni-app 10.0.3.10 tcp 5432",
     "accepted", "denied_out",
     f"{VPC}/userguide/vpc-network-acls.html"),
    ("neighbours in it still talk", acl("a-app"), "eni-appb 10.0.2.10 tcp 7000", "accepted", "accepted",
     f"{VPC}/userguide/vpc-network-acls.html"),
    ("an ACL of IPv4 alone stops IPv6", acl("a-pub", *estate.OPEN[:2]), "internet 2001:db8:a:1::10 tcp 443",
     "accepted", "denied_in", f"{VPC}/userguide/custom-network-acl.html"),
    ("and lets IPv4 through", acl("a-pub", *estate.OPEN[:2]), "internet i-web tcp 443", "accepted", "accepted",
     f"{VPC}/userguide/custom-network-acl.html"),
    ("deny before allow", acl("a-pub", "in 10 deny tcp 443 0.0.0.0/0", *estate.OPEN), "internet 198.51.100.10 tcp 443",
     "accepted", "denied_in", f"{VPC}/userguide/nacl-rules.html"),
    ("allow before deny", acl("a-pub", "in 10 allow tcp 443 0.0.0.0/0", "in 20 deny tcp 443 0.0.0.0/0",
     *estate.OPEN), "internet i-web tcp 443", "accepted", "accepted", f"{VPC}/userguide/nacl-rules.html"),
    ("the destination's ACL of the VPC behind a transit gateway in the same subnet is not asked",
     acl("c-1", "out 100 allow all - 0.0.0.0/0"), "eni-app 10.2.1.10 tcp 80", "accepted", "accepted",
     f"{VPC}/tgw/tgw-nacls.html"),
    ("an address in no block of the peer", route("a-pub", "10.50.0.0/16", "pcx-ab"), "eni-plain 10.50.0.1 tcp 80",
     "denied_out", "null_routed", f"{VPC}/peering/invalid-peering-configurations.html"),
    ("a NAT gateway lets no IPv6 out but by NAT64", route("a-app", "2a00::/16", "nat-a"), "eni-app 2a00::1 tcp 443",
     "exits_network", "denied_out", f"{VPC}/userguide/nat-gateway-nat64-dns64.html"),
    ("a rule for a group that is in no VPC nearby", let("peer", estate.rule("tcp", "443", "sg-far")),
     "eni-app 10.1.1.10 tcp 443", "accepted", "denied_in", f"{VPC}/peering/vpc-peering-security-groups.html"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_corner_is_as_its_page_says(case: tuple[str, Change, str, str, str, str]) -> None:
    """One packet, its fate in the estate and after one change, and the page that says so; some change nothing."""
    _, change, asked, before, after, page = case
    told = estate.replies()
    assert decide(estate.index(told), parse(question(*asked.split()))).disposition == before
    change(told)
    decision = decide(estate.index(told), parse(question(*asked.split())))
    assert decision.disposition == after, (decision.because, page)


def ports(source: str, port: int | None, **more: Any) -> Decision:
    """Ask from the stateless subnet with a given source port."""
    asked = {"src": {"interface": "eni-acl"}, "dst": {"ip": source}, "protocol": "tcp", **more}
    return decide(estate.index(), parse(asked | ({"port": port} if port else {})))


@pytest.mark.parametrize(
    ("source_port", "returns"), [(None, True), (1024, True), ("1024-65535", True), (1023, False), ("1-1023", False)]
)
def test_replies_to_low_source_ports_do_not_pass_an_acl_for_ephemeral_ones(source_port: Any, returns: bool) -> None:
    """The ACL lets back in what goes to 1024 and up; from a lower source port no reply comes.

    https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
    """
    more = {} if source_port is None else {"source_port": source_port}
    found = ports("10.0.1.11", 443, **more)
    assert (found.disposition, found.returns) == ("accepted", returns)


def test_group_rules_never_ask_for_the_source_port() -> None:
    """A security group's ports are those that packets go to, whatever port they come from."""
    for source_port in (1, 53, 65535):
        asked = {"src": {"internet": True}, "dst": {"instance": "i-web"}, "protocol": "tcp", "port": 443}
        found = decide(estate.index(), parse({**asked, "source_port": source_port}))
        assert found.disposition == "accepted"


@pytest.mark.parametrize("change", [detached, of_service, prefix, elastic, seen_twice], ids=lambda one: one.__name__)
def test_all_pairs_know_the_corners_too(change: Change) -> None:
    """The matrix and the questions agree on what is attached and which addresses it has."""
    told = estate.replies()
    change(told)
    index = estate.index(told)
    matrix = reach(index.topology)
    for start, goal in itertools.permutations(("eni-web", "eni-plain", "eni-app", "eni-ssm", "eni-far"), 2):
        asked = parse({"src": {"interface": start}, "dst": {"interface": goal}})
        assert matrix.reaches(start, goal) == (decide(index, asked).disposition == "accepted"), (start, goal)

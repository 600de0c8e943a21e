"""Saved folders as AWS's replies really look, one change each: states, lost and odd files, and a packet's fate."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import saved
from saved import Snap, entries, entry, group, permission

from twin.observe.topology import observe
from twin.semantics.network.decide import Decision, decide
from twin.semantics.network.index import Index
from twin.semantics.network.question import parse

Change = Callable[[Snap], Any]
OUTSIDE = ("internet", "54.1.1.1", "tcp", 443)
NATTED, DATABASE = ("i-app", "8.8.8.8", "tcp", 443), ("i-app", "i-far", "tcp", 5432)
HOME = ("i-web", "8.8.8.8", "icmp", 8)


def without(*kinds: str) -> Change:
    """Lose files."""
    return lambda told: [told.pop(kind) for kind in kinds]


def put(kind: str, name: str, **members: Any) -> Change:
    """Set members of a described object."""
    return lambda told: saved.one(told, kind, name).update(members)


def state(name: str) -> Change:
    """Let the web server be in a state."""
    return lambda told: told["Reservations"][0]["Instances"][0].update(State={"Name": name})


def terminated(told: Snap) -> None:
    """Let the web server be gone, as DescribeInstances goes on to tell for an hour."""
    told["NetworkInterfaces"] = [one for one in told["NetworkInterfaces"] if one["NetworkInterfaceId"] != "eni-web"]
    told["Reservations"][0] = {"Instances": [{"InstanceId": "i-web", "State": {"Name": "terminated"}}]}


def rules(*permissions: dict[str, Any]) -> Change:
    """Give the web server's group these rules alone."""
    return put("SecurityGroups", "sg-web", IpPermissions=list(permissions))


def public_acl(*allowed: dict[str, Any]) -> Change:
    """Give the public subnet an ACL of its own."""

    def change(told: Snap) -> None:
        told["NetworkAcls"][0]["Associations"].pop(0)
        mine = saved.acl("acl-pub", "vpc-1", "subnet-pub") | {"IsDefault": False, "Entries": entries(*allowed)}
        told["NetworkAcls"].append(mine)

    return change


def pair(**members: str) -> Change:
    """Change what stands beside the reference across the peering."""

    def change(told: Snap) -> None:
        saved.one(told, "SecurityGroups", "sg-far")["IpPermissions"][0]["UserIdGroupPairs"][0].update(members)

    return change


def peer(**members: Any) -> Change:
    """Change the peering connection."""
    return put("VpcPeeringConnections", "pcx-1", **members)


def routes(name: str, *kept: int) -> Change:
    """Keep some routes of a table."""
    return lambda told: saved.one(told, "RouteTables", name).update(
        Routes=[saved.one(told, "RouteTables", name)["Routes"][number] for number in kept]
    )


def unassociated(told: Snap) -> None:
    """Associate attachments with no table, neither by themselves nor by default."""
    told["TransitGateways"][0]["Options"]["DefaultRouteTableAssociation"] = "disable"
    for one in told["TransitGatewayAttachments"]:
        del one["Association"]


def as_it_is(told: Snap) -> None:
    """Change nothing."""


FATES: list[tuple[str, Change, tuple[Any, ...], str, bool | None]] = [
    ("as it is", as_it_is, OUTSIDE, "accepted", True),
    ("by NAT to a neighbour's public address and back", as_it_is, ("i-app", "54.1.1.1", "tcp", 443), "accepted", True),
    ("to the internet, not to us", as_it_is, ("i-web", "to-internet", "tcp", 443), "exits_network", True),
    ("private address from outside", as_it_is, ("internet", "10.0.0.10", "tcp", 443), "no_route", None),
    ("into a NAT gateway", as_it_is, ("internet", "54.2.2.2", "tcp", 443), "denied_in", None),
    ("GRE by NAT", as_it_is, ("i-app", "8.8.8.8", 47, None), "denied_out", None),
    ("by the peering", as_it_is, DATABASE, "accepted", True),
    ("peer without a way out", as_it_is, ("i-far", "8.8.8.8", "tcp", 443), "no_route", None),
    ("peer to a subnet without a way back", as_it_is, ("i-far", "i-web", "tcp", 443), "accepted", False),
    ("one-sided peering", routes("rtb-far", 0), DATABASE, "accepted", False),
    ("a group of another Region", peer(AccepterVpcInfo={"VpcId": "vpc-2", "Region": "eu-west-1"}),
     DATABASE, "denied_in", None),
    ("stale reference", pair(PeeringStatus="deleted"), DATABASE, "denied_in", None),
    *(
        (f"peering {code}", peer(Status={"Code": code}), DATABASE, "null_routed", None)
        for code in ("deleted", "rejected", "expired", "pending-acceptance", "failed")
    ),
    *((f"server {name}", state(name), OUTSIDE, "neighbor_unreachable", None) for name in
      ("stopped", "stopping", "shutting-down", "terminated")),
    ("gone server", terminated, ("i-app", "i-web", "tcp", 443), "neighbor_unreachable", None),
    ("gone server from outside", terminated, ("internet", "i-web", "tcp", 443), "neighbor_unreachable", None),
    ("gone server sends", terminated, ("i-web", "8.8.8.8", "tcp", 443), "neighbor_unreachable", None),
    *((f"NAT {name}", put("NatGateways", "nat-1", State=name), NATTED, "null_routed", None) for name in
      ("pending", "failed", "deleting", "deleted")),
    ("no NAT file", without("NatGateways"), NATTED, "null_routed", None),
    ("internet gateway detached", put("InternetGateways", "igw-1", Attachments=[]), OUTSIDE, "no_route", None),
    ("no file of gateways, in", without("InternetGateways"), OUTSIDE, "accepted", True),
    ("no file of gateways, out", without("InternetGateways"), NATTED, "exits_network", True),
    ("no interfaces file", without("NetworkInterfaces"), ("internet", "i-web", "tcp", 443), "accepted", True),
    ("no interfaces file, NAT", without("NetworkInterfaces"), NATTED, "exits_network", True),
    ("no instances file", without("Reservations"), ("internet", "i-web", "tcp", 443), "accepted", True),
    ("no ACL file", without("NetworkAcls"), OUTSIDE, "accepted", True),
    ("no groups file", without("SecurityGroups"), OUTSIDE, "denied_in", None),
    ("no peering file", without("VpcPeeringConnections"), DATABASE, "null_routed", None),
    ("no route tables", without("RouteTables"), ("i-web", "i-app", "tcp", 8080), "accepted", True),
    ("ping, echo alone", rules(permission("icmp", (8, -1), "0.0.0.0/0")), ("internet", "54.1.1.1", "icmp", 8),
     "accepted", True),
    ("ping, another type", rules(permission("icmp", (3, 4), "0.0.0.0/0")), ("internet", "54.1.1.1", "icmp", 8),
     "denied_in", None),
    ("rule of a number", rules(permission("6", (443, 443), "0.0.0.0/0")), OUTSIDE, "accepted", True),
    ("rule of any protocol", rules(permission("-1", None, "0.0.0.0/0")), ("internet", "54.1.1.1", 47, None),
     "accepted", True),
    ("ESP with ports", rules(permission("50", (0, 0), "0.0.0.0/0")), ("internet", "54.1.1.1", 50, None), "accepted",
     True),
    ("admitted by the NAT's address", rules(permission("tcp", (443, 443), "54.2.2.2/32")),
     ("i-app", "54.1.1.1", "tcp", 443), "accepted", True),
    ("a group admits no public address", rules(permission("tcp", (443, 443), "sg-app")),
     ("i-app", "54.1.1.1", "tcp", 443), "denied_in", None),
    ("a group admits the private one", rules(permission("tcp", (443, 443), "sg-app")),
     ("i-app", "i-web", "tcp", 443), "accepted", True),
    ("ACL without ephemeral ports", public_acl(entry(100, "in", "6", (443, 443))), OUTSIDE, "accepted", False),
    ("ACL with them", public_acl(entry(100, "in", "6", (443, 443)), entry(100, "out", "6", (1024, 65535))), OUTSIDE,
     "accepted", True),
    ("ACL's last rule, in", public_acl(entry(100, "out")), OUTSIDE, "denied_in", None),
    ("ACL's last rule, out", public_acl(entry(100, "in")), HOME, "denied_out", None),
    ("ACL lets the echo's reply in", public_acl(entry(100, "out"), entry(100, "in", "1", (0, -1))), HOME,
     "exits_network", True),
    ("ACL lets another type in", public_acl(entry(100, "out"), entry(100, "in", "1", (3, 4))), HOME,
     "exits_network", False),
]  # fmt: skip
TRANSIT: list[tuple[str, Change, str]] = [
    ("as it is", as_it_is, "accepted"),
    ("no gateways file", without("TransitGateways"), "accepted"),
    ("no tables file", without("TransitGatewayRouteTables"), "accepted"),
    ("no attachments file", without("TransitGatewayAttachments"), "accepted"),
    ("no VPC attachments file", without("TransitGatewayVpcAttachments"), "accepted"),
    ("nothing of it", without(*(kind for kind in saved.transit() if kind.startswith("Transit"))), "null_routed"),
    ("not associated", unassociated, "no_route"),
    ("a group is no address",
     put("SecurityGroups", "sg-far", IpPermissions=[permission("tcp", (5432, 5432), "sg-app")]), "denied_in"),
]  # fmt: skip


def ask(folder: Path, asked: tuple[Any, ...]) -> Decision:
    """Ask a folder about one packet."""
    source, target, protocol, port = asked
    src = {"internet": True} if source == "internet" else {"instance": source}
    dst = {"internet": True} if target == "to-internet" else {"instance" if "i-" in target else "ip": target}
    question = {"src": src, "dst": dst, "protocol": protocol} | ({"port": port} if port is not None else {})
    return decide(Index(observe(folder)), parse(question))


@pytest.mark.parametrize(
    ("change", "asked", "fate", "returns"), [row[1:] for row in FATES], ids=[row[0] for row in FATES]
)
def test_a_saved_folder_tells_the_fate(
    change: Change, asked: tuple[Any, ...], fate: str, returns: bool | None, tmp_path: Path
) -> None:
    """One change of what was saved, and where the packet ends."""
    told = saved.estate()
    change(told)
    found = ask(saved.save(told, tmp_path), asked)
    assert found.disposition == fate, found.because
    assert returns is None or found.returns == returns, found.reply


@pytest.mark.parametrize(("change", "fate"), [row[1:] for row in TRANSIT], ids=[row[0] for row in TRANSIT])
def test_what_a_transit_gateway_leaves_out_is_worked_out(change: Change, fate: str, tmp_path: Path) -> None:
    """Its default tables are told in three places, of which any one will do."""
    told = saved.transit()
    change(told)
    assert ask(saved.save(told, tmp_path), DATABASE).disposition == fate


def wrapped(told: Snap, folder: Path) -> None:
    """Everything in one file, by command."""
    (folder / "all.json").write_text(json.dumps({f"describe-{kind}": {kind: found} for kind, found in told.items()}))


def in_one(told: Snap, folder: Path) -> None:
    """Everything in one object."""
    (folder / "network").write_text(json.dumps(told))


def paged(told: Snap, folder: Path) -> None:
    """A page for each object, one after the other."""
    for kind, found in told.items():
        pages = "\n".join(json.dumps({kind: [one], "NextToken": "more"}) for one in found)
        (folder / f"{kind}.JSON").write_text(pages)


def listed(told: Snap, folder: Path) -> None:
    """The pages as a list."""
    for kind, found in told.items():
        (folder / f"{kind}.json").write_text(json.dumps([{kind: [one]} for one in found]))


def by_powershell(told: Snap, folder: Path) -> None:
    """In UTF-16, as `>` writes it there."""
    for kind, found in told.items():
        (folder / f"{kind}.json").write_bytes(json.dumps({kind: found}).encode("utf-16"))


def among_others(told: Snap, folder: Path) -> None:
    """Beside files that are none, an empty one, and one of something else."""
    saved.save(told, folder / "accounts" / "111122223333" / "us-east-1")
    (folder / "README.txt").write_text("saved on Monday")
    (folder / ".DS_Store").write_bytes(b"\0\1\2")
    (folder / "describe-vpn-gateways.json").write_text("")
    (folder / "buckets.json").write_text('{"Buckets": []}')


@pytest.mark.parametrize(
    "form", [wrapped, in_one, paged, listed, by_powershell, among_others], ids=lambda one: one.__name__
)
def test_files_are_known_by_what_is_in_them(form: Callable[[Snap, Path], None], tmp_path: Path) -> None:
    """However the replies were saved, the packet's fate is the same."""
    form(saved.estate(), tmp_path)
    assert ask(tmp_path, OUTSIDE).returns
    assert ask(tmp_path, DATABASE).returns


def test_a_group_that_nobody_has_changes_nothing(tmp_path: Path) -> None:
    """The table's own cases hold with a stranger beside them."""
    told = saved.estate()
    told["SecurityGroups"].append(group("sg-spare", "vpc-1", permission("-1", None, "0.0.0.0/0")))
    assert ask(saved.save(told, tmp_path), ("internet", "54.1.1.1", "tcp", 22)).disposition == "denied_in"

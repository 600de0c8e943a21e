"""The ways of packets: what permits each hop, the way back, and the narrowest change that ends them."""

import pytest
from small_network import of, replies, tcp, topology

from twin.analysis.passage.cuts import narrowest_cut, removable, without
from twin.analysis.passage.ends import ends
from twin.analysis.passage.passages import Asked, View, passage, passages
from twin.errors import UsageError


def ask(told, start, goal, **packets):
    """The first passage between two ends."""
    view = View(topology(told))
    asked = Asked(ends(view.topology, start), ends(view.topology, goal), packets)
    return view, asked, passages(view, asked)[0]


def cut(view, asked):
    """What ends the passage between the first two ends."""
    return narrowest_cut(view, lambda other: passage(other, asked, asked.starts[0], asked.goals[0]))


def test_internet_gets_to_data_from_host_to_host():
    """No packet gets there by itself; by the web server two connections do, each hop with its rule."""
    view, asked, found = ask(replies(), "internet", "data")
    assert [(leg.start, leg.goal) for leg in found.legs] == [
        ("internet", "eni-web-a"), ("eni-web-a", "eni-of-orders-us-east-1a")
    ]  # fmt: skip
    rules = [hop.rule for leg in found.legs for hop in leg.decision.path]
    for rule in (
        "sg-front ingress tcp 443 from 173.245.48.0/20, 103.21.244.0/22", "sg-web ingress tcp 8080 from sg-front",
        "rtb-web-a 10.0.0.0/16 -> local", "sg-data ingress tcp 5432 from sg-web",
    ):  # fmt: skip
        assert rule in rules
    assert all(leg.decision.returns for leg in found.legs)
    direct = Asked(asked.starts, asked.goals, hosts=False)
    assert not passages(view, direct)[0].open


def test_narrowest_cut_spares_what_the_internet_is_meant_to_reach():
    """Between server and database, not at the front door; after it there is no way, and the front door stands."""
    view, asked, _ = ask(replies(), "internet", "data")
    found = cut(view, asked)
    assert [rule.label for rule in found.rules] == ["sg-data ingress tcp 5432 from sg-web"]
    assert found.closes == 0
    closed = View(without(view.topology, found.rules[0]))
    assert not passages(closed, asked)[0].open
    assert len(closed.openings) == len(view.openings)


def test_two_rules_that_permit_the_same_are_both_cut():
    """One rule away is not enough where another lets the packet in too."""
    told = replies()
    of(told, "SecurityGroups", "GroupId", "sg-data")["IpPermissions"].append(tcp(5432, "10.0.10.0/23"))
    view, asked, _ = ask(told, "i-web-a", "orders")
    assert {rule.label for rule in cut(view, asked).rules} == {
        "sg-data ingress tcp 5432 from sg-web", "sg-data ingress tcp 5432 from 10.0.10.0/23"
    }  # fmt: skip


def test_a_closed_way_tells_the_rule_that_closed_it():
    """Another port, or a group that does not let in: no way, and no cut."""
    view, asked, found = ask(replies(), "i-web-a", "orders", protocol="tcp", port="22")
    assert (found.open, found.legs[0].decision.disposition) == (False, "denied_in")
    assert "eni-of-orders" in found.legs[0].decision.because or "sg-data" in found.legs[0].decision.because
    assert cut(view, asked) is None


def test_private_servers_reach_the_internet_by_their_zones_gateway():
    """Out by NAT and back; the route is what a cut takes when groups are wide."""
    _, _, found = ask(replies(), "i-web-b", "internet", protocol="tcp", port="443")
    assert found.open
    assert "nat-b" in [hop.at for hop in found.legs[0].decision.path]
    assert found.legs[0].decision.returns


def test_openings_are_all_that_the_internet_reaches():
    """The balancer's port from the edge alone; a public server with an open port is one more, open to everyone."""
    assert [(one.address, one.service, one.everyone) for one in View(topology()).openings] == [
        ("198.51.100.10", "tcp 443", False), ("198.51.100.11", "tcp 443", False)
    ]  # fmt: skip
    told = replies()
    machine = told["Reservations"][0]["Instances"][0]["NetworkInterfaces"][0]
    machine["SubnetId"] = "subnet-public-a"
    machine["PrivateIpAddresses"] = [{"PrivateIpAddress": "10.0.0.50", "Association": {"PublicIp": "198.51.100.77"}}]
    of(told, "SecurityGroups", "GroupId", "sg-web")["IpPermissions"].append(tcp(22, "0.0.0.0/0"))
    found = {one.address: one for one in View(topology(told)).openings}
    assert (found["198.51.100.77"].service, found["198.51.100.77"].everyone) == ("tcp 22", True)
    assert found["198.51.100.77"].arrives == ("eni-web-a",)


def test_every_rule_that_can_be_taken_away_is_gone_then():
    """What `removable` yields is what `without` removes, whatever its layer."""
    whole = topology()
    rules = list(removable(whole))
    assert len({rule.layer for rule in rules}) == 3
    for rule in rules:
        assert rule not in list(removable(without(whole, rule)))


@pytest.mark.parametrize(
    ("written", "kind", "count"),
    [
        ("data", "database", 1), ("i-web-a", "instance", 1), ("web-a", "instance", 1), ("front", "load balancer", 1),
        ("subnet-web-a", "subnet", 1), ("sg-web", "security group", 1), ("10.0.0.9", "ip", 1), ("all", "instance", 4),
    ],
)  # fmt: skip
def test_ends_are_found_by_what_people_call_them(written, kind, count):
    """Ids, names, addresses and words."""
    found = ends(topology(), written)
    assert (found[0].kind, len(found)) == (kind, count)


def test_an_unknown_end_names_what_is_near():
    """A misspelt name, and data where there is none."""
    with pytest.raises(UsageError, match="did you mean orders"):
        ends(topology(), "order")
    with pytest.raises(UsageError, match="no database"):
        ends(topology({**replies(), "DBInstances": []}), "data")

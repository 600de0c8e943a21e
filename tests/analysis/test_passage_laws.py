"""Laws of passages and findings, on a small network with rules drawn at random."""

from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from small_network import of, replies, tcp, topology

from twin.analysis.exposure.findings import findings
from twin.analysis.passage.cuts import narrowest_cut, without
from twin.analysis.passage.ends import ends
from twin.analysis.passage.passages import Asked, View, passage, passages

quick = settings(max_examples=examples(15))
GROUPS = ("sg-front", "sg-web", "sg-data")
rules = st.builds(
    tcp, st.sampled_from([22, 443, 5432, 8080]),
    st.sampled_from(["0.0.0.0/0", "10.0.0.0/16", "10.0.10.0/24", "203.0.113.0/24", *GROUPS]),
)  # fmt: skip
changes = st.lists(st.tuples(st.sampled_from(GROUPS), rules), max_size=3)
pairs = st.sampled_from([("internet", "data"), ("web-a", "orders"), ("web-b", "web-a"), ("front", "web-a")])


def changed(change):
    """The small network with more rules; its servers have public addresses in public subnets."""
    told = replies()
    for number, one in enumerate(told["Reservations"][0]["Instances"]):
        one["NetworkInterfaces"][0]["PrivateIpAddresses"][0]["Association"] = {"PublicIp": f"198.51.100.{70 + number}"}
    table = of(told, "RouteTables", "RouteTableId", "rtb-public")
    table["Associations"] += [{"SubnetId": "subnet-web-a"}, {"SubnetId": "subnet-web-b"}]
    told["RouteTables"] = [one for one in told["RouteTables"] if not one["RouteTableId"].startswith("rtb-web")]
    for group, rule in change:
        of(told, "SecurityGroups", "GroupId", group)["IpPermissions"].append(rule)
    return told


def reached(view):
    """What the internet reaches, port by port, and who may."""
    return {(one.address, one.protocol): (one.ports, one.sources) for one in view.openings}


@quick
@given(changes, st.sampled_from(GROUPS), rules)
def test_another_allow_closes_no_opening(change, group, rule):
    """Ports and sources of every opening are still there when a group allows more."""
    before = reached(View(topology(changed(change))))
    after = reached(View(topology(changed([*change, (group, rule)]))))
    for key, (ports, sources) in before.items():
        assert not ports - after[key][0]
        assert not sources - after[key][1]


@quick
@given(changes, pairs)
def test_cut_ends_the_way_and_none_of_its_rules_is_idle(change, pair):
    """Without the cut's rules there is no way; with any one of them put back there is one."""
    view = View(topology(changed(change)))
    asked = Asked(ends(view.topology, pair[0]), ends(view.topology, pair[1]))
    found = passages(view, asked)[0]
    cut = narrowest_cut(view, lambda other: passage(other, asked, found.start, found.goal))
    if not found.open or cut is None:
        assert cut is None
        return
    bare = view.topology
    for rule in cut.rules:
        bare = without(bare, rule)
    assert not passage(View(bare), asked, found.start, found.goal).open
    for spared in cut.rules:
        kept = view.topology
        for rule in cut.rules:
            kept = kept if rule == spared else without(kept, rule)
        assert passage(View(kept), asked, found.start, found.goal).open


@quick
@given(changes)
def test_findings_have_witness_and_mend_and_stay_the_same(change):
    """Whatever is found is shown and can be mended; the order does not depend on the run."""
    told = changed(change)
    found = findings(topology(told))
    assert found == findings(topology(told))
    assert all(one.about and one.witness and one.mend for one in found)

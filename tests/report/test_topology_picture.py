"""Pictures of a network: nothing overlaps, text fits its box, the same bytes twice, marks where they belong."""

import re
from xml.etree import ElementTree

import pytest
from small_network import interface, of, replies, topology

from twin.analysis.exposure.blast import blast
from twin.analysis.passage.ends import ends
from twin.analysis.passage.passages import Asked, View, passages
from twin.errors import UsageError
from twin.report.picture.drawn import picture
from twin.report.picture.layout import CHARACTER, PAD, Layout, shortened
from twin.report.picture.overlays import of_change, of_fault, of_passage
from twin.report.topology_mermaid import mermaid
from twin.report.topology_svg import svg

SVG = "{http://www.w3.org/2000/svg}"


def drawn(told=None):
    """A view of a network and its picture."""
    view = View(topology(told))
    return view, picture(view, "small org")


def crowded():
    """A network with long names, many instances of one fleet, a second VPC, a transit gateway, many interfaces."""
    told = replies()
    told["Vpcs"].append({"VpcId": "vpc-2", "CidrBlock": "10.9.0.0/16"})
    told["Vpcs"].append({"VpcId": "vpc-empty", "CidrBlock": "172.31.0.0/16"})
    told["Subnets"].append({"SubnetId": "subnet-far", "VpcId": "vpc-2", "CidrBlock": "10.9.0.0/24"})
    told["NetworkInterfaces"].append({**interface("far", "x", "10.9.0.9"), "VpcId": "vpc-2", "SubnetId": "subnet-far"})
    told["TransitGateways"] = [{"TransitGatewayId": "tgw-1"}]
    told["TransitGatewayAttachments"] = [
        {"TransitGatewayAttachmentId": f"tgw-attach-{n}", "TransitGatewayId": "tgw-1", "ResourceType": "vpc",
         "ResourceId": f"vpc-{n}", "State": "available"}
        for n in (1, 2)
    ]  # fmt: skip
    instances = told["Reservations"][0]["Instances"]
    for number in range(9):
        end = interface(f"more-{number}", "web-a", f"10.0.10.{20 + number}", "web")
        instances.append({"InstanceId": f"i-more-{number}", "State": {"Name": "running"}, "NetworkInterfaces": [end]})
        told["AutoScalingGroups"][0]["Instances"].append({"InstanceId": f"i-more-{number}"})
    instances[1]["Tags"] = [{"Key": "Name", "Value": "a very long name of a server & <what> it is good for, at length"}]
    return told


@pytest.mark.parametrize("told", [replies, crowded], ids=["small", "crowded"])
def test_no_boxes_overlap_and_each_lies_in_its_own(told):
    """Boxes of one place stand apart, and every box lies within the one that holds it."""
    _, found = drawn(told())
    placed = Layout(found.root).placed
    assert len(placed) == len(list(found.root.all()))
    for outer in found.root.all():
        mine = [placed[one.id] for one in outer.inside]
        whole = placed[outer.id]
        for one in mine:
            assert whole.x <= one.x
            assert whole.y <= one.y
            assert one.x + one.width <= whole.x + whole.width + 0.2
            assert one.y + one.height <= whole.y + whole.height + 0.2
        for number, one in enumerate(mine):
            for other in mine[number + 1 :]:
                beside = one.x + one.width <= other.x or other.x + other.width <= one.x
                assert beside or one.y + one.height <= other.y or other.y + other.height <= one.y, (one, other)


@pytest.mark.parametrize("told", [replies, crowded], ids=["small", "crowded"])
def test_text_fits_its_box(told):
    """Titles and details are narrower than their boxes; long ones lose their middle."""
    _, found = drawn(told())
    for one in Layout(found.root).placed.values():
        texts = [one.box.title] if one.box.inside else [shortened(one.box.title), shortened(one.box.detail)]
        for text in texts:
            assert len(text) * CHARACTER + PAD <= one.width, text
    assert shortened("x" * 99) == "x" * 16 + "…" + "x" * 17


@pytest.mark.parametrize("told", [replies, crowded], ids=["small", "crowded"])
def test_svg_is_well_formed_the_same_twice_and_within_its_frame(told):
    """XML with both colour schemes; all text inside the picture; every box has its id."""
    _, found = drawn(told())
    text = svg(found)
    assert text == svg(drawn(told())[1])
    root = ElementTree.fromstring(text)
    width, height = float(root.get("width")), float(root.get("height"))
    for one in root.iter(f"{SVG}text"):
        assert float(one.get("x")) + len(one.text or "") * CHARACTER <= width + 1, one.text
        assert float(one.get("y")) <= height
    ids = {one.text for one in root.iter(f"{SVG}title")}
    assert ids == {box.id for box in found.root.all() if box.kind != "strip"}
    assert "prefers-color-scheme: dark" in text


def test_everything_stands_where_it_is():
    """Account, VPC, zone, subnet, resource; the standby in its own zone, a fleet of many as one box."""
    _, found = drawn(crowded())
    zone = next(box for box in found.root.all() if box.id == "vpc-1/us-east-1b")
    assert [box.id for box in zone.inside] == ["subnet-public-b", "subnet-web-b", "subnet-data-b"]
    assert [box.detail for box in zone.inside[2].inside] == ["postgres standby"]
    titles = {box.title: box for box in found.root.all()}
    assert titles["web"].detail == "10 instances"
    assert titles["172.31.0.0/16"].detail == "nothing in it"
    assert found.home("eni-more-3") == titles["web"].id
    kinds = {(line.start, line.end, line.kind) for line in found.lines}
    assert ("edge acme.example", "front", "dns") in kinds
    assert ("subnet-web-b", "nat-b", "route") in kinds
    assert ("orders in us-east-1a", "orders in us-east-1b", "replication") in kinds
    assert ("vpc-2", "tgw-1", "private") in kinds
    assert ("i-web-b", "orders in us-east-1a", "data") in kinds


def test_path_is_marked_in_order():
    """The internet, its gateway, the balancer, a server, the writer; a closed way ends where it is stopped."""
    view, found = drawn()
    asked = Asked(ends(view.topology, "internet"), ends(view.topology, "data"))
    marks = of_passage(found, passages(view, asked)[0])
    assert marks.way == ("internet", "igw-1", "front", "i-web-a", "orders in us-east-1a")
    assert 'class="way"' in svg(found, marks)
    assert "==>|4|" in mermaid(found, marks)
    shut = Asked(ends(view.topology, "i-web-a"), ends(view.topology, "data"), {"protocol": "tcp", "port": "22"})
    stopped = of_passage(found, passages(view, shut)[0])
    assert "no ingress rule of sg-data" in stopped.caption


def test_zones_blast_radius_is_marked():
    """What stands in the zone is lost, what spans it touched, the other zone's own spared; one NAT takes both zones."""
    view, found = drawn()
    marks = of_fault(view, found, "zone:us-east-1a")
    assert {"vpc-1/us-east-1a", "subnet-web-a", "i-web-a", "nat-a", "orders in us-east-1a"} <= marks.dead
    assert {"front", "orders in us-east-1b"} <= marks.hurt
    assert not {"i-web-b", "nat-b", "subnet-web-b", "vpc-1"} & (marks.dead | marks.hurt)
    told = replies()
    of(told, "RouteTables", "RouteTableId", "rtb-web-b")["Routes"][1]["NatGatewayId"] = "nat-a"
    view, found = drawn(told)
    assert "subnet-web-b" in of_fault(view, found, "zone:us-east-1a").hurt


@pytest.mark.parametrize(
    ("fault", "dead", "hurt"),
    [
        ("nat:nat-a", "nat-a", "subnet-web-a"), ("instance:i-web-b", "i-web-b", "front"),
        ("database:orders", "orders", None), ("balancer:front", "front", None), ("gateway:igw-1", "igw-1", None),
    ],
)  # fmt: skip
def test_each_kind_of_fault_has_its_radius(fault, dead, hurt):
    """What is named is dead; what hangs on it is hurt."""
    found = blast(View(topology()), fault)
    assert dead in found.dead
    assert hurt is None or hurt in found.hurt


@pytest.mark.parametrize("fault", ["zone:mars-1a", "nat:nat-x", "i-web-a", "meteor:1"])
def test_an_unknown_fault_is_refused(fault):
    """Nothing called so, or no such kind."""
    with pytest.raises(UsageError):
        blast(View(topology()), fault)


def test_change_is_marked_and_what_is_gone_is_named():
    """A new server, a NAT gateway taken away, a balancer that listens on another port; nothing when nothing changed."""
    told = replies()
    end = interface("new", "web-a", "10.0.10.99", "web")
    told["Reservations"][0]["Instances"].append(
        {"InstanceId": "i-new", "State": {"Name": "running"}, "NetworkInterfaces": [end]}
    )
    told["NatGateways"] = told["NatGateways"][:1]
    told["Listeners"][0]["Port"] = 8443
    before, after = drawn()[1], drawn(told)[1]
    marks = of_change(before, after)
    assert (marks.added, marks.changed, marks.gone) == ({"i-new"}, {"front"}, ("nat-b",))
    same = of_change(before, drawn()[1])
    assert (same.added, same.changed, same.gone) == (frozenset(), frozenset(), ())
    assert "gone: nat-b" in svg(after, marks)


def test_mermaid_has_every_box_once_and_closes_what_it_opens():
    """Subgraphs balanced, names unique, its own signs as entities, lines between boxes that are there."""
    _, found = drawn(crowded())
    text = mermaid(found)
    assert text == mermaid(drawn(crowded())[1])
    assert text.startswith("flowchart TB\n")
    assert len(re.findall(r"^\s*subgraph ", text, re.M)) == len(re.findall(r"^\s*end$", text, re.M))
    names = re.findall(r"^\s*(?:subgraph )?(b\d+)\[", text, re.M)
    assert len(names) == len(set(names)) == sum(box.kind != "strip" for box in found.root.all())
    used = re.findall(r"^\s*(b\d+) \S.* (b\d+)$", text, re.M)
    assert used
    assert {one for pair in used for one in pair} <= set(names)
    assert "#lt;what#gt;" in text

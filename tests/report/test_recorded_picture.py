"""The picture of an instant of a recording: what is drawn, what is lost then, and what is hurt by that."""

from dataclasses import replace

import pytest

from twin.address import Address
from twin.engine.plan import Change
from twin.report.picture.neighbourhood import neighbourhood
from twin.report.picture.recorded import Instant, lost_at, marks_at, standing

ZONES = {"a": "us-east-1a", "b": "us-east-1b"}
REFERENCES = {
    "aws.ec2.internet_gateway.main": [("aws.ec2.vpc.main", "vpc")],
    **{f"aws.ec2.subnet.{name}": [("aws.ec2.vpc.main", "vpc")] for name in ("out-a", "in-a", "in-b")},
    "aws.ec2.nat_gateway.a": [("aws.ec2.subnet.out-a", "subnet"), ("aws.ec2.internet_gateway.main", "gateway")],
    "aws.ec2.route_table.in": [("aws.ec2.nat_gateway.a", "routes"), ("aws.ec2.subnet.in-b", "subnets")],
    "aws.ec2.security_group.web": [("aws.ec2.vpc.main", "vpc")],
    "aws.ec2.security_group.db": [("aws.ec2.security_group.web", "ingress"), ("aws.ec2.vpc.main", "vpc")],
    "aws.ec2.launch_template.web": [("aws.ec2.security_group.web", "security_groups")],
    "aws.autoscaling.group.web": [("aws.ec2.launch_template.web", "launch_template"),
                                  ("aws.ec2.subnet.in-a", "subnets"), ("aws.ec2.subnet.in-b", "subnets")],
    "aws.rds.subnet_group.db": [("aws.ec2.subnet.in-a", "subnets"), ("aws.ec2.subnet.in-b", "subnets")],
    "aws.rds.instance.orders": [("aws.rds.subnet_group.db", "subnet_group"),
                                ("aws.ec2.security_group.db", "security_groups")],
    "aws.rds.replica.copy": [("aws.rds.instance.orders", "source")],
}  # fmt: skip


def stands(address: str, *, multi_az: bool = True) -> Change:
    """Return how a resource stands that is as the spec says."""
    name = address.rpartition(".")[2]
    seen: dict[str, object] = {}
    if ".subnet." in address:
        seen["availability_zone"] = ZONES[name[-1]]
    if address == "aws.rds.instance.orders":
        seen |= {"availability_zone": "us-east-1a", "multi_az": multi_az}
    if address == "aws.rds.replica.copy":
        seen["availability_zone"] = "us-east-1b"
    return Change(Address.parse(address), "no-op", f"id-{name}", observed=seen)


def at(*lost: tuple[str, str], multi_az: bool = True) -> Instant:
    """Return an instant of the small org."""
    found = {key: stands(key, multi_az=multi_az) for key in ("aws.ec2.vpc.main", *REFERENCES)}
    return Instant(found, REFERENCES, "us-east-1", frozenset(lost))


def test_things_stand_in_their_subnets_and_lines_lead_where_references_do() -> None:
    """The NAT gateway in its subnet; the database between what is let in by its group and its replica."""
    drawn = standing(at())
    inside = {box.id: {one.id for one in box.inside} for box in drawn.root.all()}
    assert inside["aws.ec2.subnet.out-a"] == {"aws.ec2.nat_gateway.a"}
    assert "aws.autoscaling.group.web" in inside["aws.ec2.vpc.main"]
    around = neighbourhood(drawn, "aws.rds.instance.orders", 1)
    lines = {(edge.start, edge.end, edge.kind) for edge in around.edges}
    assert ("aws.autoscaling.group.web", "aws.rds.instance.orders", "data") in lines
    assert ("aws.rds.instance.orders", "aws.rds.replica.copy", "replication") in lines
    assert drawn.home("id-orders") == "aws.rds.instance.orders"


def test_a_lost_zone_takes_what_stands_in_it_and_hurts_what_leans_on_it() -> None:
    """The database of two zones goes on hurt; one of a single zone is gone, and its replica is hurt by that."""
    now = at(("zone", "us-east-1a"))
    marks = marks_at(now, standing(now))
    assert marks.dead == {"aws.ec2.subnet.out-a", "aws.ec2.subnet.in-a", "aws.ec2.nat_gateway.a"}
    assert marks.hurt >= {"aws.rds.instance.orders", "aws.autoscaling.group.web", "aws.ec2.subnet.in-b"}
    assert marks.caption == "zone us-east-1a lost"
    alone = at(("zone", "us-east-1a"), multi_az=False)
    marks = marks_at(alone, standing(alone))
    assert "aws.rds.instance.orders" in marks.dead
    assert "aws.rds.replica.copy" in marks.hurt


@pytest.mark.parametrize(("lost", "dead"), [
    (("region", "us-east-1"), True), (("region", "us-west-2"), False),
    (("host", "id-orders"), True), (("host", "id-other"), False),
])  # fmt: skip
def test_regions_and_hosts_are_lost_by_name(lost: tuple[str, str], *, dead: bool) -> None:
    """What stands in a lost Region or on a lost host is gone; another's loss takes nothing."""
    now = at(lost)
    assert ("aws.rds.instance.orders" in marks_at(now, standing(now)).dead) is dead


def test_what_is_not_there_or_drifted_is_marked() -> None:
    """A subnet that somebody deleted is wanted again, and what was in it is hurt; a drift is a change."""
    now = at()
    gone = {**now.stands, "aws.ec2.subnet.in-a": replace(now.stands["aws.ec2.subnet.in-a"], action="create")}
    gone["aws.ec2.vpc.main"] = replace(gone["aws.ec2.vpc.main"], action="update")
    marks = marks_at(replace(now, stands=gone), standing(replace(now, stands=gone)))
    assert marks.dead == {"aws.ec2.subnet.in-a"}
    assert marks.changed == {"aws.ec2.vpc.main"}
    assert "aws.rds.instance.orders" in marks.hurt
    assert marks_at(now, standing(now)).caption == ""


def test_a_loss_lasts_until_it_is_restored() -> None:
    """By the journal, the instant itself included; lost capacity takes nothing that runs."""
    journal = [
        {"t": 5.0, "event": "zone.lost", "facts": {"name": "us-east-1a"}},
        {"t": 5.0, "event": "capacity.lost", "facts": {"name": "us-east-1a"}},
        {"t": 9.0, "event": "zone.restored", "facts": {"name": "us-east-1a"}},
    ]
    assert [lost_at(journal, t) for t in (4.0, 5.0, 9.0)] == [frozenset(), {("zone", "us-east-1a")}, frozenset()]

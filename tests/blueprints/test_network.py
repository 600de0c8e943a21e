"""What a network of the spec becomes."""

from ipaddress import IPv4Network

import pytest

from tests.blueprints.built import NETWORK, build, refused
from twin.blueprints.addresses import allocate
from twin.spec.model.network import Network


def network(**fields: object) -> Network:
    """Return a network of three zones."""
    return Network.model_validate({"cidr": "10.0.0.0/16", "azs": 3, "nat": "none", **fields})


def test_every_tier_gets_one_block_per_zone_in_the_order_of_the_spec() -> None:
    """Blocks are a sixteenth of the range and follow one another."""
    blocks, shortage = allocate(network(subnets={"a": {}, "b": {}}))
    assert shortage is None
    assert [str(block) for block in blocks["a"]] == ["10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20"]
    assert str(blocks["b"][0]) == "10.0.48.0/20"


def test_a_tier_added_at_the_end_moves_no_other() -> None:
    """The blocks of the first tiers stay."""
    before, _ = allocate(network(subnets={"a": {}, "b": {"prefix": 24}}))
    after, _ = allocate(network(subnets={"a": {}, "b": {"prefix": 24}, "c": {}}))
    assert {name: after[name] for name in before} == before


def test_automatic_blocks_keep_clear_of_given_ones() -> None:
    """A block that the spec gives to one tier goes to no other."""
    given = ("10.0.0.0/20", "10.0.16.0/20", "10.0.64.0/20")
    blocks, _ = allocate(network(subnets={"auto": {}, "given": {"cidrs": given}}))
    assert not any(block.overlaps(IPv4Network(other)) for block in blocks["auto"] for other in given)


def test_a_range_that_is_too_small_is_told_at_its_tier() -> None:
    """The first tier that does not fit is named, at its line."""
    spec = """\
    network:
      cidr: 10.0.0.0/26
      azs: 2
      nat: none
      subnets:
        private: {}
        data: {exposure: isolated, prefix: 28}
        more: {exposure: isolated}
    """
    assert refused(spec) == [("TW0725", "more: {exposure: isolated}")]


@pytest.mark.parametrize(("nat", "gateways"), [("per-az", ["a", "b"]), ("single", ["a"]), ("none", [])])
def test_nat_stands_where_the_spec_says(nat: str, gateways: list[str]) -> None:
    """One gateway per zone, one for all, or none."""
    assert build(f"{NETWORK}  nat: {nat}\n").names("aws.ec2.nat_gateway") == gateways


def test_private_subnets_leave_by_the_gateway_of_their_own_zone() -> None:
    """With a gateway per zone no packet crosses zones; with one, the other zones use it."""
    own, shared = build(f"{NETWORK}  nat: per-az\n"), build(f"{NETWORK}  nat: single\n")
    assert own.get("aws.ec2.route_table", "private-b").routes[0].nat_gateway == "${aws.ec2.nat_gateway.b.id}"
    assert shared.get("aws.ec2.route_table", "private-b").routes[0].nat_gateway == "${aws.ec2.nat_gateway.a.id}"


def test_isolated_subnets_lead_nowhere() -> None:
    """Their route table has no route of its own."""
    built = build(NETWORK)
    assert built.get("aws.ec2.route_table", "isolated").routes == []
    assert len(built.get("aws.ec2.route_table", "isolated").subnets) == 2


def test_endpoints_are_routes_for_storage_and_interfaces_for_the_rest() -> None:
    """S3 by route tables, ECR in the private subnets behind a group that takes HTTPS from the VPC alone."""
    built = build(f"{NETWORK}  endpoints: [s3, ecr.api]\n")
    assert built.get("aws.ec2.vpc_endpoint", "s3").kind == "Gateway"
    assert len(built.get("aws.ec2.vpc_endpoint", "s3").route_tables) == 3
    assert built.get("aws.ec2.vpc_endpoint", "ecr-api").subnets == [
        "${aws.ec2.subnet.private-a.id}",
        "${aws.ec2.subnet.private-b.id}",
    ]
    assert [rule.cidr for rule in built.get("aws.ec2.security_group", "endpoints").ingress] == ["10.0.0.0/16"]


def test_only_flow_logs_of_this_account_may_use_their_role() -> None:
    """The trust names the account and the kind of source, against a confused deputy."""
    built = build(f"{NETWORK}  flow_logs: {{retention: 30d}}\n")
    condition = built.get("aws.iam.role", "flow-logs").trust["Statement"][0]["Condition"]
    assert condition["StringEquals"] == {"aws:SourceAccount": "111122223333"}
    assert condition["ArnLike"]["aws:SourceArn"].endswith(":vpc-flow-log/*")
    assert built.get("aws.logs.group", "flow-logs").retention_days == 30


def test_rules_become_entries_in_order() -> None:
    """ACL entries are numbered in steps; a group that names itself is `self`."""
    built = build(
        NETWORK
        + """\
  acls:
    data: {tiers: [data], ingress: [{ports: 5432, cidr: 10.0.0.0/16}, {action: deny, protocol: all, cidr: 0.0.0.0/0}]}
  security_groups: {mesh: {description: Mesh, ingress: [{group: mesh, ports: 1-9}]}}
"""
    )
    entries = built.get("aws.ec2.network_acl", "data").ingress
    assert [(e.number, e.action, e.from_port) for e in entries] == [(10, "allow", 5432), (20, "deny", None)]
    rule = built.get("aws.ec2.security_group", "mesh").ingress[0]
    assert (rule.group, rule.from_port, rule.to_port) == ("self", 1, 9)
    assert built.problems() == []


def test_everything_that_can_be_tagged_has_the_tags_of_the_org() -> None:
    """EC2 objects have a name besides."""
    subnet = build(NETWORK).get("aws.ec2.subnet", "public-a")
    assert subnet.tags == {"Name": "acme-test-public-a", "team": "platform"}

"""Folders of saved describe replies, made by boto3 from a store, in every layout; and what is wrong with some."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from click.testing import CliRunner
from moto import mock_aws

from twin.cli.decisions.network import command
from twin.errors import UsageError
from twin.observe.topology import observe
from twin.semantics.network.decide import Decision, decide
from twin.semantics.network.index import Index
from twin.semantics.network.question import parse

REGION = "us-east-1"
CALLS = (
    "describe_vpcs", "describe_subnets", "describe_route_tables", "describe_network_acls", "describe_security_groups",
    "describe_instances", "describe_network_interfaces", "describe_internet_gateways", "describe_nat_gateways",
    "describe_vpc_endpoints", "describe_vpc_peering_connections", "describe_transit_gateways",
    "describe_transit_gateway_attachments", "describe_transit_gateway_vpc_attachments",
    "describe_transit_gateway_route_tables", "describe_vpn_gateways", "describe_vpn_connections",
    "describe_egress_only_internet_gateways", "describe_managed_prefix_lists", "describe_addresses",
)  # fmt: skip
LAYOUTS = (".", REGION, f"accounts/123456789012/{REGION}")


@pytest.fixture(scope="module")
def made() -> Iterator[tuple[dict[str, Any], dict[str, str]]]:
    """The replies of every call about an org that boto3 built, and the ids in it."""
    with mock_aws():
        ec2 = boto3.client("ec2", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x")
        ids = build(ec2)
        replies = {name: getattr(ec2, name)() for name in CALLS}
        for table in replies["describe_transit_gateway_route_tables"]["TransitGatewayRouteTables"]:
            name = table["TransitGatewayRouteTableId"]
            every = [{"Name": "state", "Values": ["active", "blackhole"]}]
            found = ec2.search_transit_gateway_routes(TransitGatewayRouteTableId=name, Filters=every)
            replies[f"routes-{name}"] = found
            found = ec2.get_transit_gateway_route_table_propagations(TransitGatewayRouteTableId=name)
            replies[f"propagations-{name}"] = found
        yield replies, ids


def build(ec2: Any) -> dict[str, str]:
    """Make two VPCs on a transit gateway: a public and a private instance in one, a third in the other."""
    one = ec2.create_vpc(CidrBlock="10.20.0.0/16")["Vpc"]["VpcId"]
    two = ec2.create_vpc(CidrBlock="10.21.0.0/16")["Vpc"]["VpcId"]
    place = {"AvailabilityZone": f"{REGION}a"}
    cidrs = {"public": (one, "10.20.1.0/24"), "private": (one, "10.20.2.0/24"), "other": (two, "10.21.1.0/24")}
    subnets = {
        name: ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, **place)["Subnet"]["SubnetId"]
        for name, (vpc, cidr) in cidrs.items()
    }
    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=one)
    eip = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnets["public"], AllocationId=eip)["NatGateway"]["NatGatewayId"]
    tgw = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    for vpc, name in ((one, "private"), (two, "other")):
        ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=tgw, VpcId=vpc, SubnetIds=[subnets[name]])
    wanted = {
        "public": (one, {"0.0.0.0/0": {"GatewayId": igw}}),
        "private": (one, {"0.0.0.0/0": {"NatGatewayId": nat}, "10.21.0.0/16": {"TransitGatewayId": tgw}}),
        "other": (two, {"10.20.0.0/16": {"TransitGatewayId": tgw}}),
    }
    for name, (vpc, routes) in wanted.items():
        table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[name])
        for block, target in routes.items():
            ec2.create_route(RouteTableId=table, DestinationCidrBlock=block, **target)
    return {"igw": igw, "nat": nat} | machines(ec2, {"public": one, "private": one, "other": two}, subnets)


def machines(ec2: Any, vpcs: dict[str, str], subnets: dict[str, str]) -> dict[str, str]:
    """Start one instance in each subnet; each group lets in HTTPS from everywhere in 10/8, the public one from all."""
    found = {}
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    for name, vpc in vpcs.items():
        group = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        block = "0.0.0.0/0" if name == "public" else "10.0.0.0/8"
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": block}]}],
        )
        where = {
            "DeviceIndex": 0, "SubnetId": subnets[name], "Groups": [group],
            "AssociatePublicIpAddress": name == "public",
        }  # fmt: skip
        made = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, NetworkInterfaces=[where])
        found[name] = made["Instances"][0]["InstanceId"]
    return found


def save(folder: Path, replies: dict[str, Any]) -> None:
    """Save each reply in its own file, as `aws … > file` would."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, reply in replies.items():
        (folder / f"{name}.json").write_text(json.dumps(reply, default=str))


def ask(folder: Path, src: dict[str, Any], dst: dict[str, Any], **packet: Any) -> Decision:
    """Decide over a folder."""
    return decide(Index(observe(folder)), parse({"src": src, "dst": dst, **packet}))


@pytest.mark.parametrize("layout", LAYOUTS)
def test_each_layout_gives_the_same_verdicts(layout: str, made: Any, tmp_path: Path) -> None:
    """Public in, private out by NAT, across the transit gateway; and what is not open stays shut."""
    replies, ids = made
    save(tmp_path / layout, replies)
    https = {"protocol": "tcp", "port": 443}
    public, private, other = ({"instance": ids[name]} for name in ("public", "private", "other"))
    away = {"ip": "8.8.8.8"}
    assert ask(tmp_path, {"internet": True}, public, **https).disposition == "accepted"
    assert ask(tmp_path, {"internet": True}, public, protocol="tcp", port=22).disposition == "denied_in"
    assert ask(tmp_path, {"internet": True}, private, **https).disposition == "no_route"
    out = ask(tmp_path, private, away, **https)
    assert out.disposition == "exits_network"
    assert out.returns
    assert ids["nat"] in [hop.at for hop in out.path]
    across = ask(tmp_path, private, other, **https)
    assert (across.disposition, across.returns) == ("accepted", True)
    assert ask(tmp_path, other, away, **https).disposition == "no_route"
    assert ask(tmp_path, public, other, **https).disposition != "accepted"


def test_two_accounts_and_regions_become_one_topology(made: Any, tmp_path: Path) -> None:
    """Folders of several accounts are read together; Region and account of a VPC come from its folder."""
    replies, _ = made
    save(tmp_path / "accounts/111111111111/us-east-1", {"a": {"Vpcs": replies["describe_vpcs"]["Vpcs"]}})
    save(
        tmp_path / "accounts/222222222222/eu-west-1", {"b": {"Vpcs": [{"VpcId": "vpc-x", "CidrBlock": "10.9.0.0/16"}]}}
    )
    topology = observe(tmp_path)
    assert topology.vpcs["vpc-x"].region == "eu-west-1"
    assert topology.vpcs["vpc-x"].account == "222222222222"
    assert len(topology.vpcs) == 1 + len(replies["describe_vpcs"]["Vpcs"])


def test_an_instance_is_enough_where_interfaces_were_not_told(made: Any, tmp_path: Path) -> None:
    """Older tools save instances without their interfaces; what the instance tells of itself counts."""
    replies, ids = made
    told = json.loads(json.dumps(replies, default=str))
    del told["describe_network_interfaces"]
    instances = [one for r in told["describe_instances"]["Reservations"] for one in r["Instances"]]
    for one in instances:
        one["SecurityGroups"] = one.pop("NetworkInterfaces")[0]["Groups"]
    save(tmp_path, told)
    public = {"instance": ids["public"]}
    assert ask(tmp_path, {"internet": True}, public, protocol="tcp", port=443).disposition == "accepted"
    assert ask(tmp_path, {"internet": True}, public, protocol="tcp", port=22).disposition == "denied_in"
    for one in instances:
        del one["SecurityGroups"]
    save(tmp_path, told)
    assert ask(tmp_path, {"internet": True}, public, protocol="tcp", port=443).disposition == "denied_in"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "not JSON"),
        ("3", "a saved reply is a JSON object"),
        ('{"Vpcs": 3}', "Vpcs must be a list of objects"),
        ('{"Vpcs": [{}]}', "without VpcId"),
        ('{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "ten"}]}', "is no CIDR block"),
        ('{"Routes": [{"DestinationCidrBlock": "10.0.0.0/8"}]}', "tgw-rtb"),
        ('{"Entries": [{"Cidr": "10.0.0.0/8"}]}', "put its id in the file's name"),
    ],
)
def test_a_malformed_file_is_named(content: str, said: str, tmp_path: Path) -> None:
    """The error says which file and what is wrong with it."""
    (tmp_path / "wrong.json").write_text(content)
    with pytest.raises(UsageError, match=r"wrong\.json") as caught:
        observe(tmp_path)
    assert said in str(caught.value)


def test_a_folder_without_replies_is_refused(tmp_path: Path) -> None:
    """Nothing observed is not an empty network."""
    with pytest.raises(UsageError, match="holds no saved describe reply"):
        observe(tmp_path)


def test_unknown_keys_are_passed_over_with_a_note(made: Any, tmp_path: Path) -> None:
    """A file about something else does no harm, and is told."""
    replies, _ = made
    save(tmp_path, {**replies, "volumes": {"Volumes": []}})
    assert [note for note in observe(tmp_path).notes if "volumes.json" in note and "Volumes" in note]


ROUTE = {"DestinationCidrBlock": "10.21.0.0/16", "State": "blackhole", "Type": "static"}


@pytest.mark.parametrize(
    ("file", "reply"),
    [
        ("routes-{}.json", {"Routes": [ROUTE]}),
        ("{}/routes.json", {"Routes": [ROUTE]}),
        ("routes.json", {"TransitGatewayRouteTableId": "{}", "Routes": [ROUTE]}),
        ("all.json", {"TransitGatewayStaticRoutes": [{"TransitGatewayRouteTableId": "{}", "Routes": [ROUTE]}]}),
    ],
)
def test_the_table_of_saved_routes_is_found(file: str, reply: dict[str, Any], made: Any, tmp_path: Path) -> None:
    """In the file's name, its folder's, or beside the routes."""
    replies, ids = made
    table = replies["describe_transit_gateway_route_tables"]["TransitGatewayRouteTables"][0][
        "TransitGatewayRouteTableId"
    ]
    save(tmp_path, {name: one for name, one in replies.items() if not name.startswith("routes-")})
    path = tmp_path / file.replace("{}", table)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(reply).replace("{}", table))
    asked = ask(tmp_path, {"instance": ids["private"]}, {"instance": ids["other"]}, port=443)
    assert asked.disposition == "null_routed"


def test_the_command_answers_line_by_line(made: Any, tmp_path: Path) -> None:
    """One answer per question, in order, with exactly the members of the format; a bad line is answered as such."""
    replies, ids = made
    save(tmp_path / "snapshot", replies)
    questions = [
        {"id": "in", "src": {"internet": True}, "dst": {"instance": ids["public"]}, "protocol": "tcp", "port": 443},
        {"id": "bad", "src": {"interface": "eni-none"}, "dst": {"ip": "10.0.0.1"}},
        {"id": "out", "src": {"instance": ids["private"]}, "dst": {"ip": "8.8.8.8"}, "protocol": "udp", "port": 53},
    ]
    asked = tmp_path / "questions.jsonl"
    asked.write_text("\n".join(json.dumps(one) for one in questions))
    result = CliRunner().invoke(command, ["--snapshot", str(tmp_path / "snapshot"), str(asked)], standalone_mode=False)
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line["id"] for line in lines] == ["in", "bad", "out"]
    assert set(lines[0]) == {"id", "disposition", "path", "because"}
    assert [line.get("disposition") for line in lines] == ["accepted", None, "exits_network"]
    assert "eni-none" in lines[1]["error"]["message"]
    assert {hop["direction"] for hop in lines[0]["path"]} == {"forward", "return"}

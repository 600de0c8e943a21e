"""What EC2 refuses of a network is a problem before anything is sent."""

import re
from pathlib import Path

import pytest
from network_world import (
    ALIEN,
    EIP,
    GROUP,
    IGW,
    OTHER,
    SCOPE,
    TCP,
    VPC,
    WAY,
    A,
    B,
    acl,
    endpoint,
    group,
    health,
    interface,
    listener,
    logs,
    nat,
    problems,
    subnet,
    table,
)

import twin.resources.aws
from twin.address import Address
from twin.codes import codes
from twin.engine.check import STAND_IN
from twin.resources.aws.api import check
from twin.resources.aws.facts import facts
from twin.resources.aws.flow_log import FlowLog
from twin.resources.aws.nat import ElasticIp
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.route_table import Route, RouteTable
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.resources.resource import Peers, drain
from twin.resources.scope import Scope

PEERING = "pcx-0123456789abcdef0"

GOOD = {
    "vpc": Vpc(cidr_block="10.2.0.0/16"),
    "subnet": subnet(),
    "subnet-of-a-range-not-known": subnet(cidr_block="${aws.ec2.vpc.main.range}"),
    "nat": nat(),
    "routes": table(WAY, {"destination": "192.168.0.0/16", "peering": PEERING}, subnets=[A]),
    "internet": table({"destination": "0.0.0.0/0", "gateway": IGW}, {"destination": "::/0", "gateway": IGW}),
    "routes-full": table(
        *({"destination": f"10.{100 + n // 256}.{n % 256}.0/24", "peering": PEERING} for n in range(500)),
        {"destination": "2001:db8::/32", "peering": PEERING},
    ),
    "acl": acl({"protocol": "tcp", "from_port": 1, "to_port": 2}, {"number": 200, "protocol": "47"}, subnets=[A]),
    "acl-full": acl(
        *({"number": n} for n in range(1, 20)),
        *({"number": n, "cidr": None, "ipv6_cidr": "::/0"} for n in range(20, 39)),
    ),
    "group-full": group(
        *({**TCP, "from_port": n, "to_port": n} for n in range(60)),
        *({**TCP, "from_port": n, "to_port": n, "cidr": None, "ipv6_cidr": "::/0"} for n in range(60)),
    ),
    "group": group(TCP, {"protocol": "icmp", "group": "self"}, {"protocol": "all", "group": GROUP}),
    "gateway-endpoint": endpoint(),
    "interface-endpoint": interface(subnets=[A, B], security_groups=[GROUP]),
    "flow-log": logs(interval=60),
    "flow-log-s3": FlowLog(vpc=VPC, destination_type="s3", bucket="arn:aws:s3:::flows"),
}


@pytest.mark.parametrize("resource", GOOD.values(), ids=GOOD.keys())
def test_good_resource_has_no_problem(resource):
    """What AWS takes gets no complaint, and botocore's model takes every call that creates it."""
    assert problems(resource) == []
    calls, _ = drain(resource.create(SCOPE, Address(resource.TYPE, "zz")), STAND_IN)
    assert calls
    assert [line for call in calls for line in check(call)] == []


BAD = [
    (Vpc(cidr_block="10.0.0.0/8"), "TW0402", "cidr_block"),
    (Vpc(cidr_block="10.0.0.0/29"), "TW0402", "cidr_block"),
    (Vpc(cidr_block="10.0.0.300/16"), "TW0401", "cidr_block"),
    (Vpc(cidr_block="10.0.0.5/16"), "TW0401", "cidr_block"),
    (Vpc(cidr_block="10.0.0.0"), "TW0401", "cidr_block"),
    (Vpc(cidr_block="2001:db8::/56"), "TW0401", "cidr_block"),
    (Vpc(cidr_block="10.2.0.0/16", dns_support=False), "TW0410", "dns_hostnames"),
    (InternetGateway(vpc=VPC), "TW0411", "vpc"),
    (subnet(cidr_block="10.9.0.0/24"), "TW0403", "cidr_block"),
    (subnet(cidr_block="10.0.0.128/25"), "TW0404", "cidr_block"),
    (subnet(cidr_block="10.0.9.0/29"), "TW0402", "cidr_block"),
    (subnet(availability_zone="us-east-1g"), "TW0405", "availability_zone"),
    (subnet(availability_zone="eu-west-1a"), "TW0405", "availability_zone"),
    (nat(elastic_ip=EIP), "TW0412", "elastic_ip"),
    (nat(subnet=ALIEN), "TW0412", "internet_gateway"),
    (table({"destination": "0.0.0.0/0"}), "TW0413", "routes"),
    (table({**WAY, "gateway": IGW}), "TW0413", "routes"),
    (table({"destination": "0.0.0.0/0", "nat_gateway": "${aws.ec2.nat_gateway.nowhere.id}"}), "TW0413", "routes"),
    (table({"destination": "0.0.0.0/0", "nat_gateway": "igw-0123456789abcdef0"}), "TW0413", "routes"),
    (table({"destination": "0.0.0.0/0", "nat_gateway": IGW}), "TW0413", "routes"),
    (table(WAY, WAY), "TW0414", "routes"),
    (table({**WAY, "destination": "10.0.0.0/16"}), "TW0414", "routes"),
    (table({**WAY, "destination": "everywhere"}), "TW0401", "routes"),
    (table(*({**WAY, "destination": f"172.16.{n // 250}.{n % 250}/32"} for n in range(501))), "TW0406", "routes"),
    (RouteTable(vpc=OTHER, routes=[Route(**WAY)]), "TW0437", "routes"),
    (table(subnets=[ALIEN]), "TW0437", "subnets"),
    (acl({"number": 0}), "TW0416", "ingress"),
    (acl({"number": 32767}), "TW0416", "ingress"),
    (acl({}, {"action": "deny"}), "TW0416", "ingress"),
    (acl({"protocol": "tcpp"}), "TW0408", "ingress"),
    (acl({"protocol": "6"}), "TW0408", "ingress"),
    (acl({"from_port": 1, "to_port": 2}), "TW0407", "ingress"),
    (acl({"cidr": None}), "TW0409", "ingress"),
    (acl({"cidr": "10.0.0.1/8"}), "TW0401", "ingress"),
    (acl(*({"number": n} for n in range(1, 21))), "TW0406", "ingress"),
    (group({**TCP, "to_port": 99999}), "TW0407", "ingress"),
    (group({**TCP, "from_port": 444}), "TW0407", "ingress"),
    (group({"cidr": "10.0.0.0/8"}), "TW0407", "ingress"),
    (group({**TCP, "protocol": "all"}), "TW0407", "ingress"),
    (group({**TCP, "protocol": "gopher"}), "TW0408", "ingress"),
    (group({**TCP, "group": GROUP}), "TW0409", "ingress"),
    (group({**TCP, "cidr": None}), "TW0409", "ingress"),
    (group(TCP, {**TCP, "description": "again"}), "TW0409", "ingress"),
    (group({**TCP, "cidr": "10.0.0.0/33"}), "TW0401", "ingress"),
    (group({**TCP, "cidr": "::/0"}), "TW0401", "ingress"),
    (group(*({**TCP, "from_port": n, "to_port": n + 1000} for n in range(61))), "TW0406", "ingress"),
    (
        group(
            *({**TCP, "from_port": n, "to_port": n} for n in range(60)),
            {**TCP, "from_port": 60, "to_port": 60, "cidr": None, "group": GROUP},
        ),
        "TW0406",
        "ingress",
    ),
    (
        table(*({"destination": f"10.{100 + n // 256}.{n % 256}.0/24", "peering": PEERING} for n in range(501))),
        "TW0406",
        "routes",
    ),
    (group(name="sg-app"), "TW0417", "name"),
    (group(name="default"), "TW0417", "name"),
    (group(description="naïve"), "TW0417", "description"),
    (group({**TCP, "cidr": None, "group": GROUP}, vpc=OTHER), "TW0437", "ingress"),
    (endpoint(service="com.amazonaws.eu-west-1.s3"), "TW0418", "service"),
    (endpoint(service="com.amazonaws.us-east-1.kms"), "TW0418", "kind"),
    (endpoint(subnets=[A]), "TW0418", "subnets"),
    (interface(route_tables=["rtb-1"]), "TW0418", "route_tables"),
    (interface(subnets=[A, A]), "TW0418", "subnets"),
    (interface(vpc=OTHER, subnets=[ALIEN]), "TW0410", "private_dns"),
    (interface(security_groups=[f"sg-{n}" for n in range(6)]), "TW0406", "security_groups"),
    (endpoint(policy={"x": "y" * 20480}), "TW0418", "policy"),
    (logs(role=None), "TW0419", "role"),
    (logs(bucket="arn:aws:s3:::flows"), "TW0419", "bucket"),
    (logs(interval=300), "TW0419", "interval"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "code", "field"), BAD, ids=[f"{number}-{code}-{field}" for number, (_, code, field) in enumerate(BAD)]
)
def test_bad_resource_has_its_problem(resource, code, field):
    """What AWS refuses is found, under its code and on the field that is to blame."""
    assert {(problem.code, problem.field) for problem in problems(resource)} == {(code, field)}


QUOTAS = [
    ("vpcs_per_region", lambda n: Vpc(cidr_block=f"10.{n + 2}.0.0/16"), 2),
    ("elastic_ips_per_region", lambda _: ElasticIp(), 2),
    ("hosted_zones_per_account", lambda n: HostedZone(name=f"z{n}.example"), 1),
    ("health_checks_per_account", lambda _: health(), 0),
    ("listeners_per_load_balancer", lambda n: listener(port=1000 + n), 0),
]


@pytest.mark.parametrize(("quota", "make", "already"), QUOTAS, ids=[quota for quota, *_ in QUOTAS])
def test_one_too_many_is_over_the_quota(quota, make, already):
    """The quota is used up without a word; the next one is a problem."""
    limit = facts("network")[quota]
    others = [(f"n{number}", make(number)) for number in range(limit - already)]
    *fitting, (_, last) = others
    assert [p.code for p in problems(last, *fitting)] == []
    assert [p.code for p in problems(make(limit), *others)] == ["TW0406"]


def test_sixth_nat_gateway_of_a_zone_is_over_the_quota():
    """Gateways count per zone: five more in another zone are no problem."""

    def gateways(place, count):
        return [(f"{place[-5]}{n}", nat(subnet=place, elastic_ip=f"eipalloc-{place[-5]}{n}")) for n in range(count)]

    one = nat(elastic_ip="eipalloc-x")
    assert problems(one, *gateways(A, 4), *gateways(B, 4)) == []
    assert [p.code for p in problems(one, *gateways(B, 5))] == ["TW0406"]


def test_subnet_has_one_table_and_one_filter():
    """A subnet that two route tables or two network ACLs claim is a problem of the second."""
    assert [p.code for p in problems(table(subnets=[A]), ("aa", table(subnets=[A])))] == ["TW0415"]
    assert [p.code for p in problems(acl(subnets=[A]), ("aa", acl(subnets=[A])))] == ["TW0415"]
    assert problems(table(subnets=[A]), ("aa", table(subnets=[B]))) == []


def test_unknown_region_is_not_judged():
    """Zones are judged only where the facts list them."""
    desired = {Address(Subnet.TYPE, "x"): subnet(availability_zone="xx-new-1a")}
    scope = Scope(org="acme", environment="test", account="123456789012", region="xx-new-1")
    assert list(desired[Address(Subnet.TYPE, "x")].check(Address(Subnet.TYPE, "x"), Peers(desired, scope))) == []


def test_every_code_is_explained():
    """Each code that a file of AWS types yields below TW0440 has a title and a text, and each such text a code."""
    folder = Path(twin.resources.aws.__file__).parent
    used = {code for file in folder.glob("*.py") for code in re.findall(r'"(TW04[0-3]\d)"', file.read_text())}
    assert used == {code for code in codes() if code.startswith(("TW040", "TW041", "TW042", "TW043"))}

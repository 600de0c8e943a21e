"""A declared network, and resources to check beside it."""

from twin.address import Address
from twin.resources.aws.acm import Certificate
from twin.resources.aws.autoscaling import AutoScalingGroup
from twin.resources.aws.endpoint import VpcEndpoint
from twin.resources.aws.flow_log import FlowLog
from twin.resources.aws.health_check import HealthCheck
from twin.resources.aws.launch_template import LaunchTemplate
from twin.resources.aws.listener import Listener
from twin.resources.aws.load_balancer import LoadBalancer
from twin.resources.aws.nat import ElasticIp, NatGateway
from twin.resources.aws.network_acl import AclEntry, NetworkAcl
from twin.resources.aws.record import Alias, Record
from twin.resources.aws.route53 import HostedZone
from twin.resources.aws.route_table import Route, RouteTable
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.target_group import TargetGroup
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.resources.resource import Peers, Problem, Resource
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test", account="123456789012", region="us-east-1")
VPC, OTHER = "${aws.ec2.vpc.main.id}", "${aws.ec2.vpc.other.id}"
A, B, ALIEN, TINY = (f"${{aws.ec2.subnet.{name}.id}}" for name in ("a", "b", "alien", "tiny"))
IGW = "${aws.ec2.internet_gateway.main.id}"
NAT = "${aws.ec2.nat_gateway.a.id}"
EIP = "${aws.ec2.elastic_ip.a.id}"
GROUP = "${aws.ec2.security_group.web.id}"
TARGETS = "${aws.elbv2.target_group.web.arn}"
BALANCER = "${aws.elbv2.load_balancer.web.arn}"
NETWORK_BALANCER = "${aws.elbv2.load_balancer.tcp.arn}"
CERTIFICATE = "${aws.acm.certificate.web.arn}"
TEMPLATE = "${aws.ec2.launch_template.web.id}"
ZONE = "${aws.route53.zone.main.id}"

WORLD: dict[str, list[Resource]] = {
    "main": [
        Vpc(cidr_block="10.0.0.0/16"),
        InternetGateway(vpc=VPC),
        HostedZone(name="example.com"),
    ],
    "other": [Vpc(cidr_block="10.1.0.0/16", dns_hostnames=False)],
    "a": [
        Subnet(vpc=VPC, cidr_block="10.0.0.0/24", availability_zone="us-east-1a"),
        ElasticIp(),
        NatGateway(subnet=A, elastic_ip=EIP, internet_gateway=IGW),
    ],
    "b": [Subnet(vpc=VPC, cidr_block="10.0.1.0/24", availability_zone="us-east-1b"), ElasticIp()],
    "tiny": [Subnet(vpc=VPC, cidr_block="10.0.2.0/28", availability_zone="us-east-1c")],
    "alien": [Subnet(vpc=OTHER, cidr_block="10.1.0.0/24", availability_zone="us-east-1b")],
    "web": [
        SecurityGroup(vpc=VPC, name="web", description="web"),
        TargetGroup(name="web", vpc=VPC),
        LoadBalancer(name="web", subnets=[A, B], security_groups=[GROUP]),
        Certificate(domain="example.com", names=["*.example.com"]),
        LaunchTemplate(name="web", image="ami-0123456789abcdef0", instance_type="t3.micro"),
    ],
    "tcp": [LoadBalancer(name="tcp", kind="network", subnets=[A]), TargetGroup(name="tcp", vpc=VPC, protocol="TCP")],
}


def problems(resource: Resource, *more: tuple[str, Resource], name: str = "zz") -> list[Problem]:
    """Check a resource beside the world above and `more` of its like."""
    desired = {Address(item.TYPE, key): item for key, items in WORLD.items() for item in items}
    desired |= {Address(item.TYPE, key): item for key, item in more}
    address = Address(resource.TYPE, name)
    desired[address] = resource
    return list(resource.check(address, Peers(desired, SCOPE)))


def subnet(**changes):
    """Return a subnet with changes."""
    return Subnet(**{"vpc": VPC, "cidr_block": "10.0.9.0/24", "availability_zone": "us-east-1a", **changes})


def nat(**changes):
    """Return a NAT gateway in the second zone with changes."""
    return NatGateway(**{"subnet": B, "elastic_ip": "${aws.ec2.elastic_ip.b.id}", "internet_gateway": IGW, **changes})


def table(*routes, **changes):
    """Return a route table with changes."""
    return RouteTable(vpc=VPC, routes=[Route(**route) for route in routes], **changes)


def acl(*entries, **changes):
    """Return a network ACL of ingress entries with changes."""
    found = [AclEntry(**{"number": 100, "action": "allow", "cidr": "0.0.0.0/0", **entry}) for entry in entries]
    return NetworkAcl(vpc=VPC, ingress=found, **changes)


def group(*rules, **changes):
    """Return a security group of ingress rules with changes."""
    found = [SecurityRule(**rule) for rule in rules]
    return SecurityGroup(**{"vpc": VPC, "name": "app", "description": "app", "ingress": found, **changes})


def endpoint(**changes):
    """Return a gateway endpoint with changes."""
    return VpcEndpoint(**{"vpc": VPC, "service": "com.amazonaws.us-east-1.s3", **changes})


def interface(**changes):
    """Return an interface endpoint with changes."""
    return endpoint(
        **{
            "service": "com.amazonaws.us-east-1.kms",
            "kind": "Interface",
            "subnets": [A],
            "private_dns": True,
            **changes,
        }
    )


def logs(**changes):
    """Return a flow log with changes."""
    return FlowLog(**{"vpc": VPC, "log_group": "flows", "role": "arn:aws:iam::123456789012:role/x", **changes})


def balancer(**changes):
    """Return a load balancer with changes."""
    return LoadBalancer(**{"name": "app", "subnets": [A, B], "security_groups": [GROUP], **changes})


def targets(**changes):
    """Return a target group with changes."""
    return TargetGroup(**{"name": "app", "vpc": VPC, **changes})


def listener(**changes):
    """Return a listener with changes."""
    return Listener(**{"load_balancer": BALANCER, "port": 80, "protocol": "HTTP", "target_group": TARGETS, **changes})


def secure(**changes):
    """Return a listener for HTTPS with changes."""
    return listener(**{"port": 443, "protocol": "HTTPS", "certificate": CERTIFICATE, **changes})


def template(**changes):
    """Return a launch template with changes."""
    return LaunchTemplate(
        **{"name": "app", "image": "resolve:ssm:/aws/service/x", "instance_type": "m7g.large", **changes}
    )


def scaling(**changes):
    """Return an Auto Scaling group with changes."""
    return AutoScalingGroup(
        **{"name": "app", "launch_template": TEMPLATE, "subnets": [A, B], "min": 1, "max": 3, **changes}
    )


def record(**changes):
    """Return a DNS record with changes."""
    return Record(
        **{"zone": ZONE, "name": "www.example.com", "type": "A", "ttl": 60, "records": ["192.0.2.1"], **changes}
    )


def health(**changes):
    """Return a health check with changes."""
    return HealthCheck(**{"domain": "example.com", **changes})


TCP = {"from_port": 443, "to_port": 443, "cidr": "10.0.0.0/8"}
WAY = {"destination": "0.0.0.0/0", "nat_gateway": NAT}
ALIAS = Alias(dns_name="${aws.elbv2.load_balancer.web.dns_name}", zone_id="${aws.elbv2.load_balancer.web.zone_id}")

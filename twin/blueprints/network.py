"""The network: the VPC, its subnets over the zones, the ways out, and what is recorded of the traffic."""

from collections.abc import Iterable

from twin.blueprints.addresses import allocate
from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import allow, document, trust
from twin.resources.aws.endpoint import VpcEndpoint
from twin.resources.aws.facts import facts
from twin.resources.aws.flow_log import FlowLog
from twin.resources.aws.iam_role import Role
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.nat import ElasticIp, NatGateway
from twin.resources.aws.route_table import Route, RouteTable
from twin.resources.aws.security_group import SecurityGroup, SecurityRule
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.vpc import InternetGateway, Vpc
from twin.spec.model.network import Network

AT = ("network",)
VPC = ref("aws.ec2.vpc", "main")
GATEWAY = ref("aws.ec2.internet_gateway", "main")
ANYWHERE = "0.0.0.0/0"
GATEWAY_SERVICES = ("s3", "dynamodb")
"""The services whose endpoints are routes; all others stand in subnets as network interfaces."""


def build(blueprint: Blueprint) -> None:
    """Declare the VPC and everything that only the network section speaks of."""
    network = blueprint.org.network
    if network is None:
        return
    blueprint.add("main", Vpc(cidr_block=str(network.cidr)), AT, {"cidr_block": (*AT, "cidr")})
    _subnets(blueprint, network)
    if tiers(network, "public"):
        blueprint.add("main", InternetGateway(vpc=VPC), AT)
    _nat(blueprint, network)
    _routes(blueprint, network)
    _endpoints(blueprint, network)
    _flow_logs(blueprint, network)


def vpc_range(blueprint: Blueprint) -> str:
    """Return the VPC's range; what names a tier of subnets has a network."""
    network = blueprint.org.network
    assert network is not None
    return str(network.cidr)


def letters(blueprint: Blueprint) -> list[str]:
    """Return the letters of the zones that the network spans."""
    network, region = blueprint.org.network, blueprint.scope.region
    known = facts("network")["zones"].get(region, "abcdef")
    return list(known[: network.azs if network else 0])


def tiers(network: Network, *exposures: str) -> list[str]:
    """Return the names of the tiers of these exposures, in the order of the spec."""
    return [name for name, tier in network.subnets.items() if tier.exposure in exposures]


def subnets_of(blueprint: Blueprint, tier: str, zones: int | None = None) -> list[str]:
    """Return references to the subnets of a tier, one per zone; in the first few `zones` only where that is given."""
    return [ref("aws.ec2.subnet", f"{tier}-{letter}") for letter in letters(blueprint)][:zones]


def blocks_of(blueprint: Blueprint, tier: str) -> list[str]:
    """Return the ranges of a tier's subnets."""
    network = blueprint.org.network
    return [str(block) for block in allocate(network)[0].get(tier, ())] if network else []


def _subnets(blueprint: Blueprint, network: Network) -> None:
    blocks, shortage = allocate(network)
    if shortage:
        blueprint.problem(
            "TW0725",
            f"the tier {shortage.tier} needs {network.azs} blocks of /{shortage.prefix}, {network.cidr} has no room",
            (*AT, "subnets", shortage.tier, "prefix"),
            "give the VPC a larger range, or the tiers a greater `prefix`",
        )
        lacking = [tier for tier in network.subnets if tier not in blocks]
        blueprint.unmade += [f"aws.ec2.subnet.{tier}-{letter}" for tier in lacking for letter in letters(blueprint)]
    for tier, ranges in blocks.items():
        for index, (letter, block) in enumerate(zip(letters(blueprint), ranges, strict=False)):
            at = (*AT, "subnets", tier)
            subnet = Subnet(
                vpc=VPC,
                cidr_block=str(block),
                availability_zone=blueprint.scope.region + letter,
                tags=_cluster_tags(blueprint, network, tier),
            )
            blueprint.add(f"{tier}-{letter}", subnet, at, {"cidr_block": (*at, "cidrs", index)})


def _cluster_tags(blueprint: Blueprint, network: Network, tier: str) -> dict[str, str]:
    """The tags by which Kubernetes finds the subnets for its load balancers."""
    eks = blueprint.org.compute.eks
    if eks is None:
        return {}
    if network.subnets[tier].exposure == "public":
        return {"kubernetes.io/role/elb": "1"}
    return {"kubernetes.io/role/internal-elb": "1"} if tier == eks.subnets else {}


def _nat_letters(blueprint: Blueprint, network: Network) -> list[str]:
    if network.nat == "none" or not tiers(network, "private"):
        return []
    return letters(blueprint) if network.nat == "per-az" else letters(blueprint)[:1]


def _nat(blueprint: Blueprint, network: Network) -> None:
    at = (*AT, "nat")
    for letter in _nat_letters(blueprint, network):
        address = blueprint.add(f"nat-{letter}", ElasticIp(), at)
        subnet = ref("aws.ec2.subnet", f"{tiers(network, 'public')[0]}-{letter}")
        gateway = NatGateway(subnet=subnet, elastic_ip=address.id, internet_gateway=GATEWAY)
        blueprint.add(letter, gateway, at)


def _routes(blueprint: Blueprint, network: Network) -> None:
    public = tiers(network, "public")
    if public:
        out = [Route(destination=ANYWHERE, gateway=GATEWAY)]
        members = [subnet for tier in public for subnet in subnets_of(blueprint, tier)]
        blueprint.add("public", RouteTable(vpc=VPC, routes=out, subnets=members), (*AT, "subnets", public[0]))
    private, nats = tiers(network, "private"), _nat_letters(blueprint, network)
    for letter in letters(blueprint) if private else ():
        way = letter if letter in nats else next(iter(nats), None)
        out = [Route(destination=ANYWHERE, nat_gateway=ref("aws.ec2.nat_gateway", way))] if way else []
        members = [ref("aws.ec2.subnet", f"{tier}-{letter}") for tier in private]
        at = (*AT, "subnets", private[0])
        blueprint.add(f"private-{letter}", RouteTable(vpc=VPC, routes=out, subnets=members), at)
    isolated = tiers(network, "isolated")
    if isolated:
        members = [subnet for tier in isolated for subnet in subnets_of(blueprint, tier)]
        blueprint.add("isolated", RouteTable(vpc=VPC, subnets=members), (*AT, "subnets", isolated[0]))


def _endpoints(blueprint: Blueprint, network: Network) -> None:
    interfaces = [name for name in network.endpoints if name not in GATEWAY_SERVICES]
    inner = [*tiers(network, "private"), *tiers(network, "isolated"), *tiers(network, "public")]
    if interfaces:
        rule = SecurityRule(from_port=443, to_port=443, cidr=str(network.cidr), description="HTTPS from the VPC")
        group = SecurityGroup(
            vpc=VPC,
            name=blueprint.name("endpoints"),
            description="Endpoints of AWS services",
            ingress=[rule],
            egress=[],
        )
        blueprint.add("endpoints", group, (*AT, "endpoints"))
    for index, name in enumerate(network.endpoints):
        at = (*AT, "endpoints", index)
        service = f"com.amazonaws.{blueprint.scope.region}.{name}"
        if name in interfaces:
            endpoint = VpcEndpoint(
                vpc=VPC,
                service=service,
                kind="Interface",
                subnets=subnets_of(blueprint, inner[0]),
                security_groups=[ref("aws.ec2.security_group", "endpoints")],
                private_dns=True,
            )
        else:
            endpoint = VpcEndpoint(vpc=VPC, service=service, route_tables=list(_tables(blueprint, network)))
        blueprint.add(name.replace(".", "-"), endpoint, at, {"service": at})


def _tables(blueprint: Blueprint, network: Network) -> Iterable[str]:
    """Yield the route tables of the tiers that do not face the internet."""
    if tiers(network, "private"):
        yield from (ref("aws.ec2.route_table", f"private-{letter}") for letter in letters(blueprint))
    if tiers(network, "isolated"):
        yield ref("aws.ec2.route_table", "isolated")


def _flow_logs(blueprint: Blueprint, network: Network) -> None:
    logs, scope = network.flow_logs, blueprint.scope
    if logs is None:
        return
    at = (*AT, "flow_logs")
    group = LogGroup(name=f"/aws/vpc/{blueprint.name('flow-logs')}", retention_days=logs.retention.days)
    kept = blueprint.add("flow-logs", group, at, {"retention_days": (*at, "retention")})
    ours = {
        "StringEquals": {"aws:SourceAccount": scope.account},
        "ArnLike": {"aws:SourceArn": scope.arn("ec2", "vpc-flow-log/*")},
    }
    writing = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogGroups", "logs:DescribeLogStreams"]
    arn = scope.arn("logs", f"log-group:{group.name}")
    role = Role(
        name=blueprint.name("flow-logs"),
        description="Writes the flow log",
        trust=trust("vpc-flow-logs.amazonaws.com", ours),
        inline={"write": document([allow(writing, [arn, f"{arn}:*"])])},
    )
    writer = blueprint.add("flow-logs", role, at)
    log = FlowLog(vpc=VPC, traffic=logs.traffic.upper(), log_group=kept.id, role=writer.arn)
    blueprint.add("main", log, at, {"traffic": (*at, "traffic")})

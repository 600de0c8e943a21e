"""The typed graph of an AWS network: what is there, as its describe calls tell it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from twin.semantics.network.balancing import LoadBalancer
from twin.semantics.network.headers import Address
from twin.semantics.network.intervals import Network
from twin.semantics.network.transit import Attachment, TransitGateway, TransitTable
from twin.semantics.network.workloads import Cluster, Database, Fleet, Function, Record

RouteKind = Literal["local", "static", "prefix-list", "propagated"]


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC with its address blocks of both IP versions."""

    id: str
    cidrs: tuple[Network, ...]
    region: str = ""
    account: str = ""


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `zone` is the zone's id where it was told, else its name, which is empty when it is not known."""

    id: str
    vpc: str
    cidrs: tuple[Network, ...]
    zone: str = ""
    zone_name: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """A private (or IPv6) address of an interface, with the public IPv4 address that stands for it outside."""

    address: Address
    public: Address | None = None


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface; `checked` is AWS's source/destination check, `attached` whether anything is behind it."""

    id: str
    vpc: str
    subnet: str
    addresses: tuple[Held, ...]
    groups: tuple[str, ...] = ()
    checked: bool = True
    instance: str = ""
    kind: str = "interface"
    description: str = ""
    attached: bool = True


@dataclass(frozen=True, slots=True)
class Instance:
    """An instance and its state (`running`, `stopped`, …)."""

    id: str
    interfaces: tuple[str, ...]
    state: str = "running"


@dataclass(frozen=True, slots=True)
class Route:
    """One route: where the blocks go. `target` is the id of a gateway or interface, or `local`."""

    destinations: tuple[Network, ...]
    target: str
    kind: RouteKind = "static"
    active: bool = True
    label: str = ""


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A route table with the subnets and gateways that it is explicitly associated with."""

    id: str
    vpc: str
    routes: tuple[Route, ...]
    subnets: tuple[str, ...] = ()
    gateways: tuple[str, ...] = ()
    main: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """What a filter's rule says of a packet's protocol; `ports` are ICMP type and code where that is the protocol.

    `protocol` is None for all; a bound is None where the rule leaves it open.
    """

    protocol: int | None = None
    ports: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class AclEntry:
    """A numbered rule of a network ACL."""

    number: int
    egress: bool
    allow: bool
    match: Match
    block: Network


@dataclass(frozen=True, slots=True)
class NetworkAcl:
    """A network ACL: stateless, its entries evaluated in the order of their numbers."""

    id: str
    vpc: str
    entries: tuple[AclEntry, ...]
    subnets: tuple[str, ...] = ()
    default: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """An allow rule of a security group, for blocks (prefix lists expanded) and for members of groups."""

    match: Match
    blocks: tuple[Network, ...] = ()
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecurityGroup:
    """A security group: stateful, allow rules only."""

    id: str
    vpc: str
    ingress: tuple[Permission, ...] = ()
    egress: tuple[Permission, ...] = ()


@dataclass(frozen=True, slots=True)
class InternetGateway:
    """An internet gateway, or an egress-only one for IPv6, with the VPCs that it is attached to."""

    id: str
    vpcs: tuple[str, ...]
    egress_only: bool = False


@dataclass(frozen=True, slots=True)
class NatGateway:
    """A NAT gateway: zonal, it lives in one subnet and rewrites the source to `private`."""

    id: str
    vpc: str
    subnet: str
    private: Address | None
    public: Address | None = None
    available: bool = True


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A VPC endpoint; `kind` is `Gateway`, `Interface` or `GatewayLoadBalancer`."""

    id: str
    vpc: str
    kind: str
    service: str = ""
    subnets: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()
    available: bool = True


@dataclass(frozen=True, slots=True)
class Peering:
    """A peering connection of two VPCs."""

    id: str
    requester: str
    accepter: str
    active: bool = True
    cidrs: tuple[tuple[Network, ...], tuple[Network, ...]] = ((), ())


@dataclass(frozen=True, slots=True)
class VpnGateway:
    """A virtual private gateway and the VPC that it is attached to; VPNs and Direct Connect lie behind it."""

    id: str
    vpcs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VpnConnection:
    """A site-to-site VPN and the gateway (virtual private or transit) at its AWS end."""

    id: str
    gateway: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Everything that was observed, each kind by id; `names` are those in tags, `notes` say what was not understood."""

    vpcs: Mapping[str, Vpc] = field(default_factory=dict)
    subnets: Mapping[str, Subnet] = field(default_factory=dict)
    interfaces: Mapping[str, Interface] = field(default_factory=dict)
    instances: Mapping[str, Instance] = field(default_factory=dict)
    route_tables: Mapping[str, RouteTable] = field(default_factory=dict)
    acls: Mapping[str, NetworkAcl] = field(default_factory=dict)
    groups: Mapping[str, SecurityGroup] = field(default_factory=dict)
    internet_gateways: Mapping[str, InternetGateway] = field(default_factory=dict)
    nat_gateways: Mapping[str, NatGateway] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    peerings: Mapping[str, Peering] = field(default_factory=dict)
    vpn_gateways: Mapping[str, VpnGateway] = field(default_factory=dict)
    vpn_connections: Mapping[str, VpnConnection] = field(default_factory=dict)
    transit_gateways: Mapping[str, TransitGateway] = field(default_factory=dict)
    attachments: Mapping[str, Attachment] = field(default_factory=dict)
    transit_tables: Mapping[str, TransitTable] = field(default_factory=dict)
    load_balancers: Mapping[str, LoadBalancer] = field(default_factory=dict)
    databases: Mapping[str, Database] = field(default_factory=dict)
    clusters: Mapping[str, Cluster] = field(default_factory=dict)
    functions: Mapping[str, Function] = field(default_factory=dict)
    fleets: Mapping[str, Fleet] = field(default_factory=dict)
    records: Mapping[str, Record] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

"""What stands in a network, as data: databases, clusters, functions, and groups of instances."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Database:
    """A database instance; `zones` are those it stands in, its writer's first; `subnets` those of its subnet group.

    One of an Aurora cluster names it, and what of it that writes it is a `replica_of`.
    """

    id: str
    engine: str
    vpc: str
    port: int
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    public: bool = False
    replica_of: str = ""
    cluster: str = ""
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """An EKS cluster; `public` are the blocks that may reach its public endpoint, none when it has none."""

    id: str
    vpc: str
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    public: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A Lambda function with interfaces in a VPC."""

    id: str
    vpc: str
    subnets: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fleet:
    """An Auto Scaling group: how many instances it wants at least, now and at most, and which it has."""

    id: str
    subnets: tuple[str, ...]
    least: int
    wanted: int
    most: int
    instances: tuple[str, ...] = ()
    owner: str = ""
    """The EKS cluster whose nodes these are."""


@dataclass(frozen=True, slots=True)
class Record:
    """A DNS record at the edge; `proxied` says that visitors reach the edge and not the target itself."""

    id: str
    zone: str
    name: str
    kind: str
    content: str
    proxied: bool = False

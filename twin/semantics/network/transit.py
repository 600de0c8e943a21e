"""Transit gateways as data: attachments, and route tables that attachments are associated with."""

from dataclasses import dataclass

from twin.semantics.network.intervals import Network


@dataclass(frozen=True, slots=True)
class TransitGateway:
    """A transit gateway; `group_references` is its support for security group referencing."""

    id: str
    default_association: str = ""
    default_propagation: str = ""
    group_references: bool = False


@dataclass(frozen=True, slots=True)
class Attachment:
    """What is attached to a transit gateway: `kind` is `vpc`, `vpn`, `direct-connect-gateway`, `connect`, `peering`.

    `table` is the route table that decides for packets which come in here; `peer` is the other side of a peering.
    """

    id: str
    gateway: str
    kind: str
    resource: str
    table: str = ""
    subnets: tuple[str, ...] = ()
    available: bool = True
    peer: str = ""
    appliance: bool = False
    group_references: bool = True


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway; no attachments means a blackhole."""

    destination: Network
    attachments: tuple[str, ...]
    propagated: bool = False
    active: bool = True


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A route table of a transit gateway."""

    id: str
    gateway: str
    routes: tuple[TransitRoute, ...] = ()

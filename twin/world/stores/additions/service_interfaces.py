"""Interfaces of NAT gateways and VPC endpoints stand in their subnet, with the groups of their service.

https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html: an endpoint's interface gets an
address of its subnet and the endpoint's groups; https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html:
no security group goes with a NAT gateway.
"""

from ipaddress import IPv4Network
from typing import Any

from moto.ec2.models.nat_gateways import NatGateway
from moto.ec2.models.vpcs import VPCBackend

from twin.world.stores.additions import adds

# The classes' own, which the functions below call and take the place of.
_nat: Any = NatGateway
_made_nat_gateway: Any = _nat.__init__
_made_endpoint: Any = VPCBackend.create_vpc_endpoint
_modified_endpoint: Any = VPCBackend.modify_vpc_endpoint

RESERVED = 4
"""The first addresses of a subnet are AWS's own: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html"""


def _settle(interface: Any, kind: str, description: str) -> None:
    """Move an interface to a free address of its subnet, and say whose it is."""
    enis = interface.ec2_backend.enis.values()
    taken = {one["PrivateIpAddress"] for eni in enis if eni is not interface for one in eni.private_ip_addresses}
    block = IPv4Network(interface.subnet.cidr_block)
    # From the end, as moto gives instances the first ones.
    free = (str(block[number]) for number in range(block.num_addresses - 2, RESERVED - 1, -1))
    address = next((one for one in free if one not in taken), interface.private_ip_address)
    interface.private_ip_address = address
    interface.private_ip_addresses[0]["PrivateIpAddress"] = address
    interface.interface_type, interface.description, interface.requester_managed = kind, description, True
    interface.status = "in-use"


def _nat_gateway(self: Any, *given: Any, **named: Any) -> None:
    """Make a NAT gateway with its interface in the subnet."""
    _made_nat_gateway(self, *given, **named)
    interface = self._eni
    _settle(interface, "nat_gateway", f"Interface for NAT Gateway {self.id}")
    interface._group_set = []
    self.private_ip = interface.private_ip_address


@adds(VPCBackend)
def create_vpc_endpoint(self: Any, *given: Any, **named: Any) -> Any:
    """Make an endpoint whose interfaces stand in its subnets behind its groups."""
    endpoint = _made_endpoint(self, *given, **named)
    for name in endpoint.network_interface_ids:
        _settle(self.enis[name], "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
    _guard(self, endpoint)
    return endpoint


@adds(VPCBackend)
def modify_vpc_endpoint(self: Any, vpc_id: str, *given: Any, **named: Any) -> None:
    """Change an endpoint; its interfaces follow its subnets and groups."""
    _modified_endpoint(self, vpc_id, *given, **named)
    endpoint = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])[0]
    if str(endpoint.vpc_endpoint_type).lower() != "interface":
        return
    kept = {self.enis[name].subnet.id: name for name in endpoint.network_interface_ids}
    for subnet in [one for one in kept if one not in endpoint.subnet_ids]:
        self.enis.pop(kept.pop(subnet))
    for subnet in [one for one in endpoint.subnet_ids if one not in kept]:
        made = self.create_network_interface(subnet, None)
        _settle(made, "vpc_endpoint", f"VPC Endpoint Interface {endpoint.id}")
        kept[subnet] = made.id
    endpoint.network_interface_ids = [kept[one] for one in endpoint.subnet_ids]
    _guard(self, endpoint)


def _guard(backend: Any, endpoint: Any) -> None:
    """Give the interfaces the endpoint's groups; without any it is the VPC's default one, as moto has it."""
    groups = [backend.get_security_group_from_id(name) for name in endpoint.security_group_ids]
    for name in endpoint.network_interface_ids if groups else ():
        backend.enis[name]._group_set = list(groups)


_nat.__init__ = _nat_gateway

"""What EC2 refuses about the private address that is asked for.

https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from collections.abc import Iterator
from ipaddress import IPv4Address, ip_address
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

# The network's own address, its router, its resolver, and one that AWS keeps; the last one is for broadcasts.
FIRST_FREE = 4


@refuses("ec2", "RunInstances", "CreateNetworkInterface")
def address_is_free(asked: Asked) -> None:
    """An address lies in its subnet, among those that AWS does not keep for itself, and is nobody's yet."""
    for subnet_id, address in _wanted(asked.parameters):
        subnet = next((zone[subnet_id] for zone in asked.state().subnets.values() if subnet_id in zone), None)
        if subnet is None:
            continue
        try:
            wanted = ip_address(address)
        except ValueError:
            raise Refusal("InvalidParameterValue", f"Invalid address: '{address}'") from None
        if wanted not in subnet.cidr:
            message = f"Address {address} does not fall within the subnet's address range"
            raise Refusal("InvalidParameterValue", message)
        if _is_kept(wanted, subnet.cidr):
            raise Refusal("InvalidParameterValue", f"Address {address} is in subnet's reserved address range")
        if address in subnet._subnet_ips:
            raise Refusal("InvalidIPAddress.InUse", f"Address {address} is in use.")


def _wanted(parameters: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for one in (parameters, *(parameters.get("NetworkInterfaces") or ())):
        if one.get("SubnetId") and one.get("PrivateIpAddress"):
            yield one["SubnetId"], one["PrivateIpAddress"]


def _is_kept(address: Any, network: Any) -> bool:
    if not isinstance(address, IPv4Address):
        return False
    place = int(address) - int(network.network_address)
    return place < FIRST_FREE or place == network.num_addresses - 1

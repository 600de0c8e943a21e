"""EC2: an address that went back to its subnet is given out again in order; moto takes any, another in each process."""

from ipaddress import ip_address
from typing import Any

from moto.ec2.models.subnets import Subnet

from twin.world.stores.additions import adds

made_by_moto = Subnet.__init__


class Returned(set[str]):
    """Addresses that nobody has any more; the lowest is taken first."""

    def pop(self) -> str:
        """Take the lowest address; KeyError when there is none."""
        if not self:
            raise KeyError("no address was returned")
        lowest = min(self, key=ip_address)
        self.remove(lowest)
        return lowest


@adds(Subnet)
def __init__(subnet: Any, *given: Any, **named: Any) -> None:
    """Make a subnet."""
    made_by_moto(subnet, *given, **named)
    subnet._unused_ips = Returned()

"""Routes: one whose target is gone is a black hole."""

from typing import Any

from moto.ec2.models.route_tables import Route

GONE = ("deleted", "deleting")


def _state(self: Any) -> str:
    """Return `blackhole` for a route whose target is no more, else `active`.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
    """
    backend = self.route_table.ec2_backend
    if self.nat_gateway is not None:
        kept = backend.nat_gateways.get(self.nat_gateway.id)
        return "blackhole" if kept is None or kept.state in GONE else "active"
    if self.instance is not None:
        return "active" if self.instance.state == "running" else "blackhole"
    if self.interface is not None:
        return "active" if self.interface.id in backend.enis else "blackhole"
    if self.gateway is not None and self.gateway.id.startswith("igw-"):
        kept = backend.internet_gateways.get(self.gateway.id)
        return "active" if kept is not None and kept.vpc is not None else "blackhole"
    return "active"


route: Any = Route
route.state = property(_state)

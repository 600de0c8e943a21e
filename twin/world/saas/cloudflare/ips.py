"""The addresses from which Cloudflare asks origins."""

from twin.wire import Response
from twin.world.saas.cloudflare.envelope import refusal, success
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit


@route("GET", "/ips")
def list_ips(_state: State, hit: Hit) -> Response:
    """List the ranges; those of JD Cloud, which the twin does not have, are refused by name."""
    if "networks" in hit.query:
        raise refusal("unsupported", operation=f"{hit.operation}?networks")
    return success(reference("ips", "ips"))

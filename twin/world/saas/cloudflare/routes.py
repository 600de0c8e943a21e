"""The route table of the Cloudflare server; each area binds its operations to it."""

import re
from collections.abc import Callable
from functools import cache

from twin.wire import Response
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Endpoint, Hit, Router

PREFIX = "/client/v4"
ROUTER: Router[State] = Router()

Operation = Callable[[State, Hit], Response]


def route(method: str, path: str) -> Callable[[Endpoint[State]], Endpoint[State]]:
    """Bind a function to an operation, its path written as in the vendor's contract (`/zones/{zone_id}`)."""
    return ROUTER.route(method, PREFIX + re.sub(r"{(\w+)}", r"<\1>", path))


@cache
def contract_name(operation: str) -> str:
    """Turn a router's operation name into the contract's: `GET /zones/{zone_id}`."""
    return re.sub(r"<(\w+)>", r"{\1}", operation.replace(PREFIX, "", 1))

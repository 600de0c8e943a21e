"""Operations that Cloudflare has and the twin has not: refused by name, so that nothing passes unnoticed."""

from typing import NoReturn

from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit


def refuse(_state: State, hit: Hit) -> NoReturn:
    """Refuse an operation by its name (`TWIN_UNSUPPORTED`)."""
    raise refusal("unsupported", operation=hit.operation)


for _operation in reference("unsupported", "operations"):
    _method, _, _path = _operation.partition(" ")
    route(_method, _path)(refuse)

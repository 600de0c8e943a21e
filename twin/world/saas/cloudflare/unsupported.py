"""Operations that Cloudflare has and the twin has not: refused by name, so that nothing passes unnoticed."""

import re
from functools import cache
from typing import NoReturn

from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit


def refuse(_state: State, hit: Hit) -> NoReturn:
    """Refuse an operation by its name (`TWIN_UNSUPPORTED`)."""
    raise refusal("unsupported", operation=hit.operation)


def unserved(path: str) -> str:
    """Return the part of the API, or the path, that Cloudflare has where the twin has no route; empty for nobody's."""
    bare = path.removeprefix("/client/v4").rstrip("/")
    return next((form for form, pattern in _patterns() if pattern.fullmatch(bare)), "")


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    further = reference("unsupported", "further")
    whole = [(form, re.compile(_form(form))) for form in further["paths"]]
    return (*whole, *((form, re.compile(_form(form) + "(/.*)?")) for form in further["areas"]))


def _form(form: str) -> str:
    return re.escape(form).replace(r"\{\}", "[^/]+")


for _operation in reference("unsupported", "operations"):
    _method, _, _path = _operation.partition(" ")
    route(_method, _path)(refuse)

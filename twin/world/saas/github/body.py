"""Reading what a client sent: an object whose fields have the types that GitHub reads."""

from typing import Any

from twin.world.saas.github.errors import GithubError
from twin.world.saas.github.state import Record
from twin.world.saas.router import Hit
from twin.world.saas.shape import misshapen


def object_of(hit: Hit, **shape: Any) -> Record:
    """Return the body as an object of a shape; a call without a body has an empty one."""
    try:
        body = hit.json()
    except ValueError as broken:
        raise GithubError(400, "Problems parsing JSON") from broken
    body = {} if body is None else body
    if not isinstance(body, dict):
        raise GithubError(400, "Body should be a JSON object")
    if problems := list(misshapen(body, shape)):
        raise GithubError(422, "Invalid request.\n\n" + "\n".join(problems))
    return body


def demanded(body: Record, *names: str) -> None:
    """Refuse a body that lacks what GitHub wants."""
    if missing := [name for name in names if body.get(name) is None]:
        lines = ", ".join(f'"{name}" wasn\'t supplied' for name in missing)
        raise GithubError(422, f"Invalid request.\n\n{lines}.")

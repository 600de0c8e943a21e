"""The routes of the API, each with the permission that it needs of a token and the role that it needs of a person.

https://docs.github.com/en/rest/authentication/permissions-required-for-fine-grained-personal-access-tokens
"""

from collections.abc import Callable
from dataclasses import dataclass

from twin.world.saas.github.state import Hub
from twin.world.saas.router import Endpoint, Router

ROUTER: Router[Hub] = Router()
REPO = "/repos/<owner>/<repo>"


@dataclass(frozen=True, slots=True)
class Need:
    """A permission of a token with its level, and the least role in the repository; none for what is anybody's."""

    permission: str
    level: str
    role: str


NEEDS: dict[str, Need] = {}
WRITERS = {"administration": "admin", "environments": "admin", "pull_requests": "pull", "issues": "pull"}
READERS = {"administration": "admin", "organization_administration": "admin", "members": "pull"}


def route(method: str, rule: str, needs: str = "", *, role: str = "") -> Callable[[Endpoint[Hub]], Endpoint[Hub]]:
    """Bind a function to a method and a rule; `needs` is `permission:level`, `role` another least role than usual."""
    permission, _, level = needs.partition(":")
    least = role or (WRITERS.get(permission, "push") if level == "write" else READERS.get(permission, "pull"))
    NEEDS[f"{method} {rule}"] = Need(permission, level or "read", least)
    return ROUTER.route(method, rule)

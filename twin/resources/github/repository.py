"""Repositories of the organisation; the owner is marked in the description."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, github
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, unmark

LONGEST = 350
"""GitHub's limit on a description: https://docs.github.com/en/rest/repos/repos (assumed)."""


def organisation_repositories(scope: Scope) -> Steps[list[dict[str, Any]]]:
    """Read every repository of the organisation; the same call for all types, so a refresh sends it once."""
    path = f"/orgs/{scope.github_organization}/repos"
    rows: list[dict[str, Any]] = yield github("GET", path, query={"per_page": 100}, pages=True)
    return rows


def concerned(wanted: Wanted) -> list[str]:
    """Return the repositories that objects of the spec, or of the last apply, are in: ids begin with theirs."""
    named = {str(key[0]) for key in wanted.keys} | {id_.partition(":")[0] for id_ in wanted.ids}
    return sorted(name for name in named if not unknown(name))


def split(id_: str) -> tuple[str, str]:
    """Return the repository of an id, and what follows it."""
    repository, _, rest = id_.partition(":")
    return repository, rest


def full_names(address: Address, value: str, scope: Scope) -> Iterator[Problem]:
    """Refuse a repository that is not the organisation's."""
    if not unknown(value) and value.partition("/")[0].lower() != scope.github_organization.lower():
        yield Problem("TW0761", f"{value} is no repository of {scope.github_organization}", "repository")


class Repository(Resource):
    """A repository, made with a first commit so that it has its default branch."""

    TYPE: ClassVar[str] = "github.repository"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "full_name")

    name: Annotated[str, IMMUTABLE] = Field(description="Its name, without the organisation's")
    description: str = ""
    private: bool = True

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all repositories with one list."""
        return [
            Observed(
                one["full_name"],
                {"name": one["name"], "description": unmark(one["description"]), "private": one["private"]},
                {"id": one["full_name"], "full_name": one["full_name"]},
                owner=scope.marked(one["description"]),
                other=scope.marked_by_other(one["description"]),
            )
            for one in (yield from organisation_repositories(scope))
        ]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the repository with its owner."""
        made = yield github("POST", f"/orgs/{scope.github_organization}/repos", self._body(scope, address) | FIRST)
        return {"id": made["full_name"], "full_name": made["full_name"]}

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {"name": self.name, "description": scope.mark(address, self.description), "private": self.private}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write what differs, with the owner."""
        yield github("PATCH", f"/repos/{observed.id}", self._body(scope, address))

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the repository with all it holds."""
        yield github("DELETE", f"/repos/{observed.id}", absent=("404",))

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The full name follows from the organisation's."""
        name = f"{scope.github_organization}/{self.name}"
        return {"id": name, "full_name": name}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The description, with the owner in it, is short enough."""
        if len(peers.scope.mark(address, self.description)) > LONGEST:
            yield Problem("TW0760", "the description is too long once the owner is marked in it", "description")


FIRST = {"auto_init": True}

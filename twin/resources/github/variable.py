"""Variables of a repository, or of one of its environments."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, github
from twin.resources.github.environment import place
from twin.resources.github.repository import concerned, full_names
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


def _path(repository: str, environment: str) -> str:
    return f"{place(repository, environment)}/variables" if environment else f"/repos/{repository}/actions/variables"


class Variable(Resource):
    """A value that workflows read as `vars.NAME`; it is no secret."""

    TYPE: ClassVar[str] = "github.variable"
    KEY: ClassVar[tuple[str, ...]] = ("repository", "environment", "name")

    repository: Annotated[str, RefTo("github.repository"), IMMUTABLE] = Field(description="`owner/name`")
    environment: Annotated[str, RefTo("github.environment"), IMMUTABLE] = Field(
        "", description="The environment's name; without it the repository's own variable"
    )
    name: Annotated[str, IMMUTABLE] = Field(pattern=r"^[A-Z_][A-Z0-9_]*$")
    value: str

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the variables of the repositories and environments that the spec has some in."""
        environments = {(str(key[0]), str(key[1])) for key in wanted.keys}
        environments |= {(id_.split(":")[0], id_.split(":")[1]) for id_ in wanted.ids}
        found = []
        for repository, environment in sorted(environments):
            if repository not in concerned(wanted) or unknown(environment):
                continue
            path = _path(repository, environment)
            for one in (yield github("GET", path, query={"per_page": 30}, pages=True, absent=("404",))) or ():
                fields = {"repository": repository, "environment": environment, "name": one["name"]}
                id_ = f"{repository}:{environment}:{one['name']}"
                found.append(Observed(id_, fields | {"value": one["value"]}, {"id": id_}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the variable."""
        yield github("POST", _path(self.repository, self.environment), {"name": self.name, "value": self.value})
        return {"id": f"{self.repository}:{self.environment}:{self.name}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the value."""
        yield github("PATCH", f"{_path(self.repository, self.environment)}/{self.name}", {"value": self.value})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the variable."""
        repository, environment, name = observed.id.split(":")
        yield github("DELETE", f"{_path(repository, environment)}/{name}", absent=("404",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names that begin with GITHUB_ are GitHub's own."""
        yield from full_names(address, self.repository, peers.scope)
        if self.name.startswith("GITHUB_"):
            yield Problem("TW0763", f"{self.name} begins with GITHUB_, which GitHub keeps for itself", "name")

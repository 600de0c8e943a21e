"""Files of a repository, workflow files among them."""

import base64
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, github
from twin.resources.github.repository import full_names, split
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


def _at(repository: str, path: str) -> str:
    return f"/repos/{repository}/contents/{quote(path)}"


class File(Resource):
    """A file on the default branch, written by commits; where that is protected GitHub wants a pull request instead."""

    TYPE: ClassVar[str] = "github.file"
    KEY: ClassVar[tuple[str, ...]] = ("repository", "path")

    repository: Annotated[str, RefTo("github.repository"), IMMUTABLE] = Field(description="`owner/name`")
    path: Annotated[str, IMMUTABLE] = Field(min_length=1, description="As in .github/workflows/plan.yml")
    content: str

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the files that the spec, or the last apply, has."""
        places = {(str(key[0]), str(key[1])) for key in wanted.keys} | {split(id_) for id_ in wanted.ids}
        found = []
        for repository, path in sorted(places):
            if unknown(repository) or unknown(path):
                continue
            one = yield github("GET", _at(repository, path), absent=("404",))
            if one is not None:
                text = base64.b64decode(one["content"]).decode()
                id_, fields = f"{repository}:{path}", {"repository": repository, "path": path, "content": text}
                found.append(Observed(id_, fields, {"id": id_, "sha": one["sha"]}))
        return found

    def _body(self, verb: str, **more: Any) -> dict[str, Any]:
        content = base64.b64encode(self.content.encode()).decode()
        return {"message": f"{verb} {self.path}", "content": content, **more}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Add the file with a commit of its own."""
        yield github("PUT", _at(self.repository, self.path), self._body("Add"))
        return {"id": f"{self.repository}:{self.path}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Replace the content that was read."""
        body = self._body("Change", sha=observed.outputs["sha"])
        yield github("PUT", _at(self.repository, self.path), body)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the file with a commit of its own."""
        repository, path = split(observed.id)
        body = {"message": f"Remove {path}", "sha": observed.outputs["sha"]}
        yield github("DELETE", _at(repository, path), body, absent=("404",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The repository is the organisation's."""
        yield from full_names(address, self.repository, peers.scope)

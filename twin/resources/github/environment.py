"""Environments of Actions with the rules that protect them."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, github
from twin.resources.canonical import UNORDERED
from twin.resources.github.repository import concerned, full_names, split
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

LIMITS = {"wait_minutes": 43200, "reviewers": 6}
"""https://docs.github.com/en/rest/deployments/environments, as in the vendor's OpenAPI document."""


def place(repository: str, name: str) -> str:
    """Return the path of an environment."""
    return f"/repos/{repository}/environments/{quote(name, safe='')}"


class Environment(Resource):
    """An environment: one of its reviewers must approve, it waits, and only some branches may deploy to it."""

    TYPE: ClassVar[str] = "github.environment"
    KEY: ClassVar[tuple[str, ...]] = ("repository", "name")

    repository: Annotated[str, RefTo("github.repository"), IMMUTABLE] = Field(description="`owner/name`")
    name: Annotated[str, IMMUTABLE]
    reviewers: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="Logins of people")
    prevent_self_review: bool = True
    wait_minutes: int = 0
    branches: Annotated[list[str], UNORDERED] = Field(
        default_factory=list, description="Patterns of the branches that may deploy; without any, all"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the environments of the repositories that the spec is about; patterns where there are any."""
        found = []
        for repository in concerned(wanted):
            path = f"/repos/{repository}/environments"
            for one in (yield github("GET", path, query={"per_page": 100}, pages=True, absent=("404",))) or ():
                fields = _fields(repository, one)
                policy = one.get("deployment_branch_policy") or {}
                if policy.get("custom_branch_policies"):
                    rows = yield github("GET", f"{place(repository, one['name'])}/{POLICIES}", pages=True)
                    fields["branches"] = [row["name"] for row in rows]
                id_ = f"{repository}:{one['name']}"
                found.append(Observed(id_, fields, {"id": id_}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the environment, then its patterns."""
        yield from self._write(())
        return {"id": f"{self.repository}:{self.name}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write all rules, which GitHub takes as a whole, then the patterns that differ."""
        there = []
        if observed.fields["branches"]:
            there = yield github("GET", f"{place(self.repository, self.name)}/{POLICIES}", pages=True)
        yield from self._write(there)

    def _write(self, there: Iterable[Mapping[str, Any]]) -> Steps[None]:
        path = place(self.repository, self.name)
        reviewers = []
        for login in self.reviewers:
            account = yield github("GET", f"/users/{login}")
            reviewers.append({"type": "User", "id": account["id"]})
        policy = {"protected_branches": False, "custom_branch_policies": True} if self.branches else None
        body: dict[str, Any] = {"wait_timer": self.wait_minutes, "reviewers": reviewers or None}
        body |= {"prevent_self_review": self.prevent_self_review, "deployment_branch_policy": policy}
        yield github("PUT", path, body)
        for one in there:
            if one["name"] not in self.branches:
                yield github("DELETE", f"{path}/{POLICIES}/{one['id']}", absent=("404",))
        for name in sorted(set(self.branches) - {one["name"] for one in there}):
            yield github("POST", f"{path}/{POLICIES}", {"name": name})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the environment with its secrets and variables."""
        yield github("DELETE", place(*split(observed.id)), absent=("404",))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Logins do not heed case."""
        if name == "reviewers":
            return sorted(map(str.lower, desired)) == sorted(map(str.lower, observed))
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """GitHub has limits on reviewers and on the wait; nobody is prevented where nobody reviews."""
        yield from full_names(address, self.repository, peers.scope)
        if len(self.reviewers) > LIMITS["reviewers"]:
            yield Problem("TW0762", f"GitHub takes {LIMITS['reviewers']} reviewers at most", "reviewers")
        if not 0 <= self.wait_minutes <= LIMITS["wait_minutes"]:
            yield Problem("TW0762", f"GitHub waits for {LIMITS['wait_minutes']} minutes at most", "wait_minutes")


POLICIES = "deployment-branch-policies"


def _fields(repository: str, one: Mapping[str, Any]) -> dict[str, Any]:
    rules = {rule["type"]: rule for rule in one.get("protection_rules") or ()}
    review = rules.get("required_reviewers")
    people = [held["reviewer"].get("login") or held["reviewer"]["slug"] for held in (review or {}).get("reviewers", ())]
    fields = {"repository": repository, "name": one["name"], "reviewers": people, "branches": []}
    # Where nobody reviews, GitHub does not show the switch.
    fields["prevent_self_review"] = bool(review["prevent_self_review"]) if review else True
    return fields | {"wait_minutes": rules.get("wait_timer", {}).get("wait_timer", 0)}

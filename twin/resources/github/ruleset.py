"""Rulesets that keep branches: changes come by pull requests that others approved and whose checks passed."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, github
from twin.resources.canonical import UNORDERED
from twin.resources.github.repository import concerned, full_names, split
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope

SWITCHES = {"dismiss_stale": "dismiss_stale_reviews_on_push", "last_push": "require_last_push_approval"}


class Ruleset(Resource):
    """A ruleset for branches that is enforced on everybody."""

    TYPE: ClassVar[str] = "github.ruleset"
    KEY: ClassVar[tuple[str, ...]] = ("repository", "name")

    repository: Annotated[str, RefTo("github.repository"), IMMUTABLE] = Field(description="`owner/name`")
    name: str = Field(min_length=1)
    branches: Annotated[list[str], UNORDERED] = Field(
        default_factory=lambda: ["~DEFAULT_BRANCH"], description="Full references, or ~DEFAULT_BRANCH, or ~ALL"
    )
    reviews: int = Field(1, ge=0, le=10, description="How many people must approve a pull request")
    dismiss_stale: bool = Field(True, description="Whether a new commit takes approvals away")
    last_push: bool = Field(True, description="Whether somebody else than who pushed last must approve")
    checks: Annotated[list[str], UNORDERED] = Field(default_factory=list, description="Checks that must have passed")

    files: Annotated[list[str], RefTo("github.file")] = Field(
        default_factory=list, description="Files that are there before it is; afterwards they change by pull requests"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the rulesets of the repositories that the spec is about, each one by itself: a list leaves rules out."""
        found = []
        for repository in concerned(wanted):
            path = f"/repos/{repository}/rulesets"
            for one in (yield github("GET", path, pages=True, absent=("404",))) or ():
                whole = yield github("GET", f"{path}/{one['id']}")
                if whole.get("target") == "branch":
                    id_ = f"{repository}:{one['id']}"
                    found.append(Observed(id_, _fields(repository, whole), {"id": id_}))
        return found

    def _body(self) -> dict[str, Any]:
        told = {"required_approving_review_count": self.reviews, "required_review_thread_resolution": False}
        told |= {"require_code_owner_review": False}
        told |= {written: getattr(self, name) for name, written in SWITCHES.items()}
        rules: list[dict[str, Any]] = [{"type": "pull_request", "parameters": told}]
        if self.checks:
            wanted = [{"context": name} for name in sorted(self.checks)]
            strict = {"strict_required_status_checks_policy": True, "required_status_checks": wanted}
            rules.append({"type": "required_status_checks", "parameters": strict})
        rules += [{"type": "deletion"}, {"type": "non_fast_forward"}]
        names = {"include": self.branches, "exclude": []}
        body = {"name": self.name, "target": "branch", "enforcement": "active", "rules": rules}
        return body | {"conditions": {"ref_name": names}}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the ruleset."""
        made = yield github("POST", f"/repos/{self.repository}/rulesets", self._body())
        return {"id": f"{self.repository}:{made['id']}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the whole ruleset."""
        repository, key = split(observed.id)
        yield github("PUT", f"/repos/{repository}/rulesets/{key}", self._body())

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the ruleset."""
        repository, key = split(observed.id)
        yield github("DELETE", f"/repos/{repository}/rulesets/{key}", absent=("404",))

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """What comes before it is no part of it."""
        return name == "files" or super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The repository is the organisation's."""
        yield from full_names(address, self.repository, peers.scope)


def _fields(repository: str, one: Mapping[str, Any]) -> dict[str, Any]:
    rules = {rule["type"]: rule.get("parameters") or {} for rule in one["rules"]}
    # Who is let pass, or a ruleset that is off, is as good as none.
    off = one["enforcement"] != "active" or one.get("bypass_actors")
    review = {} if off else rules.get("pull_request", {})
    checks = {} if off else rules.get("required_status_checks", {})
    fields = {"repository": repository, "name": one["name"], "reviews": review.get("required_approving_review_count")}
    fields["branches"] = list(((one.get("conditions") or {}).get("ref_name") or {}).get("include") or ())
    fields["checks"] = [check["context"] for check in checks.get("required_status_checks", ())]
    return fields | {name: bool(review.get(written)) for name, written in SWITCHES.items()}

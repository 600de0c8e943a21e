"""Actions: code that a tenant keeps and deploys, for a trigger to run."""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.tenant import API, GONE, fact
from twin.resources.call import Steps, auth0
from twin.resources.resource import Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, unmark

PATH = f"{API}/actions/actions"
COMMENT = "\n//"


class Action(Resource):
    """An action as it is deployed; the owner is marked in the last line of its code, a comment."""

    TYPE: ClassVar[str] = "auth0.action"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    trigger: str = Field("post-login", description="What it may be bound to")
    code: str = Field(min_length=1, description="JavaScript that exports the trigger's handler")
    runtime: str = "node22"
    deployed: bool = Field(True, description="Whether what is kept is what runs")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all actions with one list."""
        items = yield auth0("GET", PATH, pages=True)
        return [_observe(scope, item) for item in items]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the action with its owner, and deploy it."""
        made = yield auth0("POST", PATH, {**self._body(scope, address), "deploy": self.deployed})
        return {"id": made["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the action when it differs, and deploy what is kept."""
        if changed - {"deployed"}:
            yield auth0("PATCH", f"{PATH}/{observed.id}", self._body(scope, address))
        if self.deployed:
            yield auth0("POST", f"{PATH}/{observed.id}/deploy")

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {
            "name": self.name,
            "supported_triggers": [{"id": self.trigger, "version": fact("triggers").get(self.trigger, "")}],
            "code": f"{self.code.rstrip()}{COMMENT} {scope.mark(address)}",
            "runtime": self.runtime,
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the action, and from the trigger that runs it."""
        yield auth0("DELETE", f"{PATH}/{observed.id}", query={"force": "true"}, absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Space at the end of code means nothing, and nothing is taken out of service by not deploying it."""
        if name == "code":
            return str(desired).rstrip() == str(observed or "").rstrip()
        return not desired or bool(observed) if name == "deployed" else super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Trigger and runtime exist."""
        for field, known in (("trigger", fact("triggers")), ("runtime", fact("runtimes"))):
            value = getattr(self, field)
            if value not in known:
                yield Problem("TW0694", f"Auth0 has no {field} {value!r}", field, f"one of {', '.join(known)}")


def _observe(scope: Scope, item: Mapping[str, Any]) -> Observed:
    code = item.get("code") or ""
    owner, other = scope.marked(code), scope.marked_by_other(code)
    fields = {
        "name": item["name"],
        "trigger": next((one["id"] for one in item.get("supported_triggers") or ()), None),
        "code": unmark(code).removesuffix(COMMENT),
        "runtime": item.get("runtime"),
        "deployed": bool(item.get("all_changes_deployed")),
    }
    return Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other)

"""Bindings: the actions that a trigger runs, in their order."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.auth0.action import Action
from twin.resources.auth0.tenant import API, fact
from twin.resources.call import Steps, auth0
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class TriggerBinding(Resource):
    """A trigger's whole list, known by the trigger; an empty one is none."""

    TYPE: ClassVar[str] = "auth0.trigger_binding"
    KEY: ClassVar[tuple[str, ...]] = ("trigger",)

    trigger: Annotated[str, IMMUTABLE] = "post-login"
    actions: Annotated[list[str], RefTo("auth0.action")] = Field(min_length=1, description="Ids, in their order")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the lists of the triggers that are wanted, one call for each."""
        found = []
        for trigger in sorted({key[0] for key in wanted.keys} | wanted.ids):
            rows = yield auth0("GET", _path(trigger), pages=True, absent=("404",))
            actions = [row["action"]["id"] for row in rows or ()]
            if actions:
                found.append(Observed(trigger, {"trigger": trigger, "actions": actions}, {"id": trigger}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Bind the actions, in place of whatever is bound."""
        yield self._bind()
        return {"id": self.trigger}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the list anew."""
        yield self._bind()

    def _bind(self) -> Any:
        bindings = [{"ref": {"type": "action_id", "value": action}} for action in self.actions]
        return auth0("PATCH", _path(self.trigger), {"bindings": bindings})

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Leave the trigger without actions."""
        yield auth0("PATCH", _path(observed.id), {"bindings": []}, absent=("404",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The trigger exists, and the actions are deployed and for it."""
        if self.trigger not in fact("triggers"):
            yield Problem("TW0694", f"Auth0 has no trigger {self.trigger!r}", "trigger")
        for reference in self.actions:
            action = peers.get(reference)
            if isinstance(action, Action) and (action.trigger != self.trigger or not action.deployed):
                message = f"the action {action.name} is not deployed for the trigger {self.trigger}"
                yield Problem("TW0695", message, "actions")


def _path(trigger: str) -> str:
    return f"{API}/actions/triggers/{trigger}/bindings"

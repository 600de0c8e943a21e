"""Services: what has incidents, and the integrations by which they come in."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, pagerduty
from twin.resources.pagerduty.account import GONE, listing, pointer
from twin.resources.resource import IMMUTABLE, Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

INBOUND = "_inbound_integration"


class Service(Resource):
    """A service; the owner is marked in its description."""

    TYPE: ClassVar[str] = "pagerduty.service"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1)
    description: str = ""
    escalation_policy: Annotated[str, RefTo("pagerduty.escalation_policy")] = Field(description="The policy's id")
    urgency: Literal["high", "low", "severity_based"] = "high"
    acknowledgement_timeout: int | None = Field(None, gt=0, description="Seconds until a taken incident calls again")
    auto_resolve_timeout: int | None = Field(None, gt=0, description="Seconds until an incident ends by itself")
    disabled: bool = False

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all services with one list."""
        found = []
        for item in (yield from listing("/services")):
            fields = {
                "name": item["name"],
                "description": unmark(item.get("description")),
                "escalation_policy": item["escalation_policy"]["id"],
                "urgency": item["incident_urgency_rule"].get("urgency"),
                "acknowledgement_timeout": item.get("acknowledgement_timeout"),
                "auto_resolve_timeout": item.get("auto_resolve_timeout"),
                "disabled": item["status"] == "disabled",
            }
            owner, other = scope.marked(item.get("description")), scope.marked_by_other(item.get("description"))
            found.append(Observed(item["id"], fields, {"id": item["id"]}, owner=owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the service with its owner."""
        made = yield pagerduty("POST", "/services", self._body(scope, address))
        if self.disabled:
            yield pagerduty("PUT", f"/services/{made['service']['id']}", {"service": {"status": "disabled"}})
        return {"id": made["service"]["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the service, and switch it on or off when that differs."""
        told = self._body(scope, address)
        if "disabled" in changed:
            told["service"]["status"] = "disabled" if self.disabled else "active"
        yield pagerduty("PUT", f"/services/{observed.id}", told)

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        told = {"name": self.name, "description": scope.mark(address, self.description)}
        timeouts = {
            name: value
            for name in ("acknowledgement_timeout", "auto_resolve_timeout")
            if (value := getattr(self, name)) is not None
        }
        policy = pointer("escalation_policy", self.escalation_policy)
        rule = {"type": "constant", "urgency": self.urgency}
        return {
            "service": {
                "type": "service",
                **told,
                **timeouts,
                "escalation_policy": policy,
                "incident_urgency_rule": rule,
            }
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the service with its integrations."""
        yield pagerduty("DELETE", f"/services/{observed.id}", absent=GONE)


class Integration(Resource):
    """A way into a service. Its key is a secret, and is never read: those who need it ask for it when they apply."""

    TYPE: ClassVar[str] = "pagerduty.integration"
    KEY: ClassVar[tuple[str, ...]] = ("service", "name")

    service: Annotated[str, RefTo("pagerduty.service"), IMMUTABLE] = Field(description="The service's id")
    name: Annotated[str, IMMUTABLE] = Field(min_length=1)
    kind: Annotated[Literal["events_api_v2", "aws_cloudwatch"], IMMUTABLE] = "events_api_v2"

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the integrations that the list of services shows; it shows no keys."""
        found = []
        for service in (yield from listing("/services")):
            for one in service["integrations"]:
                id_ = f"{service['id']}/{one['id']}"
                fields = {"service": service["id"], "name": one["summary"], "kind": one["type"].partition(INBOUND)[0]}
                owner = ("pagerduty.service", service["id"])
                found.append(Observed(id_, fields, {"id": id_}, member_of=owner))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Give the service the integration."""
        told = {"type": f"{self.kind}{INBOUND}", "name": self.name}
        made = yield pagerduty("POST", f"/services/{self.service}/integrations", {"integration": told})
        return {"id": f"{self.service}/{made['integration']['id']}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Nothing of an integration can change."""
        yield from ()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the integration away; its key is nobody's from now on."""
        service, _, own = observed.id.partition("/")
        yield pagerduty("DELETE", f"/services/{service}/integrations/{own}", absent=GONE)

"""Services of PagerDuty that monitors may call by a name."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, datadog, pagerduty
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope

PATH = "/api/v1/integration/pagerduty/configuration/services"
GONE = ("404",)


class PagerDutyService(Resource):
    """A name by which messages call a service; the key of its integration goes from vendor to vendor, and is not kept.

    Datadog lists no services: only those that are wanted are asked for.
    """

    TYPE: ClassVar[str] = "datadog.pagerduty_service"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: Annotated[str, IMMUTABLE] = Field(min_length=1, description="As in @pagerduty-NAME")
    integration: Annotated[str, RefTo("pagerduty.integration"), WRITE_ONLY] = Field(
        description="The id of an integration of the Events API"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Ask for each service that is wanted or was made."""
        found = []
        for name in sorted({str(key[0]) for key in wanted.keys} | wanted.ids):
            told = yield datadog("GET", f"{PATH}/{name}", absent=GONE)
            if told is not None:
                found.append(Observed(name, {"name": name}, {"id": name}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Hand the integration's key on under the name."""
        key = yield from self._key()
        yield datadog("POST", PATH, {"service_name": self.name, "service_key": key})
        return {"id": self.name}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Hand another integration's key on."""
        key = yield from self._key()
        yield datadog("PUT", f"{PATH}/{self.name}", {"service_key": key})

    def _key(self) -> Steps[str]:
        service, _, own = self.integration.partition("/")
        told = yield pagerduty("GET", f"/services/{service}/integrations/{own}")
        return str(told["integration"]["integration_key"])

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Forget the name."""
        yield datadog("DELETE", f"{PATH}/{observed.id}", absent=GONE)

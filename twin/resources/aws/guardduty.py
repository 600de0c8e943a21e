"""GuardDuty's detector."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import one_of
from twin.resources.aws.tagging import GUARDDUTY
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope, user_tags


class Detector(Resource):
    """Threat detection; an account has one detector in a Region."""

    TYPE: ClassVar[str] = "aws.guardduty.detector"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    enabled: bool = True
    publishing: Literal["FIFTEEN_MINUTES", "ONE_HOUR", "SIX_HOURS"] = Field(
        "FIFTEEN_MINUTES", description="How often updated findings are published"
    )
    features: Annotated[list[str] | None, UNORDERED] = Field(
        None, description="The protection plans that are on; those not named are off"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the detector, its tags included."""
        ids = (yield aws("guardduty", "ListDetectors", pages=True))["DetectorIds"]
        found = []
        for id_ in ids:
            item = yield aws("guardduty", "GetDetector", {"DetectorId": id_})
            tags = item.get("Tags") or {}
            fields = {
                "enabled": item["Status"] == "ENABLED",
                "publishing": item.get("FindingPublishingFrequency"),
                "features": [
                    f["Name"] for f in item.get("Features") or () if f["Status"] == "ENABLED" and f["Name"] in _plans()
                ],
                "tags": user_tags(tags),
            }
            outputs = {"id": id_, "arn": scope.arn("guardduty", f"detector/{id_}")}
            found.append(Observed(id_, fields, outputs, scope.own(tags), other=scope.other(tags)))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the detector."""
        params = {**self._params(), "Tags": scope.tags(address, self.tags)}
        id_ = (yield aws("guardduty", "CreateDetector", params))["DetectorId"]
        return {"id": id_, "arn": scope.arn("guardduty", f"detector/{id_}")}

    def _params(self) -> dict[str, Any]:
        params: dict[str, Any] = {"Enable": self.enabled, "FindingPublishingFrequency": self.publishing}
        if self.features is not None:
            params["Features"] = [
                {"Name": name, "Status": "ENABLED" if name in self.features else "DISABLED"} for name in _plans()
            ]
        return params

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change settings, then tags."""
        if changed - {"tags", "owner"}:
            yield aws("guardduty", "UpdateDetector", {**self._params(), "DetectorId": observed.id})
        if changed & {"tags", "owner"}:
            yield from GUARDDUTY.retag(scope, address, arn=observed.outputs["arn"], old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the detector with its findings."""
        yield aws("guardduty", "DeleteDetector", {"DetectorId": observed.id}, absent=("BadRequestException",))

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A Region has one detector, and GuardDuty knows its features."""
        for name in self.features or ():
            yield from one_of("services", "guardduty.features", name, "features")
        first = min((other for other, _ in peers.beside(address)), default=address)
        if first != address:
            yield Problem("TW0495", f"an account has one detector in a Region, and {first} is it already")


def _plans() -> list[str]:
    return list(facts("services")["guardduty.features"])

"""Security Hub of an account in a Region, and the standards that it checks."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import one_of
from twin.resources.aws.tagging import SECURITYHUB
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, user_tags

OFF = ("InvalidAccessException",)


class Hub(Resource):
    """Security Hub; an account has one in a Region, and findings go with it when it is disabled."""

    TYPE: ClassVar[str] = "aws.securityhub.hub"
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    auto_enable_controls: bool = Field(True, description="Whether controls that AWS adds to standards are enabled")
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the hub, its tags included."""
        told = yield aws("securityhub", "DescribeHub", absent=OFF)
        if told is None:
            return []
        arn = told["HubArn"]
        tags = yield from SECURITYHUB.read(arn)
        fields = {"auto_enable_controls": told["AutoEnableControls"], "tags": user_tags(tags)}
        return [Observed(arn, fields, {"id": arn, "arn": arn}, scope.own(tags), other=scope.other(tags))]

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """Id and ARN are the same and made of the place."""
        arn = scope.arn("securityhub", "hub/default")
        return {"id": arn, "arn": arn}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Enable Security Hub with no standard but those that are wanted."""
        told = {"EnableDefaultStandards": False, "Tags": scope.tags(address, self.tags)}
        yield aws("securityhub", "EnableSecurityHub", told)
        if not self.auto_enable_controls:
            yield self._configured()
        return self.predict(scope)

    def _configured(self) -> Any:
        return aws("securityhub", "UpdateSecurityHubConfiguration", {"AutoEnableControls": self.auto_enable_controls})

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Change the setting, then tags."""
        if "auto_enable_controls" in changed:
            yield self._configured()
        if changed & {"tags", "owner"}:
            yield from SECURITYHUB.retag(scope, address, arn=observed.id, old=observed, tags=self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Disable Security Hub."""
        yield aws("securityhub", "DisableSecurityHub", absent=OFF)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """A Region has one hub."""
        first = min((other for other, _ in peers.beside(address)), default=address)
        if first != address:
            yield Problem("TW0495", f"an account has one hub in a Region, and {first} is it already")


class Standard(Resource):
    """A subscription to a standard, whose controls are checked."""

    TYPE: ClassVar[str] = "aws.securityhub.standard"
    KEY: ClassVar[tuple[str, ...]] = ("hub", "name")

    hub: Annotated[str, RefTo("aws.securityhub.hub"), IMMUTABLE] = Field(description="ARN of the hub")
    name: Annotated[str, IMMUTABLE] = Field(description="fsbp, cis-1.2.0, cis-1.4.0, ...")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all subscriptions with one call."""
        told = yield aws("securityhub", "GetEnabledStandards", pages=True, absent=OFF)
        hub, names = scope.arn("securityhub", "hub/default"), {path: name for name, path in _paths().items()}
        found = []
        for one in (told or {}).get("StandardsSubscriptions") or ():
            if one["StandardsStatus"] == "DELETING":
                continue
            arn = one["StandardsSubscriptionArn"]
            path = arn.partition(":subscription/")[2]
            fields = {"hub": hub, "name": names.get(path, path)}
            found.append(Observed(arn, fields, {"id": arn}, member_of=("aws.securityhub.hub", hub)))
        return found

    def predict(self, scope: Scope) -> Mapping[str, Any]:
        """The ARN is made of the place and the standard."""
        return {"id": scope.arn("securityhub", f"subscription/{_paths().get(self.name, self.name)}")}

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Subscribe."""
        path = _paths().get(self.name, self.name)
        # The oldest standard is a rule set of no Region.
        arn = f"arn:{scope.partition}:securityhub:{scope.region}::standards/{path}"
        if self.name == "cis-1.2.0":
            arn = f"arn:{scope.partition}:securityhub:::ruleset/{path}"
        yield aws("securityhub", "BatchEnableStandards", {"StandardsSubscriptionRequests": [{"StandardsArn": arn}]})
        return self.predict(scope)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Nothing of a subscription can change."""
        yield from ()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """End the subscription."""
        told = {"StandardsSubscriptionArns": [observed.id]}
        yield aws("securityhub", "BatchDisableStandards", told, absent=(*OFF, "InvalidInputException"))

    @classmethod
    def ready(cls, scope: Scope, id_: str) -> Steps[bool]:
        """Tell whether the standard is ready."""
        told = yield aws("securityhub", "GetEnabledStandards", {"StandardsSubscriptionArns": [id_]})
        return all(one["StandardsStatus"] == "READY" for one in told["StandardsSubscriptions"])

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """It is a standard of Security Hub's."""
        yield from one_of("services", "securityhub.standards", self.name, "name")


def _paths() -> dict[str, str]:
    return dict(facts("services")["securityhub.standards"])

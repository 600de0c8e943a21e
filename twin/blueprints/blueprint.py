"""What a blueprint works with: the intent of a spec, and where to declare the resources that it means."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.address import Address
from twin.diagnostics import Diagnostic
from twin.resources.declaration import Declaration, Desired, Path
from twin.resources.reference import Reference
from twin.resources.resource import Resource
from twin.resources.scope import Scope
from twin.spec.load import Spec
from twin.spec.model import Org

NAMED = "aws.ec2."
"""EC2 shows the tag `Name` where other services have a name."""


@dataclass(slots=True)
class Blueprint:
    """One compilation: `org` is the intent, `scope` the owner and the accounts."""

    spec: Spec
    scope: Scope
    desired: Desired = field(default_factory=Desired)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    home: str = ""
    """The org's own Region."""
    unmade: list[str] = field(default_factory=list)
    """Addresses of what cannot be made for a reason that is told: nothing is said of references to them."""

    def __post_init__(self) -> None:
        """Be at home where nothing else is said."""
        self.home = self.home or self.scope.region

    def elsewhere(self, region: str) -> "Blueprint":
        """Return an empty compilation of what the org means in another Region; KeyError when it means nothing there."""
        spec = self.spec if region == self.home else self.spec.regions[region]
        return Blueprint(spec, self.scope.at(region), home=self.home)

    @property
    def abroad(self) -> bool:
        """Whether this is about another Region than the org's own."""
        return self.scope.region != self.home

    @property
    def org(self) -> Org:
        """The intent."""
        return self.spec.org

    @property
    def tags(self) -> dict[str, str]:
        """The tags on everything."""
        return dict(self.org.org.tags)

    def name(self, *parts: str) -> str:
        """Return a name in the vendor's account: org, environment and the parts, as in `acme-prod-lake`.

        Abroad the Region stands before the parts, so that services without a Region tell the two apart.
        """
        place = (self.scope.region,) if self.abroad else ()
        return "-".join((self.scope.org, self.scope.environment, *place, *parts))

    def place(self, at: Path) -> Path:
        """Return `at`, or the longest beginning of it that the file has: defaults stand nowhere."""
        while at and self.spec.root.find(at) is None:
            at = at[:-1]
        return at

    def add(self, name: str, resource: Resource, at: Path, origins: Mapping[str, Path] | None = None) -> Declaration:
        """Declare a resource; `at` is the place in the spec that causes it, `origins` those of single fields.

        What can be tagged gets the org's tags besides its own.
        """
        address = Address(resource.TYPE, name)
        if address in self.desired:
            first = self.desired[address]
            self.diagnostics.append(
                Diagnostic(
                    "TW0720",
                    f"{address} is declared twice",
                    self.spec.span(at),
                    help="rename one of the two",
                    notes=(f"first at {self.spec.span(first.origin)}",),
                )
            )
            return first
        return self.desired.add(name, self._tagged(name, resource), self.place(at), origins)

    def problem(self, code: str, message: str, at: Path, help_: str | None = None) -> None:
        """Report what a blueprint cannot build, at its place in the spec."""
        self.diagnostics.append(Diagnostic(code, message, self.spec.span(at), help_))

    def unsupported(self, what: str, at: Path, help_: str | None = None) -> None:
        """Refuse by name what the spec may say and no blueprint builds."""
        self.problem("TW0727", f"{what} is not supported", at, help_)

    def _tagged(self, name: str, resource: Resource) -> Resource:
        if "tags" not in type(resource).model_fields:
            return resource
        named = {"Name": self.name(name)} if resource.TYPE.startswith(NAMED) else {}
        tags = {**named, **self.tags, **getattr(resource, "tags", {})}
        return resource.model_copy(update={"tags": tags})


def ref(type_: str, name: str, attribute: str = "id") -> str:
    """Return a reference to a resource that some blueprint declares."""
    return str(Reference(Address(type_, name), attribute))

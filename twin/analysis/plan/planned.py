"""A plan as proofs see it: every resource with its references filled in, and the accounts that are trusted."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from twin.address import Address
from twin.resources.declaration import Declaration, Desired
from twin.resources.reference import Reference, resolve
from twin.resources.scope import Scope
from twin.semantics.iam.external import Zone


class Planned:
    """The desired resources of one environment.

    Ids and ARNs that only the vendor can tell are stood in for by ones of the same form that are unique in the plan.
    """

    def __init__(self, desired: Desired, scope: Scope) -> None:
        self.desired, self.scope = desired, scope
        self._attributes: dict[Address, Mapping[str, Any]] = {}
        self._values: dict[Address, Mapping[str, Any]] = {}

    def of(self, *types: str) -> Iterator[tuple[Declaration, Mapping[str, Any]]]:
        """Yield the resources of some types with their fields, references filled in."""
        for declaration in self.desired:
            if declaration.address.type in types:
                yield declaration, self.values(declaration)

    def values(self, declaration: Declaration) -> Mapping[str, Any]:
        """Return the fields of a resource, references filled in."""
        found = self._values.get(declaration.address)
        if found is None:
            found = {name: resolve(value, self._look_up) for name, value in declaration.values.items()}
            self._values[declaration.address] = found
        return found

    def arn(self, declaration: Declaration) -> str:
        """Return the ARN that a resource has or will have."""
        return str(self._attribute(declaration.address, "arn"))

    def region(self, declaration: Declaration) -> str:
        """Return the Region in which a resource stands."""
        return declaration.address.region or self.scope.region

    def declared(self, arn: str) -> Declaration | None:
        """Return the resource of an ARN, None when the plan does not make it."""
        return self._by_arn.get(arn)

    @cached_property
    def _by_arn(self) -> dict[str, Declaration]:
        return {self.arn(one): one for one in self.desired if "arn" in type(one.resource).OUTPUTS}

    @cached_property
    def zone(self) -> Zone:
        """Whom the plan trusts: its own accounts, and the organization when it is in the plan."""
        members = (self._attribute(one.address, "id") for one, _ in self.of("aws.organizations.account"))
        heads = [str(self._attribute(one.address, "id")) for one, _ in self.of("aws.organizations.organization")]
        return Zone(frozenset((self.scope.account, *map(str, members))), heads[0] if heads else None)

    def _look_up(self, reference: Reference) -> Any:
        return self._attribute(reference.address, reference.attribute)

    def _attribute(self, address: Address, name: str) -> Any:
        if address not in self.desired:
            return f"{address}.{name}"
        if address not in self._attributes:
            resource = self.desired[address].resource
            self._attributes[address] = {**resource.values(), **resource.predict(self.scope.at(address.region))}
        told = self._attributes[address].get(name)
        return resolve(told, self._look_up) if told is not None else self._stand_in(address, name)

    def _stand_in(self, address: Address, name: str) -> str:
        if name != "arn":
            return str(address.name)
        _, service, kind = address.type.split(".")
        scope, name = self.scope.at(address.region), address.name.partition("@")[0]
        if address.type == "aws.secretsmanager.secret":
            return scope.arn(service, f"secret:{name}-aBcDeF")
        if service == "ce":
            return scope.arn(service, f"{kind.replace('_', '')}/{name}", region="")
        service = {"elbv2": "elasticloadbalancing"}.get(service, service)
        return scope.arn(service, f"{kind}/{name}")

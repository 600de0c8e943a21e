"""The organization, its units and its service control policies, and what their reads share."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.kept_settings import own_tags, tag_problems
from twin.resources.call import Steps, aws
from twin.resources.canonical import UNORDERED
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags

# The caller's account is in no organization, or is not the one that governs it.
OUTSIDE = ("AWSOrganizationsNotInUseException", "AccessDeniedException")

Item = dict[str, Any]


def roots() -> Steps[list[Item]]:
    """Read the roots; none when the account governs no organization."""
    reply = yield aws("organizations", "ListRoots", pages=True, absent=OUTSIDE)
    return list((reply or {}).get("Roots") or ())


def units() -> Steps[list[tuple[str, Item]]]:
    """Walk the tree of units, one call per parent; returns (parent's id, unit)."""
    found: list[tuple[str, Item]] = []
    queue = [root["Id"] for root in (yield from roots())]
    while queue:
        parent = queue.pop(0)
        reply = yield aws("organizations", "ListOrganizationalUnitsForParent", {"ParentId": parent}, pages=True)
        for unit in reply.get("OrganizationalUnits") or ():
            found.append((parent, unit))
            queue.append(unit["Id"])
    return found


def tags_in_organization(id_: str) -> Steps[dict[str, str]]:
    """Read the tags of a unit, an account or a policy."""
    reply = yield aws("organizations", "ListTagsForResource", {"ResourceId": id_}, pages=True)
    return plain_tags(reply.get("Tags"))


def retag_in_organization(scope: Scope, address: Address, observed: Observed, tags: Mapping[str, str]) -> Steps[None]:
    """Bring the tags of a unit, an account or a policy to the wanted ones and ours."""
    named = {"ResourceId": observed.id}
    yield aws("organizations", "TagResource", {**named, "Tags": scope.tag_list(address, tags)})
    gone = sorted(set(observed.fields.get("tags") or {}) - set(tags))
    if gone:
        yield aws("organizations", "UntagResource", {**named, "TagKeys": gone})


def name_problems(kind: str, name: str) -> Iterable[Problem]:
    """Check the name of a unit, an account or a policy."""
    limit = facts("organizations")["name_lengths"][kind]
    if not 1 <= len(name) <= limit:
        yield Problem("TW0462", f"the name of {kind} {name!r} has 1 to {limit} characters", "name")


class Organization(Resource):
    """The organization that the account governs, with the policy types and services that it lets in."""

    TYPE: ClassVar[str] = "aws.organizations.organization"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "root")

    name: Annotated[Literal["organization"], IMMUTABLE] = Field("organization", description="The one there is")
    feature_set: Annotated[Literal["ALL", "CONSOLIDATED_BILLING"], IMMUTABLE] = Field(
        "ALL", description="ALL is needed for service control policies"
    )
    policy_types: Annotated[list[str], UNORDERED] = Field(
        default_factory=lambda: ["SERVICE_CONTROL_POLICY"], description="All kinds of policies that are in force"
    )
    services: Annotated[list[str], UNORDERED] = Field(
        default_factory=list, description="Principals of all services with trusted access"
    )

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the organization, its root and the services with trusted access."""
        reply = yield aws("organizations", "DescribeOrganization", absent=OUTSIDE)
        found = (yield from roots()) if reply else []
        if not found:
            return []
        organization, root = reply["Organization"], found[0]
        services = yield aws("organizations", "ListAWSServiceAccessForOrganization", pages=True)
        fields = {
            "name": "organization",
            "feature_set": organization["FeatureSet"],
            "policy_types": _in_force(root),
            "services": [s["ServicePrincipal"] for s in services.get("EnabledServicePrincipals") or ()],
        }
        outputs = {"id": organization["Id"], "arn": organization["Arn"], "root": root["Id"]}
        return [Observed(organization["Id"], fields, outputs)]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the organization, then let the policy types in that AWS did not by itself, and services."""
        reply = yield aws("organizations", "CreateOrganization", {"FeatureSet": self.feature_set})
        found = (yield from roots_of_new())[0]
        root = found["Id"]
        yield from _switch_types(root, self.policy_types, _in_force(found))
        yield from _switch_services(self.services, ())
        organization = reply["Organization"]
        return {"id": organization["Id"], "arn": organization["Arn"], "root": root}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Let policy types and services in and out."""
        if "policy_types" in changed:
            old = observed.fields.get("policy_types") or ()
            yield from _switch_types(observed.outputs["root"], self.policy_types, old)
        if "services" in changed:
            yield from _switch_services(self.services, observed.fields.get("services") or ())

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the organization; it must be empty but for this account."""
        yield aws("organizations", "DeleteOrganization", absent=OUTSIDE)


def roots_of_new() -> Steps[list[Item]]:
    """Read the roots of an organization that is there for certain."""
    reply = yield aws("organizations", "ListRoots", pages=True)
    return list(reply["Roots"])


def _in_force(root: Mapping[str, Any]) -> list[str]:
    return [one["Type"] for one in root.get("PolicyTypes") or () if one.get("Status") == "ENABLED"]


def _switch_types(root: str, wanted: Iterable[str], old: Iterable[str]) -> Steps[None]:
    for type_ in sorted(set(wanted) - set(old)):
        yield aws("organizations", "EnablePolicyType", {"RootId": root, "PolicyType": type_})
    for type_ in sorted(set(old) - set(wanted)):
        yield aws("organizations", "DisablePolicyType", {"RootId": root, "PolicyType": type_})


def _switch_services(wanted: Iterable[str], old: Iterable[str]) -> Steps[None]:
    for service in sorted(set(wanted) - set(old)):
        yield aws("organizations", "EnableAWSServiceAccess", {"ServicePrincipal": service})
    for service in sorted(set(old) - set(wanted)):
        yield aws("organizations", "DisableAWSServiceAccess", {"ServicePrincipal": service})


class Unit(Resource):
    """An organizational unit."""

    TYPE: ClassVar[str] = "aws.organizations.unit"
    KEY: ClassVar[tuple[str, ...]] = ("parent", "name")
    TAGGED: ClassVar[bool] = True
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn")

    name: str = Field(description="The unit's name, unique under its parent")
    parent: Annotated[str, RefTo("aws.organizations.organization", "aws.organizations.unit"), IMMUTABLE] = Field(
        description="Id of the parent: the organization's root or another unit"
    )
    tags: dict[str, str] = Field(default_factory=dict)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the tree of units and each unit's tags; Organizations has no batch read."""
        found = []
        for parent, unit in (yield from units()):
            tags = yield from tags_in_organization(unit["Id"])
            fields = {"name": unit["Name"], "parent": parent, "tags": own_tags(tags)}
            found.append(
                Observed(
                    unit["Id"], fields, {"id": unit["Id"], "arn": unit["Arn"]}, scope.own(tags), other=scope.other(tags)
                )
            )
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the unit."""
        params = {"ParentId": self.parent, "Name": self.name, "Tags": scope.tag_list(address, self.tags)}
        reply = yield aws("organizations", "CreateOrganizationalUnit", params)
        unit = reply["OrganizationalUnit"]
        return {"id": unit["Id"], "arn": unit["Arn"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Rename the unit, change tags."""
        if "name" in changed:
            params = {"OrganizationalUnitId": observed.id, "Name": self.name}
            yield aws("organizations", "UpdateOrganizationalUnit", params)
        if changed & {"tags", "owner"}:
            yield from retag_in_organization(scope, address, observed, self.tags)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Delete the unit; it must be empty."""
        yield aws(
            "organizations",
            "DeleteOrganizationalUnit",
            {"OrganizationalUnitId": observed.id},
            absent=("OrganizationalUnitNotFoundException", *OUTSIDE),
        )

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Check the name, the depth of the tree and the tags."""
        yield from name_problems("unit", self.name)
        yield from tag_problems(self.tags, 50)
        depth, above = 1, peers.get(self.parent)
        while isinstance(above, Unit) and depth <= len(peers.desired):
            depth, above = depth + 1, peers.get(above.parent)
        limit = facts("organizations")["unit_depth"]
        if limit < depth <= len(peers.desired):
            yield Problem("TW0462", f"units nest {limit} deep at most, this one is at depth {depth}", "parent")

"""What the types of Okta policies share: a policy is written with its rules, which it owns whole."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.okta.members import Member, write
from twin.resources.okta.org import GONE, without_empty
from twin.resources.resource import Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

# Rules refer to these inside; the marker orders the types when no desired policy tells the edges.
IN_RULES = RefTo("okta.group", "okta.network_zone", "okta.user")
LISTS = ("groups", "exclude_groups", "users", "exclude_users", "zones", "exclude_zones")


class Rule(BaseModel):
    """For whom and from where a rule holds; the rules of a policy are tried in their order."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, max_length=50)
    groups: list[str] = Field(default_factory=list, description="Ids of the groups it is for; everyone when empty")
    exclude_groups: list[str] = Field(default_factory=list)
    users: list[str] = Field(default_factory=list, description="Ids of the users it is for")
    exclude_users: list[str] = Field(default_factory=list)
    zones: list[str] = Field(default_factory=list, description="Ids of the network zones it is for; all when empty")
    exclude_zones: list[str] = Field(default_factory=list)

    def conditions(self) -> dict[str, Any]:
        """Return the conditions as the API takes them."""
        zones: dict[str, Any] = {"include": self.zones, "exclude": self.exclude_zones}
        people = {
            "users": {"include": self.users, "exclude": self.exclude_users},
            "groups": {"include": self.groups, "exclude": self.exclude_groups},
        }
        found = {"network": {"connection": "ZONE", **zones}, "people": people}
        if not self.zones and not self.exclude_zones:
            found["network"] = {"connection": "ANYWHERE"}
        return dict(without_empty(found))

    def actions(self) -> dict[str, Any]:
        """Return the actions as the API takes them."""
        raise NotImplementedError(type(self).__name__)

    @classmethod
    def observe(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a rule as the API tells it."""
        conditions = rule.get("conditions") or {}
        people, network = conditions.get("people") or {}, conditions.get("network") or {}
        users, groups = people.get("users") or {}, people.get("groups") or {}
        places = (groups, groups, users, users, network, network)
        sides = ("include", "exclude") * 3
        lists = {name: list(at.get(side) or ()) for name, at, side in zip(LISTS, places, sides, strict=True)}
        return {"name": rule["name"], **lists, **cls.observe_actions(rule)}

    @classmethod
    def observe_actions(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields of a rule beyond name and conditions."""
        raise NotImplementedError(cls.__name__)


class Policy(Resource):
    """A policy of one type; the owner is marked in its description."""

    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True
    POLICY: ClassVar[str] = ""
    RULE: ClassVar[str] = ""
    RULES: ClassVar[type[Rule]] = Rule

    name: str = Field(min_length=1, max_length=50)
    description: str = ""
    rules: Annotated[Sequence[Rule], IN_RULES] = Field(description="In order of priority; the whole list")

    def body(self) -> dict[str, Any]:
        """Return the type's own part of the policy: conditions and settings."""
        return {}

    @classmethod
    def observe(cls, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return the type's own fields of a policy."""
        return {}

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read the policies of the type with one list, and the rules of those that are ours or wanted."""
        policies = yield okta("GET", "/api/v1/policies", query={"type": cls.POLICY}, pages=True)
        found = []
        for policy in policies:
            owner, other = scope.marked(policy.get("description")), scope.marked_by_other(policy.get("description"))
            fields = {"name": policy["name"], "description": unmark(policy.get("description")), **cls.observe(policy)}
            outputs: dict[str, Any] = {"id": policy["id"]}
            if owner or policy["id"] in wanted.ids or (policy["name"],) in wanted.keys:
                rules = yield okta("GET", f"/api/v1/policies/{policy['id']}/rules", pages=True)
                own = sorted((r for r in rules if not r.get("system")), key=lambda r: r.get("priority") or 0)
                fields["rules"] = [cls.RULES.observe(rule) for rule in own]
                outputs["rules"] = {rule["name"]: rule["id"] for rule in own}
            builtin = bool(policy.get("system"))
            found.append(Observed(policy["id"], fields, outputs, owner=owner, other=other, builtin=builtin))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the policy, then its rules in order."""
        policy = yield okta("POST", "/api/v1/policies", self._whole(scope, address))
        yield from self._write_rules(policy["id"], {}, [])
        return {"id": policy["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the policy when it differs, and those of its rules that do."""
        if changed - {"rules"}:
            yield okta("PUT", f"/api/v1/policies/{observed.id}", self._whole(scope, address))
        if "rules" in changed:
            yield from self._write_rules(
                observed.id, observed.outputs.get("rules", {}), observed.fields.get("rules", [])
            )

    def _whole(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {
            "type": self.POLICY,
            "name": self.name,
            "description": scope.mark(address, self.description),
            "status": "ACTIVE",
            **self.body(),
        }

    def _write_rules(self, id_: str, ids: Mapping[str, str], seen: Sequence[Any]) -> Steps[None]:
        members = []
        for place, rule in enumerate(self.rules):
            there = seen[place] if place < len(seen) else None
            same = without_empty(rule.model_dump(mode="json")) == without_empty(there)
            members.append(Member(rule.name, self._rule(rule, place + 1), same))
        yield from write(f"/api/v1/policies/{id_}/rules", members, ids)

    def _rule(self, rule: Rule, priority: int) -> dict[str, Any]:
        return {
            "type": self.RULE or self.POLICY,
            "name": rule.name,
            "priority": priority,
            "conditions": rule.conditions(),
            "actions": rule.actions(),
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the policy with its rules."""
        yield okta("DELETE", f"/api/v1/policies/{observed.id}", absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare rules in order, and what a rule lists as sets."""
        if name == "rules":
            return bool(without_empty(desired) == without_empty(observed))
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Policies of a type and rules of a policy have names of their own."""
        names = [rule.name for rule in self.rules]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield Problem("TW0620", f"two rules are named {name!r}", "rules")


class ForGroups(Policy):
    """A policy that holds for the members of groups."""

    groups: Annotated[list[str], RefTo("okta.group")] = Field(description="Ids of the groups that it is for")

    def body(self) -> dict[str, Any]:
        """Return the condition on groups."""
        return {"conditions": {"people": {"groups": {"include": self.groups}}}}

    @classmethod
    def observe(cls, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return the groups."""
        people = (policy.get("conditions") or {}).get("people") or {}
        return {"groups": list((people.get("groups") or {}).get("include") or ())}

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare groups as a set."""
        if name == "groups" and observed is not None:
            return sorted(desired) == sorted(observed)
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Such a policy is for somebody."""
        yield from super().check(address, peers)
        if not self.groups:
            yield Problem("TW0621", "a policy is for at least one group", "groups")

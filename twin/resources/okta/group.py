"""Groups, the rules that fill them and the memberships that are declared one by one."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.canonical import UNORDERED
from twin.resources.okta.org import GONE, fact, lifecycle, listing
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark

STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class Group(Resource):
    """A group of users; the owner is marked in its description."""

    TYPE: ClassVar[str] = "okta.group"
    KEY: ClassVar[tuple[str, ...]] = ("name",)
    TAGGED: ClassVar[bool] = True

    name: str = Field(min_length=1, max_length=255)
    description: str = ""

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all groups; those that Okta or an app keeps are built in."""
        return [_observe(scope, group) for group in (yield from listing("/api/v1/groups"))]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the group with its owner."""
        group = yield okta("POST", "/api/v1/groups", self._body(scope, address))
        return {"id": group["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write name and description."""
        yield okta("PUT", f"/api/v1/groups/{observed.id}", self._body(scope, address))

    def _body(self, scope: Scope, address: Address) -> dict[str, Any]:
        return {"profile": {"name": self.name, "description": scope.mark(address, self.description)}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Remove the group."""
        yield okta("DELETE", f"/api/v1/groups/{observed.id}", absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Names are unique, and not those of Okta's own groups."""
        if self.name in fact("builtin_groups"):
            yield Problem("TW0604", f"the group {self.name!r} is Okta's own", "name")


def _observe(scope: Scope, group: Mapping[str, Any]) -> Observed:
    profile = group["profile"]
    fields = {"name": profile["name"], "description": unmark(profile.get("description"))}
    owner, other = scope.marked(profile.get("description")), scope.marked_by_other(profile.get("description"))
    return Observed(
        group["id"], fields, {"id": group["id"]}, owner=owner, other=other, builtin=group["type"] != "OKTA_GROUP"
    )


class GroupRule(Resource):
    """A rule that puts users into groups when its expression is true of them."""

    TYPE: ClassVar[str] = "okta.group_rule"
    KEY: ClassVar[tuple[str, ...]] = ("name",)

    name: str = Field(min_length=1, max_length=50)
    expression: str = Field(description='In Okta\'s language, as in user.department=="Engineering"')
    groups: Annotated[list[str], RefTo("okta.group"), UNORDERED, IMMUTABLE] = Field(description="Ids of the groups")
    active: bool = True

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all group rules."""
        found = []
        for rule in (yield from listing("/api/v1/groups/rules")):
            fields = {
                "name": rule["name"],
                "expression": rule["conditions"]["expression"]["value"],
                "groups": _assigned(rule),
                "active": rule["status"] == "ACTIVE",
            }
            found.append(Observed(rule["id"], fields, {"id": rule["id"]}))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the rule, which is born inactive, and activate it."""
        rule = yield okta("POST", "/api/v1/groups/rules", self._body())
        if self.active:
            yield lifecycle(f"/api/v1/groups/rules/{rule['id']}", "activate")
        return {"id": rule["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Rest the rule while it is written: Okta writes only inactive ones."""
        path, written = f"/api/v1/groups/rules/{observed.id}", bool(changed & {"name", "expression"})
        active = observed.fields["active"]
        if active and (written or not self.active):
            yield lifecycle(path, "deactivate")
            active = False
        if written:
            yield okta("PUT", path, self._body())
        if self.active and not active:
            yield lifecycle(path, "activate")

    def _body(self) -> dict[str, Any]:
        return {
            "type": "group_rule",
            "name": self.name,
            "conditions": {"expression": {"type": "urn:okta:expression:1.0", "value": self.expression}},
            "actions": {"assignUserToGroups": {"groupIds": self.groups}},
        }

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Rest and remove the rule, and with it the memberships that it made."""
        path = f"/api/v1/groups/rules/{observed.id}"
        if observed.fields["active"]:
            yield lifecycle(path, "deactivate")
        yield okta("DELETE", path, query={"removeUsers": "true"}, absent=GONE)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The expression reads: quotes and brackets close, one = is no comparison."""
        if not self.groups:
            yield Problem("TW0605", "a rule assigns to at least one group", "groups")
        if unknown(self.expression):
            return
        wrong = expression_fault(self.expression)
        if wrong:
            yield Problem("TW0606", f"the expression {wrong}", "expression", 'as in user.department=="Engineering"')


def expression_fault(expression: str) -> str | None:
    """Return what is wrong with an expression's outer form, or None."""
    rest = STRING.sub("", expression)
    if not rest.strip():
        return "compares nothing"
    if '"' in rest:
        return "has a quote that does not close"
    if rest.count("(") != rest.count(")"):
        return "has brackets that do not close"
    if re.search(r"(?<![=!<>])=(?!=)", rest):
        return "has a single =, a comparison is =="
    if not re.search(r"\b(user|isMemberOf\w+|String|Arrays|Convert|Groups)\b", rest):
        return "refers to no attribute of the user"
    return None


def _assigned(rule: Mapping[str, Any]) -> list[str]:
    return list(rule["actions"]["assignUserToGroups"]["groupIds"])


class Membership(Resource):
    """One user in one group; a member of our group that nobody declared is drift."""

    TYPE: ClassVar[str] = "okta.membership"
    KEY: ClassVar[tuple[str, ...]] = ("group", "user")

    group: Annotated[str, RefTo("okta.group"), IMMUTABLE] = Field(description="The group's id")
    user: Annotated[str, RefTo("okta.user"), IMMUTABLE] = Field(description="The user's id")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """List the members of the groups that are ours or wanted.

        The API does not tell who came by a rule; undeclared members of a group that a rule fills count as the rule's.
        """
        groups = yield from listing("/api/v1/groups")
        rules = yield from listing("/api/v1/groups/rules")
        filled = {group for rule in rules for group in _assigned(rule)}
        named = {key[0] for key in wanted.keys} | {id_.partition("/")[0] for id_ in wanted.ids}
        found = []
        for group in groups:
            ours = scope.marked(group["profile"].get("description"))
            if group["type"] != "OKTA_GROUP" or not (ours or group["id"] in named):
                continue
            for user in (yield from listing(f"/api/v1/groups/{group['id']}/users")):
                declared = (group["id"], user["id"]) in wanted.keys
                found.append(_member(group["id"], user["id"], by_rule=group["id"] in filled and not declared))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Put the user into the group."""
        yield okta("PUT", f"/api/v1/groups/{self.group}/users/{self.user}")
        return {"id": f"{self.group}/{self.user}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Nothing of a membership can change."""
        yield from ()

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the user out of the group."""
        group, user = observed.fields["group"], observed.fields["user"]
        yield okta("DELETE", f"/api/v1/groups/{group}/users/{user}", absent=GONE)


def _member(group: str, user: str, *, by_rule: bool) -> Observed:
    id_ = f"{group}/{user}"
    return Observed(id_, {"group": group, "user": user}, {"id": id_}, member_of=("okta.group", group), builtin=by_rule)

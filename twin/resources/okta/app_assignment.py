"""Assignments of groups to apps."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.okta.app import owner_note
from twin.resources.okta.app_oidc import AppOidc
from twin.resources.okta.app_saml import AppSaml
from twin.resources.okta.org import GONE, listing
from twin.resources.resource import IMMUTABLE, Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class AppAssignment(Resource):
    """One group assigned to one app; an assignment of our app that nobody declared is drift."""

    TYPE: ClassVar[str] = "okta.app_assignment"
    KEY: ClassVar[tuple[str, ...]] = ("app", "group")

    app: Annotated[str, RefTo("okta.app_oidc", "okta.app_saml"), IMMUTABLE] = Field(description="The app's id")
    group: Annotated[str, RefTo("okta.group"), IMMUTABLE] = Field(description="The group's id")
    priority: int | None = Field(None, description="Whose profile wins for members of several groups")
    profile: dict[str, Any] | None = Field(None, description="What the app is told of the members")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """List the groups of the apps that are ours or wanted."""
        named = {key[0] for key in wanted.keys} | {id_.partition("/")[0] for id_ in wanted.ids}
        found = []
        for app in (yield from listing("/api/v1/apps")):
            kind = next((kind for kind in (AppOidc, AppSaml) if kind.mine(app)), None)
            if kind is None or not (scope.marked(owner_note(app)) or app["id"] in named):
                continue
            for item in (yield from listing(f"/api/v1/apps/{app['id']}/groups")):
                id_ = f"{app['id']}/{item['id']}"
                fields = {"app": app["id"], "group": item["id"], "priority": item.get("priority"),
                          "profile": item.get("profile") or {}}  # fmt: skip
                found.append(Observed(id_, fields, {"id": id_}, member_of=(kind.TYPE, app["id"])))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Assign the group."""
        given = {"priority": self.priority, "profile": self.profile}
        body = {name: value for name, value in given.items() if value is not None}
        yield okta("PUT", f"/api/v1/apps/{self.app}/groups/{self.group}", body)
        return {"id": f"{self.app}/{self.group}"}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Assign anew with another priority or profile."""
        yield from self.create(scope, address)

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Take the app from the group."""
        app, group = observed.fields["app"], observed.fields["group"]
        yield okta("DELETE", f"/api/v1/apps/{app}/groups/{group}", absent=GONE)

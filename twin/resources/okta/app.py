"""What the types of apps share: reading, creation, the owner's mark, the policy that guards the sign-in."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.okta.org import GONE, lifecycle, listing
from twin.resources.resource import Observed, RefTo, Resource, Wanted
from twin.resources.scope import Scope, unmark


class App(Resource):
    """What apps share: a label, an admin's note that marks the owner, and the policy that guards the sign-in."""

    KEY: ClassVar[tuple[str, ...]] = ("label",)
    TAGGED: ClassVar[bool] = True

    label: str = Field(min_length=1, max_length=100)
    note: str = Field("", description="For admins")
    authentication_policy: Annotated[str | None, RefTo("okta.authentication_policy")] = Field(
        None, description="The id of the policy that guards the sign-in; the org's default when left out"
    )

    @classmethod
    def mine(cls, app: Mapping[str, Any]) -> bool:
        """Tell whether an app of the org is of this type."""
        raise NotImplementedError(cls.TYPE)

    @classmethod
    def settings(cls, app: Mapping[str, Any]) -> dict[str, Any]:
        """Return the type's own fields of an app."""
        raise NotImplementedError(cls.TYPE)

    @classmethod
    def outputs(cls, app: Any) -> dict[str, Any]:
        """Return what others may refer to."""
        return {"id": app["id"]}

    def body(self, note: str, outputs: Mapping[str, Any]) -> dict[str, Any]:
        """Return the app as the API takes it."""
        raise NotImplementedError(self.TYPE)

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all apps with one list."""
        return [cls._observe(scope, app) for app in (yield from listing("/api/v1/apps")) if cls.mine(app)]

    @classmethod
    def _observe(cls, scope: Scope, app: Mapping[str, Any]) -> Observed:
        note = owner_note(app)
        policy = ((app.get("_links") or {}).get("accessPolicy") or {}).get("href", "")
        fields = {
            "label": app["label"],
            "note": unmark(note),
            "authentication_policy": policy.rpartition("/")[2] or None,
            **cls.settings(app),
        }
        outputs = {**cls.outputs(app), "status": app.get("status")}
        return Observed(app["id"], fields, outputs, owner=scope.marked(note), other=scope.marked_by_other(note))

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the app, active, and set its policy."""
        app = yield okta("POST", "/api/v1/apps", self.body(scope.mark(address, self.note), {}), {"activate": "true"})
        yield from self._guard(app["id"])
        return self.outputs(app)

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Write the app anew in place, and its policy."""
        if changed - {"authentication_policy"}:
            body = self.body(scope.mark(address, self.note), observed.outputs)
            yield okta("PUT", f"/api/v1/apps/{observed.id}", body)
        if "authentication_policy" in changed:
            yield from self._guard(observed.id)

    def _guard(self, id_: str) -> Steps[None]:
        if self.authentication_policy is not None:
            yield okta("PUT", f"/api/v1/apps/{id_}/policies/{self.authentication_policy}")

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Deactivate and delete: Okta deletes only inactive apps."""
        path = f"/api/v1/apps/{observed.id}"
        if observed.outputs.get("status") != "INACTIVE":
            yield lifecycle(path, "deactivate")
        yield okta("DELETE", path, absent=GONE)


def owner_note(app: Mapping[str, Any]) -> str | None:
    """Return the note for admins, which holds the owner's mark."""
    note: str | None = ((app.get("settings") or {}).get("notes") or {}).get("admin")
    return note

"""Users: people in the org's directory, without passwords, which they set themselves."""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.okta.org import GONE, fact, lifecycle, listing
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, WRITE_ONLY, Observed, Peers, Problem, Resource, Wanted
from twin.resources.scope import Scope

NAMES = {"login": "login", "email": "email", "first_name": "firstName", "last_name": "lastName"}


class User(Resource):
    """A person. One who is active and has not signed in yet is PROVISIONED: invited, without a password."""

    TYPE: ClassVar[str] = "okta.user"
    KEY: ClassVar[tuple[str, ...]] = ("login",)

    login: Annotated[str, IMMUTABLE] = Field(description="The name to sign in with, in the form of an email address")
    email: str
    first_name: str = Field(min_length=1, max_length=50)
    last_name: str = Field(min_length=1, max_length=50)
    profile: dict[str, Any] = Field(default_factory=dict, description="Further attributes, as in department, title")
    active: bool = Field(True, description="Staged or deactivated when false")
    invite: Annotated[bool, WRITE_ONLY] = Field(True, description="Whether Okta mails the link to set a password")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all users, and of the deactivated, which the list leaves out, those that are wanted."""
        users = yield from listing("/api/v1/users")
        gone = yield from listing("/api/v1/users", filter='status eq "DEPROVISIONED"')
        known = {user["id"] for user in users}
        for user in gone:
            if user["id"] not in known and _wanted(user, wanted):
                users.append(user)
        return [_observe(user) for user in users if user["status"] != "DEPROVISIONED" or _wanted(user, wanted)]

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the user: invited in the same call, activated silently, or staged."""
        invited = self.active and self.invite
        user = yield okta("POST", "/api/v1/users", {"profile": self._profile()}, {"activate": str(invited).lower()})
        if self.active and not self.invite:
            yield lifecycle(f"/api/v1/users/{user['id']}", "activate", sendEmail="false")
        return {"id": user["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Activate first, for a deactivated user's profile cannot be written; then profile; deactivate last."""
        path = f"/api/v1/users/{observed.id}"
        if "active" in changed and self.active:
            step = "unsuspend" if observed.outputs.get("status") == "SUSPENDED" else "activate"
            query = {} if step == "unsuspend" else {"sendEmail": str(self.invite).lower()}
            yield lifecycle(path, step, **query)
        if changed & {"email", "first_name", "last_name", "profile"}:
            yield okta("POST", path, {"profile": self._profile()})
        if "active" in changed and not self.active:
            yield lifecycle(path, "deactivate")

    def _profile(self) -> dict[str, Any]:
        return {**self.profile, **{vendor: getattr(self, ours) for ours, vendor in NAMES.items()}}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Deactivate and delete: Okta deletes only the deactivated."""
        path = f"/api/v1/users/{observed.id}"
        if observed.outputs.get("status") != "DEPROVISIONED":
            yield lifecycle(path, "deactivate")
        yield okta("DELETE", path, absent=GONE)

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare only the attributes that are managed."""
        if name == "profile" and isinstance(observed, dict):
            return all(observed.get(key) == value for key, value in desired.items())
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Logins and emails have the form of an address, logins are unique."""
        for field in ("login", "email"):
            value = getattr(self, field)
            if not unknown(value) and not (re.fullmatch(fact("email"), value) and 5 <= len(value) <= 100):
                yield Problem("TW0602", f"{value!r} is no email address of 5 to 100 characters", field)
        for name in sorted(set(self.profile) & set(NAMES.values())):
            yield Problem("TW0603", f"{name} has a field of its own", "profile")


def _wanted(user: Mapping[str, Any], wanted: Wanted) -> bool:
    return user["id"] in wanted.ids or (user["profile"]["login"],) in wanted.keys


def _observe(user: Mapping[str, Any]) -> Observed:
    profile = user["profile"]
    fields: dict[str, Any] = {ours: profile.get(vendor) for ours, vendor in NAMES.items()}
    rest = {k: v for k, v in profile.items() if k not in NAMES.values() and v is not None}
    active = user["status"] not in ("STAGED", "DEPROVISIONED", "SUSPENDED")
    outputs = {"id": user["id"], "status": user["status"]}
    return Observed(user["id"], {**fields, "profile": rest, "active": active}, outputs)

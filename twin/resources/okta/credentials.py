"""What people sign in with: authenticators, who enrols which, and how passwords must be."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.call import Steps, okta
from twin.resources.okta.org import fact, lifecycle
from twin.resources.okta.policy import IN_RULES, ForGroups, Rule
from twin.resources.reference import unknown
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope


class Authenticator(Resource):
    """A way to prove who one is; the org has one of each key, and Okta never deletes it: it rests instead."""

    TYPE: ClassVar[str] = "okta.authenticator"
    KEY: ClassVar[tuple[str, ...]] = ("key",)

    key: Annotated[str, IMMUTABLE] = Field(description="As in okta_verify, webauthn, google_otp, phone_number")
    active: bool = True
    settings: dict[str, Any] | None = Field(None, description="As the key has them, as in userVerification")

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all authenticators with one list; those that rest, and those no org is without, are built in."""
        found = []
        for item in (yield okta("GET", "/api/v1/authenticators", pages=True)):
            active = item.get("status") == "ACTIVE"
            fields = {"key": item["key"], "active": active, "settings": item.get("settings") or {}}
            builtin = not active or item["key"] in fact("permanent_authenticators")
            found.append(Observed(item["id"], fields, {"id": item["id"]}, builtin=builtin))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Add the authenticator to the org."""
        active = str(self.active).lower()
        item = yield okta("POST", "/api/v1/authenticators", self._body(None), {"activate": active})
        if self.settings is not None:
            yield okta("PUT", f"/api/v1/authenticators/{item['id']}", self._body(self.settings))
        return {"id": item["id"]}

    def update(self, scope: Scope, address: Address, observed: Observed, changed: frozenset[str]) -> Steps[None]:
        """Activate or rest it, and write its settings."""
        path = f"/api/v1/authenticators/{observed.id}"
        if "active" in changed:
            yield lifecycle(path, "activate" if self.active else "deactivate")
        if "settings" in changed:
            yield okta("PUT", path, self._body({**observed.fields["settings"], **(self.settings or {})}))

    def _body(self, settings: dict[str, Any] | None) -> dict[str, Any]:
        name = fact("authenticators")[self.key]["name"]
        return {"key": self.key, "name": name, **({} if settings is None else {"settings": settings})}

    @classmethod
    def delete(cls, scope: Scope, observed: Observed) -> Steps[None]:
        """Let it rest; email and password stay, no org is without them."""
        if observed.fields["active"] and observed.fields["key"] not in fact("permanent_authenticators"):
            yield lifecycle(f"/api/v1/authenticators/{observed.id}", "deactivate")

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare only the settings that are managed."""
        if name == "settings" and isinstance(observed, dict):
            return all(observed.get(key) == value for key, value in desired.items())
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The key is one that Okta has, the settings are the key's."""
        known = fact("authenticators")
        if self.key not in known:
            yield Problem("TW0630", f"Okta has no authenticator {self.key!r}", "key", f"one of {', '.join(known)}")
            return
        for name, value in (self.settings or {}).items():
            allowed = known[self.key].get("settings", {})
            if name not in allowed:
                yield Problem("TW0631", f"{self.key} has no setting {name!r}", "settings")
            elif isinstance(allowed[name], list) and value not in allowed[name]:
                choice = ", ".join(map(str, allowed[name]))
                yield Problem("TW0631", f"{name} of {self.key} cannot be {value!r}", "settings", f"one of {choice}")
        if not self.active and self.key in fact("permanent_authenticators"):
            yield Problem("TW0632", f"{self.key} cannot be deactivated", "active")


class EnrollmentRule(Rule):
    """When people are asked to enrol."""

    enroll: Literal["CHALLENGE", "LOGIN", "NEVER"] = "LOGIN"

    def actions(self) -> dict[str, Any]:
        """Return the actions as the API takes them."""
        return {"enroll": {"self": self.enroll}}

    @classmethod
    def observe_actions(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return when people are asked."""
        return {"enroll": (rule["actions"].get("enroll") or {}).get("self")}


class EnrollmentPolicy(ForGroups):
    """Which authenticators the members of groups may or must enrol."""

    TYPE: ClassVar[str] = "okta.enrollment_policy"
    POLICY: ClassVar[str] = "MFA_ENROLL"
    RULES: ClassVar[type[Rule]] = EnrollmentRule

    authenticators: Annotated[
        dict[str, Literal["REQUIRED", "OPTIONAL", "NOT_ALLOWED"]], RefTo("okta.authenticator")
    ] = Field(description="By key, as in `okta_verify` or ${okta.authenticator.verify.key}")
    rules: Annotated[Sequence[EnrollmentRule], IN_RULES] = Field(description="In order of priority; the whole list")

    def body(self) -> dict[str, Any]:
        """Return groups and authenticators."""
        items = [{"key": key, "enroll": {"self": how}} for key, how in sorted(self.authenticators.items())]
        return {**super().body(), "settings": {"type": "AUTHENTICATORS", "authenticators": items}}

    @classmethod
    def observe(cls, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return groups and authenticators."""
        items = (policy.get("settings") or {}).get("authenticators") or ()
        return {**super().observe(policy), "authenticators": {item["key"]: item["enroll"]["self"] for item in items}}

    @classmethod
    def same(cls, name: str, desired: Any, observed: Any) -> bool:
        """Compare authenticators; one that is not mentioned is not allowed."""
        if name == "authenticators" and isinstance(observed, dict):
            return _allowed(desired) == _allowed(observed)
        return super().same(name, desired, observed)

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """The keys are authenticators, and none is declared inactive."""
        yield from super().check(address, peers)
        resting = {
            peer.key for _, peer in peers.of(Authenticator.TYPE) if isinstance(peer, Authenticator) and not peer.active
        }
        for key, how in self.authenticators.items():
            if unknown(key):
                continue
            if key not in fact("authenticators"):
                choice = ", ".join(fact("authenticators"))
                yield Problem("TW0630", f"Okta has no authenticator {key!r}", "authenticators", f"one of {choice}")
            elif how != "NOT_ALLOWED" and key in resting:
                yield Problem("TW0633", f"{key} is declared inactive and cannot be enrolled", "authenticators")


def _allowed(authenticators: Mapping[str, str]) -> dict[str, str]:
    return {key: how for key, how in authenticators.items() if how != "NOT_ALLOWED"}


class PasswordRule(Rule):
    """What people may do about their passwords themselves."""

    change: Literal["ALLOW", "DENY"] = "ALLOW"
    reset: Literal["ALLOW", "DENY"] = "ALLOW"
    unlock: Literal["ALLOW", "DENY"] = "DENY"

    def actions(self) -> dict[str, Any]:
        """Return the actions as the API takes them."""
        return {
            "passwordChange": {"access": self.change},
            "selfServicePasswordReset": {"access": self.reset},
            "selfServiceUnlock": {"access": self.unlock},
        }

    @classmethod
    def observe_actions(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return what people may do."""
        names = {"change": "passwordChange", "reset": "selfServicePasswordReset", "unlock": "selfServiceUnlock"}
        return {ours: (rule["actions"].get(vendor) or {}).get("access") for ours, vendor in names.items()}


COMPLEXITY = {"min_length": "minLength", "lower": "minLowerCase", "upper": "minUpperCase", "number": "minNumber",
              "symbol": "minSymbol", "exclude_username": "excludeUsername"}  # fmt: skip
AGE = {"max_age_days": "maxAgeDays", "expire_warn_days": "expireWarnDays", "min_age_minutes": "minAgeMinutes",
       "history": "historyCount"}  # fmt: skip
LOCKOUT = {"max_attempts": "maxAttempts", "auto_unlock_minutes": "autoUnlockMinutes"}


class PasswordPolicy(ForGroups):
    """How the passwords of the members of groups must be."""

    TYPE: ClassVar[str] = "okta.password_policy"
    POLICY: ClassVar[str] = "PASSWORD"
    RULES: ClassVar[type[Rule]] = PasswordRule

    groups: Annotated[list[str], RefTo("okta.group")] = Field(description="Ids of the groups that it is for")
    rules: Annotated[Sequence[PasswordRule], IN_RULES] = Field(description="In order of priority; the whole list")
    min_length: int = 12
    lower: int = Field(1, ge=0, le=1)
    upper: int = Field(1, ge=0, le=1)
    number: int = Field(1, ge=0, le=1)
    symbol: int = Field(0, ge=0, le=1)
    exclude_username: bool = True
    exclude_common: bool = Field(True, description="Whether common passwords are refused")
    max_age_days: int = Field(0, description="0 is no limit")
    expire_warn_days: int = 0
    min_age_minutes: int = 0
    history: int = 4
    max_attempts: int = Field(10, description="0 is no limit")
    auto_unlock_minutes: int = Field(0, description="0 is never")

    def body(self) -> dict[str, Any]:
        """Return groups, provider and settings."""
        complexity = {vendor: getattr(self, ours) for ours, vendor in COMPLEXITY.items()}
        complexity["dictionary"] = {"common": {"exclude": self.exclude_common}}
        password = {
            "complexity": complexity,
            "age": {vendor: getattr(self, ours) for ours, vendor in AGE.items()},
            "lockout": {vendor: getattr(self, ours) for ours, vendor in LOCKOUT.items()},
        }
        conditions = {**super().body()["conditions"], "authProvider": {"provider": "OKTA"}}
        return {"conditions": conditions, "settings": {"password": password}}

    @classmethod
    def observe(cls, policy: Mapping[str, Any]) -> dict[str, Any]:
        """Return groups and settings."""
        password = (policy.get("settings") or {}).get("password") or {}
        parts = (("complexity", COMPLEXITY), ("age", AGE), ("lockout", LOCKOUT))
        fields = {o: (password.get(part) or {}).get(v) for part, names in parts for o, v in names.items()}
        dictionary = ((password.get("complexity") or {}).get("dictionary") or {}).get("common") or {}
        return {**super().observe(policy), **fields, "exclude_common": dictionary.get("exclude", False)}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Figures keep within Okta's bounds."""
        yield from super().check(address, peers)
        for field, (low, high) in fact("password_bounds").items():
            value = getattr(self, field)
            if not low <= value <= high:
                yield Problem("TW0640", f"{field} is {low} to {high}, not {value}", field)
        if 0 < self.max_age_days <= self.expire_warn_days:
            message = f"a warning {self.expire_warn_days} days before the end of {self.max_age_days}"
            yield Problem("TW0641", message, "expire_warn_days")

"""Who may sign in and how: the global session policy and the policies that guard apps."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from twin.address import Address
from twin.resources.okta.org import fact
from twin.resources.okta.policy import IN_RULES, ForGroups, Policy, Rule
from twin.resources.resource import Peers, Problem

REQUIRED = ("phishing_resistant", "hardware_protected", "device_bound", "user_presence")
POSSESSION = dict(
    zip(REQUIRED, ("phishingResistant", "hardwareProtection", "deviceBound", "userPresence"), strict=True)
)


class GlobalSessionRule(Rule):
    """Whether a session begins, how much proof it needs and how long it lasts."""

    access: Literal["ALLOW", "DENY"] = "ALLOW"
    primary_factor: Literal["PASSWORD_IDP", "PASSWORD_IDP_ANY_FACTOR"] = "PASSWORD_IDP_ANY_FACTOR"
    require_mfa: bool = False
    mfa_prompt: Literal["ALWAYS", "DEVICE", "SESSION"] | None = Field(None, description="How often, with require_mfa")
    mfa_lifetime_minutes: int | None = Field(None, description="With the prompt DEVICE or SESSION")
    idle_minutes: int = Field(120, description="The session ends after so long without use")
    lifetime_minutes: int = Field(720, description="The session ends after so long; 0 is never")
    persistent_cookie: bool = Field(False, description="Whether the session outlives the browser")

    def actions(self) -> dict[str, Any]:
        """Return the actions as the API takes them."""
        sign_on: dict[str, Any] = {"access": self.access, "requireFactor": self.require_mfa}
        if self.access == "ALLOW":
            sign_on["primaryFactor"] = self.primary_factor
            sign_on["rememberDeviceByDefault"] = False
            sign_on["session"] = {
                "maxSessionIdleMinutes": self.idle_minutes,
                "maxSessionLifetimeMinutes": self.lifetime_minutes,
                "usePersistentCookie": self.persistent_cookie,
            }
        if self.mfa_prompt is not None:
            sign_on["factorPromptMode"] = self.mfa_prompt
        if self.mfa_lifetime_minutes is not None:
            sign_on["factorLifetime"] = self.mfa_lifetime_minutes
        return {"signon": sign_on}

    def conditions(self) -> dict[str, Any]:
        """Return the conditions; a rule without an authentication context is refused."""
        return {**super().conditions(), "authContext": {"authType": "ANY"}}

    @classmethod
    def observe_actions(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields; those that a denial leaves open come with their defaults."""
        sign_on = rule["actions"]["signon"]
        session = sign_on.get("session") or {} if sign_on.get("access") == "ALLOW" else {}
        asks = bool(sign_on.get("requireFactor"))
        return {
            "access": sign_on.get("access"),
            "primary_factor": sign_on.get("primaryFactor") or "PASSWORD_IDP_ANY_FACTOR",
            "require_mfa": asks,
            "mfa_prompt": sign_on.get("factorPromptMode") if asks else None,
            "mfa_lifetime_minutes": sign_on.get("factorLifetime") if asks else None,
            "idle_minutes": session.get("maxSessionIdleMinutes", 120),
            "lifetime_minutes": session.get("maxSessionLifetimeMinutes", 720),
            "persistent_cookie": session.get("usePersistentCookie", False),
        }

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what Okta refuses of the rule."""
        limits = fact("session_minutes")
        if not 1 <= self.idle_minutes <= limits["idle_maximum"]:
            yield "TW0622", f"idle for {self.idle_minutes} minutes; 1 to {limits['idle_maximum']} are possible"
        if not 0 <= self.lifetime_minutes <= limits["lifetime_maximum"]:
            yield "TW0622", f"a lifetime of {self.lifetime_minutes}; 0 to {limits['lifetime_maximum']} are possible"
        if 0 < self.lifetime_minutes < self.idle_minutes:
            yield "TW0623", f"idle for {self.idle_minutes} minutes in a session of {self.lifetime_minutes}"
        session = (self.idle_minutes, self.lifetime_minutes, self.persistent_cookie)
        if self.access == "DENY" and session != (120, 720, False):
            yield "TW0628", "a denial begins no session: leave its minutes and cookie out"
        if not self.require_mfa and (self.mfa_prompt or self.mfa_lifetime_minutes):
            yield "TW0624", "mfa_prompt and mfa_lifetime_minutes need require_mfa"
        if self.require_mfa and self.mfa_prompt is None:
            yield "TW0624", "require_mfa needs mfa_prompt: ALWAYS, DEVICE or SESSION"


class GlobalSessionPolicy(ForGroups):
    """The sessions with the org itself."""

    TYPE: ClassVar[str] = "okta.global_session_policy"
    POLICY: ClassVar[str] = "OKTA_SIGN_ON"
    RULE: ClassVar[str] = "SIGN_ON"
    RULES: ClassVar[type[Rule]] = GlobalSessionRule

    rules: Annotated[Sequence[GlobalSessionRule], IN_RULES] = Field(description="In order of priority; the whole list")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Sessions keep within Okta's bounds."""
        yield from super().check(address, peers)
        for rule in self.rules:
            for code, message in rule.faults():
                yield Problem(code, f"rule {rule.name!r}: {message}", "rules")


class AuthenticationRule(Rule):
    """What proof an app's sign-in needs."""

    access: Literal["ALLOW", "DENY"] = "ALLOW"
    factors: Literal["1FA", "2FA"] = "2FA"
    reauthenticate_in: str = Field("PT2H", description="An ISO 8601 duration; PT0S is at every sign-in")
    password: bool = Field(False, description="Whether one of the factors is the password")
    phishing_resistant: bool = False
    hardware_protected: bool = False
    device_bound: bool = False
    user_presence: bool = False
    device_registered: bool | None = None
    device_managed: bool | None = None
    risk: Literal["LOW", "MEDIUM", "HIGH"] | None = Field(None, description="Of the sign-in, as Okta judges it")
    expression: str | None = Field(None, description="A further condition, in Okta's language")

    def conditions(self) -> dict[str, Any]:
        """Return the conditions, those on device and risk among them."""
        found = super().conditions()
        device = {"registered": self.device_registered, "managed": self.device_managed}
        if self.device_registered is not None or self.device_managed is not None:
            found["device"] = {name: value for name, value in device.items() if value is not None}
        if self.risk is not None:
            found["riskScore"] = {"level": self.risk}
        if self.expression is not None:
            found["elCondition"] = {"condition": self.expression}
        return found

    def actions(self) -> dict[str, Any]:
        """Return the actions as the API takes them."""
        if self.access == "DENY":
            return {"appSignOn": {"access": "DENY"}}
        constraint: dict[str, Any] = {}
        if self.password:
            constraint["knowledge"] = {"types": ["PASSWORD"]}
        if any(getattr(self, ours) for ours in POSSESSION):
            # Okta takes the presence of the user for required when it is left out.
            constraint["possession"] = {
                vendor: "REQUIRED" if getattr(self, ours) else "OPTIONAL" for ours, vendor in POSSESSION.items()
            }
        method: dict[str, Any] = {
            "type": "ASSURANCE",
            "factorMode": self.factors,
            "reauthenticateIn": self.reauthenticate_in,
            "constraints": [constraint] if constraint else [],
        }
        return {"appSignOn": {"access": "ALLOW", "verificationMethod": method}}

    @classmethod
    def observe_actions(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields; constraints that have no field of ours come raw, as a difference."""
        sign_on, conditions = rule["actions"]["appSignOn"], rule.get("conditions") or {}
        method = sign_on.get("verificationMethod") or {}
        constraints = method.get("constraints") or []
        first = constraints[0] if constraints else {}
        possession, device = first.get("possession") or {}, conditions.get("device") or {}
        types = [text.upper() for text in (first.get("knowledge") or {}).get("types") or ()]
        risk = (conditions.get("riskScore") or {}).get("level")
        known = len(constraints) <= 1 and method.get("type", "ASSURANCE") == "ASSURANCE"
        return {
            "access": sign_on.get("access"),
            "factors": method.get("factorMode", "2FA"),
            "reauthenticate_in": method.get("reauthenticateIn", "PT2H"),
            "password": "PASSWORD" in types,
            **{ours: possession.get(vendor) == "REQUIRED" for ours, vendor in POSSESSION.items()},
            "device_registered": device.get("registered"),
            "device_managed": device.get("managed"),
            "risk": None if risk == "ANY" else risk,
            "expression": (conditions.get("elCondition") or {}).get("condition"),
            **({} if known else {"verification_method": method}),
        }

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what Okta refuses of the rule."""
        if not _duration(self.reauthenticate_in):
            yield "TW0625", f"{self.reauthenticate_in!r} is no ISO 8601 duration, such as PT2H"
        if self.device_managed and not self.device_registered:
            yield "TW0626", "a managed device is a registered one: set device_registered"
        if self.factors == "1FA" and self.password and any(getattr(self, name) for name in POSSESSION):
            yield "TW0627", "a password and a possession are two factors"


class AuthenticationPolicy(Policy):
    """The sign-in to the apps that refer to it; its last rule, Okta's own, denies or asks for two factors."""

    TYPE: ClassVar[str] = "okta.authentication_policy"
    POLICY: ClassVar[str] = "ACCESS_POLICY"
    RULES: ClassVar[type[Rule]] = AuthenticationRule

    rules: Annotated[Sequence[AuthenticationRule], IN_RULES] = Field(description="In order of priority; the whole list")

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Rules ask for what can be given."""
        yield from super().check(address, peers)
        for rule in self.rules:
            for code, message in rule.faults():
                yield Problem(code, f"rule {rule.name!r}: {message}", "rules")


def _duration(text: str) -> bool:
    return re.fullmatch(fact("duration"), text) is not None

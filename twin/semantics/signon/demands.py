"""What the deciding rules ask of the user: factors, their strength and age, and how long the session may live."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from twin.semantics.signon.assurance import Way, limit_of, ways
from twin.semantics.signon.chains import chain_ways
from twin.semantics.signon.context import Context
from twin.semantics.signon.proofs import KNOWLEDGE, Proof
from twin.semantics.signon.reading import choice, flag, mapping, number, only, rows, text

PASSWORD = "okta_password"  # noqa: S105 - the key of an authenticator
PROMPTS = ("ALWAYS", "DEVICE", "SESSION")
SIGNON = (
    "access", "factorLifetime", "factorPromptMode", "primaryFactor",
    "rememberDeviceByDefault", "requireFactor", "session",
)  # fmt: skip
SESSION = ("maxSessionIdleMinutes", "maxSessionLifetimeMinutes", "usePersistentCookie")
PRIMARY = ("PASSWORD_IDP", "PASSWORD_IDP_ANY_FACTOR")
STRENGTHS = ("phishingResistant", "hardwareProtection", "deviceBound", "userPresence", "userVerification")


@dataclass(frozen=True, slots=True)
class Session:
    """The session that a global session rule allows, in minutes; a lifetime of None has no end."""

    idle: int
    lifetime: int | None
    persistent: bool

    def alive(self, context: Context) -> bool | None:
        """Tell whether the session that exists is still one, None without one."""
        if context.session_age is None:
            return None
        idle = context.session_age if context.session_idle is None else context.session_idle
        return idle < self.idle * 60 and (self.lifetime is None or context.session_age < self.lifetime * 60)


def session_of(rule: Mapping[str, Any]) -> Session:
    """Return the session of a global session rule, with Okta's defaults: 120 minutes idle, no end."""
    signon = _action(rule, "signon")
    told = mapping(signon.get("session"), "signon.session")
    lifetime = int(number(told.get("maxSessionLifetimeMinutes", 0), "signon.session.maxSessionLifetimeMinutes"))
    return Session(
        idle=int(number(told.get("maxSessionIdleMinutes", 120), "signon.session.maxSessionIdleMinutes")),
        lifetime=lifetime or None,
        persistent=bool(flag(told.get("usePersistentCookie"), "signon.session.usePersistentCookie")),
    )


def access_of(rule: Mapping[str, Any], action: str) -> str:
    """Return ALLOW or DENY of a rule."""
    return choice(_action(rule, action).get("access"), f"rules.actions.{action}.access", ("ALLOW", "DENY"))


def _action(rule: Mapping[str, Any], action: str) -> Mapping[str, Any]:
    return mapping(mapping(rule.get("actions"), "rules.actions").get(action), f"rules.actions.{action}")


def session_demands(rule: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return what a global session rule demands before it opens a session."""
    signon = only(_action(rule, "signon"), "signon", SIGNON)
    only(mapping(signon.get("session"), "signon.session"), "signon.session", SESSION)
    primary = choice(signon.get("primaryFactor", PRIMARY[1]), "signon.primaryFactor", PRIMARY)
    required = bool(flag(signon.get("requireFactor"), "signon.requireFactor"))
    told: dict[str, Any] = {"primary": primary, "second_factor": required, "factors": 2 if required else 1}
    if required:
        told["prompt"] = choice(signon.get("factorPromptMode", "ALWAYS"), "signon.factorPromptMode", PROMPTS)
        if "factorLifetime" in signon:
            told["factor_lifetime"] = int(number(signon["factorLifetime"], "signon.factorLifetime"))
    needed = required and not _remembered(told, context)
    found = list(_session_ways(primary, needed, context.factors))
    return told | {"prompted": needed} | _verdict(found)


def _remembered(told: Mapping[str, Any], context: Context) -> bool:
    """Tell whether the device, or a second factor within its lifetime, spares the user another prompt."""
    if told["prompt"] == "DEVICE":
        return context.device.remembered
    if told["prompt"] == "SESSION" and context.session_age is not None:
        ages = [one.age for one in context.factors if one.age is not None and KNOWLEDGE not in one.classes]
        return bool(ages) and min(ages) <= told.get("factor_lifetime", 0) * 60
    return False


def _session_ways(primary: str, second: bool, factors: Iterable[Proof]) -> Iterator[Way]:
    held = tuple(factors)
    for first in held:
        if primary == "PASSWORD_IDP" and first.key not in (PASSWORD, "external_idp"):
            continue
        if not second:
            yield Way((first,), (None,))
    if not second:
        return
    for pair in combinations(held, 2):
        if primary == "PASSWORD_IDP" and not any(one.key in (PASSWORD, "external_idp") for one in pair):
            continue
        if any(a != b for a in pair[0].classes for b in pair[1].classes):
            yield Way(pair, (None, None))


def app_demands(rule: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """Return what an authentication policy rule demands before it lets a user into an app."""
    at = "appSignOn.verificationMethod"
    method = mapping(_action(rule, "appSignOn").get("verificationMethod"), at)
    kind = choice(method.get("type", "ASSURANCE"), f"{at}.type", ("ASSURANCE", "AUTH_METHOD_CHAIN"))
    if kind == "AUTH_METHOD_CHAIN":
        chains = list(chain_ways(method, context.factors, at))
        return {"type": kind, "reauthenticate_in": method.get("reauthenticateIn")} | _verdict(chains)
    constraints = [mapping(one, f"{at}.constraints") for one in rows(method.get("constraints"), f"{at}.constraints")]
    found = list(ways(method, context.factors, at))
    told = {
        "type": kind,
        "factors": 2 if method.get("factorMode") == "2FA" else 1,
        "reauthenticate_in": text(method.get("reauthenticateIn"), at) or None,
        "reauthenticate_seconds": limit_of(method, at),
        "constraints": constraints,
        "required": [name for name in STRENGTHS if _always(constraints, name)],
    }
    return told | _verdict(found)


def _always(constraints: list[Mapping[str, Any]], name: str) -> bool:
    """Tell whether every alternative asks for a strength of the possession factor."""
    return bool(constraints) and all(
        mapping(one.get("possession"), "constraints.possession").get(name) == "REQUIRED" for one in constraints
    )


def _verdict(found: list[Way]) -> dict[str, Any]:
    return {
        "possible": bool(found),
        "satisfied": any(way.fresh for way in found),
        "satisfied_by": [[str(one) for one in way.proofs] for way in found],
    }

"""The circumstances of one sign-in: who, from where, on what device, how risky, and what was proved so far."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.semantics.signon.proofs import Proof, methods_of, proof
from twin.semantics.signon.reading import choice, flag, mapping, number, rows, text, texts, wrong
from twin.semantics.signon.zones import Origin, Zone, address, zones_of

MOBILE, DESKTOP = ("IOS", "ANDROID"), ("WINDOWS", "MACOS", "CHROMEOS", "LINUX")
GROUP_TYPES = ("BUILT_IN", "OKTA_GROUP", "APP_GROUP")
PROPERTIES = ("status", "created", "lastUpdated", "passwordChanged", "lastLogin")
RISKS = ("LOW", "MEDIUM", "HIGH")
KNOWN = (
    "user", "groups", "ip", "ip_chain", "zones", "location", "asn", "proxy", "ip_services", "device", "risk",
    "behaviors", "factors", "proved", "session", "auth_type", "identity_provider", "user_type",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Device:
    """A device: what runs on it, and whether Okta knows it; `remembered` holds for the second factor."""

    system: str = ""
    registered: bool = False
    managed: bool = False
    assurances: frozenset[str] = frozenset()
    remembered: bool = False
    profile: Mapping[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return the platform's type in Okta's words."""
        return "MOBILE" if self.system in MOBILE else "DESKTOP" if self.system in DESKTOP else "OTHER"


@dataclass(frozen=True, slots=True)
class Context:
    """One attempt; `zones` are the ids of the zones that it lies in, `defined` those that were looked at, None for all.

    `session_age` and `session_idle` are seconds of a session that exists, None without one.
    """

    user: str = ""
    profile: Mapping[str, Any] = field(default_factory=dict)
    user_type: str = ""
    properties: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    group_types: Mapping[str, str] = field(default_factory=dict)
    zones: frozenset[str] = frozenset()
    defined: frozenset[str] | None = frozenset()
    device: Device = field(default_factory=Device)
    risk: str = ""
    behaviors: frozenset[str] = frozenset()
    auth_type: str = "ANY"
    identity_provider: str = "OKTA"
    factors: tuple[Proof, ...] = ()
    session_age: float | None = None
    session_idle: float | None = None


def context(given: Any, zones: Iterable[Zone] = ()) -> Context:
    """Read a context from JSON; `zones` are definitions that stand beside it. ValueError for what has no meaning."""
    told = mapping(given, "context")
    unknown = sorted(set(told) - set(KNOWN))
    if unknown:
        raise ValueError(f"`context` has no {', '.join(unknown)}; it has {', '.join(KNOWN)}")
    user = {"id": told["user"]} if isinstance(told.get("user"), str) else mapping(told.get("user"), "context.user")
    inside, defined = _zones(told, list(zones))
    session = mapping(told.get("session"), "context.session")
    idle, age = session.get("idle"), session.get("age")
    provider = text(told.get("identity_provider"), "context.identity_provider") or "OKTA"
    return Context(
        user=text(user.get("id"), "context.user.id"),
        profile=mapping(user.get("profile"), "context.user.profile"),
        user_type=text(told.get("user_type") or mapping(user.get("type"), "context.user.type").get("id"), "user_type"),
        properties={name: user[name] for name in PROPERTIES if name in user},
        groups=_groups(told.get("groups", user.get("groups"))),
        group_types=_group_types(told.get("groups", user.get("groups"))),
        zones=inside,
        defined=defined,
        device=_device(told.get("device")),
        risk=_risk(told.get("risk")),
        behaviors=_behaviors(told.get("behaviors")),
        auth_type=text(told.get("auth_type"), "context.auth_type") or "ANY",
        identity_provider=provider,
        factors=_factors(told),
        session_age=None if age is None else number(age, "context.session.age"),
        session_idle=None if idle is None else number(idle, "context.session.idle"),
    )


def _listed(given: Any) -> list[Any]:
    return rows(given.get("ids") if isinstance(given, Mapping) else given, "context.groups")


def _group_types(given: Any) -> dict[str, str]:
    """Return the types of the groups that are told with one: BUILT_IN, OKTA_GROUP or APP_GROUP."""
    typed = [one for one in _listed(given) if isinstance(one, Mapping) and one.get("type") is not None]
    return {str(one.get("id")): choice(one["type"], "context.groups.type", GROUP_TYPES) for one in typed}


def _groups(given: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in _listed(given):
        group = {"id": one} if isinstance(one, str) else mapping(one, "context.groups")
        profile = mapping(group.get("profile"), "context.groups.profile")
        found[text(group.get("id"), "context.groups.id")] = text(group.get("name", profile.get("name")), "groups.name")
    return found


def _zones(told: Mapping[str, Any], beside: list[Zone]) -> tuple[frozenset[str], frozenset[str] | None]:
    """Return the zones that the request lies in, and those about which that is known; None for all."""
    given = told.get("zones")
    listed = rows(given.get("ids") if isinstance(given, Mapping) else given, "context.zones")
    inside = frozenset(one for one in listed if isinstance(one, str))
    definitions = [*beside, *(mapping(one, "context.zones") for one in listed if not isinstance(one, str))]
    if any(not isinstance(zone.get("id"), str) for zone in definitions):
        raise wrong("zones.id", "a string")
    if not definitions:
        # Ids alone are all the zones that the request lies in.
        return inside, frozenset() if given is None else None
    return inside | zones_of(origin(told), definitions), inside | {str(zone["id"]) for zone in definitions}


def origin(told: Mapping[str, Any]) -> Origin:
    """Read where a request comes from."""
    chain = list(texts(told.get("ip_chain"), "context.ip_chain")) or [text(told.get("ip"), "context.ip")]
    place = mapping(told.get("location"), "context.location")
    proxy = told.get("proxy")
    if proxy not in (None, "", "Tor", "NotTorAnonymizer"):
        raise wrong("context.proxy", "Tor or NotTorAnonymizer")
    return Origin(
        chain=tuple(address(one, "context.ip") for one in chain if one),
        country=text(place.get("country"), "context.location.country"),
        region=text(place.get("region"), "context.location.region"),
        asn=str(told.get("asn") or ""),
        proxy=text(proxy, "context.proxy"),
        services=frozenset(texts(told.get("ip_services"), "context.ip_services")),
    )


def _device(given: Any) -> Device:
    told = mapping(given, "context.device")
    platform = told.get("platform")
    if isinstance(platform, Mapping):
        platform = mapping(platform.get("os"), "context.device.platform.os").get("type")
    system = text(platform, "context.device.platform").upper()
    if system and system not in (*MOBILE, *DESKTOP, "OTHER"):
        raise wrong("context.device.platform", f"one of {', '.join((*MOBILE, *DESKTOP, 'OTHER'))}")
    one = told.get("assuranceId")
    assurances = [*([one] if isinstance(one, str) else []), *texts(told.get("assurances"), "context.device.assurances")]
    return Device(
        system=system,
        registered=bool(flag(told.get("registered"), "context.device.registered")),
        managed=bool(flag(told.get("managed"), "context.device.managed")),
        assurances=frozenset(assurances),
        remembered=bool(flag(told.get("remembered"), "context.device.remembered")),
        profile=mapping(told.get("profile"), "context.device.profile"),
    )


def _risk(given: Any) -> str:
    level = given.get("level") if isinstance(given, Mapping) else given
    return "" if level is None else choice(level.upper() if isinstance(level, str) else level, "context.risk", RISKS)


def _behaviors(given: Any) -> frozenset[str]:
    found: set[str] = set()
    for one in rows(given, "context.behaviors"):
        told = {"id": one} if isinstance(one, str) else mapping(one, "context.behaviors")
        found |= {str(told[name]) for name in ("id", "name") if told.get(name)}
    return frozenset(found)


def _factors(told: Mapping[str, Any]) -> tuple[Proof, ...]:
    """Return the methods that the user has; what was proved counts as one that the user has.

    An authenticator that is named without a method stands for all of its methods.
    """
    found: dict[tuple[str, str], Proof] = {}
    for name in ("factors", "proved"):
        for place, one in enumerate(rows(told.get(name), f"context.{name}")):
            several = methods_of(one) if name == "factors" and isinstance(one, str) else ()
            if len(several) > 1:
                found |= {(every.key, every.method): every for every in (proof(each, "factors") for each in several)}
                continue
            told_one = {"key": one, "age": 0} if name == "proved" and isinstance(one, str) else one
            read = proof(told_one, f"context.{name}[{place}]")
            if name == "proved" and read.age is None:
                read = proof({**told_one, "age": 0}, f"context.{name}[{place}]")
            found[read.key, read.method] = read
    return tuple(found.values())

"""The conditions of policies and rules: each fits a sign-in, or says in a few words why it does not.

Sources: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Policy/ and
https://help.okta.com/oie/en-us/Content/Topics/identity-engine/policies/add-app-sign-on-policy-rule.htm
"""

from collections.abc import Callable, Mapping
from typing import Any

from twin.semantics.signon.context import DESKTOP, MOBILE, Context
from twin.semantics.signon.expressions import compile_expression
from twin.semantics.signon.reading import choice, flag, mapping, only, rows, text, texts, wrong

Part = Mapping[str, Any]


def failing(conditions: Any, context: Context, at: str) -> str:
    """Return why the conditions do not fit, empty when all do; ValueError for one that Okta does not have."""
    found = ""
    for name, part in mapping(conditions, at).items():
        if part is None:
            continue
        if name not in CHECKS:
            raise ValueError(f"`{at}.{name}` is not a condition that is evaluated; those are {', '.join(CHECKS)}")
        # Every condition is read, so that a mistake in one is told whatever the others say.
        told = only(mapping(part, f"{at}.{name}"), f"{at}.{name}", MEMBERS[name])
        found = CHECKS[name](told, context, f"{at}.{name}") or found
    return found


def _people(part: Part, context: Context, at: str) -> str:
    users, groups = (
        only(mapping(part.get(name), f"{at}.{name}"), f"{at}.{name}", SIDES) for name in ("users", "groups")
    )
    included, excluded = (texts(users.get(side), f"{at}.users") for side in ("include", "exclude"))
    inside, outside = (texts(groups.get(side), f"{at}.groups") for side in ("include", "exclude"))
    if context.user in excluded:
        return "the user is excluded"
    if set(outside) & set(context.groups):
        return "a group of the user is excluded"
    if included and context.user not in included:
        return "the user is not included"
    if inside and "EVERYONE" not in inside and not set(inside) & set(context.groups):
        return "no group of the user is included"
    return ""


def _network(part: Part, context: Context, at: str) -> str:
    connection = choice(part.get("connection", "ANYWHERE"), f"{at}.connection", ("ANYWHERE", "ZONE"))
    if connection == "ANYWHERE":
        return ""
    include, exclude = (texts(part.get(side), f"{at}.{side}") for side in ("include", "exclude"))
    if not include and not exclude:
        raise wrong(at, "a condition that includes or excludes a zone when its connection is ZONE")
    for zone in (*include, *exclude):
        if zone != "ALL_ZONES" and context.defined is not None and zone not in context.defined:
            raise ValueError(f"`{at}` names the zone {zone}, about which the question says nothing")
    if include and not _inside(context, include):
        return "the request comes from none of the zones"
    if exclude and _inside(context, exclude):
        return "the request comes from an excluded zone"
    return ""


def _inside(context: Context, zones: tuple[str, ...]) -> bool:
    return bool(context.zones) if "ALL_ZONES" in zones else bool(set(zones) & context.zones)


def _device(part: Part, context: Context, at: str) -> str:
    for name, actual in (("registered", context.device.registered), ("managed", context.device.managed)):
        wanted = flag(part.get(name), f"{at}.{name}")
        if wanted is not None and wanted != actual:
            return f"the device is {'' if actual else 'not '}{name}"
    wished = only(mapping(part.get("assurance"), f"{at}.assurance"), f"{at}.assurance", ("include",))
    assurances = texts(wished.get("include"), f"{at}.assurance")
    if assurances and not set(assurances) & context.device.assurances:
        return "the device meets no assurance policy of the rule"
    return ""


def _platform(part: Part, context: Context, at: str) -> str:
    include, exclude = (rows(part.get(side), f"{at}.{side}") for side in ("include", "exclude"))
    if include and not any(_runs(mapping(one, at), context, at) for one in include):
        return "the platform is not included"
    if any(_runs(mapping(one, at), context, at) for one in exclude):
        return "the platform is excluded"
    return ""


def _runs(platform: Part, context: Context, at: str) -> bool:
    system = mapping(platform.get("os"), f"{at}.os")
    kind = choice(platform.get("type") or "ANY", f"{at}.type", ("ANY", "DESKTOP", "MOBILE", "OTHER"))
    wanted = choice(system.get("type") or "ANY", f"{at}.os.type", ("ANY", *MOBILE, *DESKTOP, "OTHER"))
    if system.get("version") or system.get("expression"):
        raise ValueError(f"`{at}.os` names a version or an expression, which is not evaluated")
    if kind != "ANY" and kind != context.device.kind:
        return False
    return wanted in ("ANY", context.device.system or "OTHER")


def _risk_score(part: Part, context: Context, at: str) -> str:
    level = choice(part.get("level", "ANY"), f"{at}.level", ("ANY", "LOW", "MEDIUM", "HIGH"))
    return "" if level in ("ANY", context.risk) else f"the risk is not {level}"


def _risk(part: Part, context: Context, at: str) -> str:
    """Several behaviors are alternatives: https://support.okta.com/help/s/article/How-to-Add-a-Behavior-to-a-SignOn-Policy-Rule."""
    behaviors = texts(part.get("behaviors"), f"{at}.behaviors")
    return "" if not behaviors or set(behaviors) & context.behaviors else "none of the behaviors was detected"


def _auth_context(part: Part, context: Context, at: str) -> str:
    wanted = choice(part.get("authType", "ANY"), f"{at}.authType", ("ANY", "RADIUS", "LDAP_INTERFACE"))
    return "" if wanted in ("ANY", context.auth_type) else f"the user does not come through {wanted}"


def _identity_provider(part: Part, context: Context, at: str) -> str:
    provider = choice(part.get("provider", "ANY"), f"{at}.provider", ("ANY", "OKTA", "SPECIFIC_IDP"))
    if provider == "SPECIFIC_IDP":
        return "" if context.identity_provider in texts(part.get("idpIds"), f"{at}.idpIds") else "another provider"
    return "" if provider == "ANY" or context.identity_provider == "OKTA" else "the provider is not Okta"


def _user_type(part: Part, context: Context, at: str) -> str:
    include, exclude = (texts(part.get(side), f"{at}.{side}") for side in ("include", "exclude"))
    if context.user_type in exclude:
        return "the user's type is excluded"
    return "" if not include or context.user_type in include else "the user's type is not included"


def _expression(part: Part, context: Context, at: str) -> str:
    source = text(part.get("condition"), f"{at}.condition")
    if not source:
        return ""
    device = context.device
    facts: Part = {
        "groups": context.groups,
        "group_types": context.group_types,
        "user": {
            **context.properties,
            "id": context.user,
            "profile": context.profile,
            "type": {"id": context.user_type},
        },
        "device": {
            "profile": {
                "registered": device.registered,
                "managed": device.managed,
                "platform": device.system,
                **device.profile,
            }
        },
        "security": {"risk": {"level": context.risk or None}, "behaviors": sorted(context.behaviors)},
    }
    return "" if compile_expression(source)(facts) else "the custom expression is not true"


Check = Callable[[Part, Context, str], str]
SIDES = ("include", "exclude")
MEMBERS: dict[str, tuple[str, ...]] = {
    "people": ("users", "groups"),
    "network": ("connection", *SIDES),
    "device": ("registered", "managed", "assurance"),
    "platform": SIDES,
    "riskScore": ("level",),
    "risk": ("behaviors",),
    "behaviors": ("behaviors",),
    "authContext": ("authType",),
    "identityProvider": ("provider", "idpIds"),
    "userType": SIDES,
    "elCondition": ("condition",),
}
CHECKS: dict[str, Check] = {
    "people": _people,
    "network": _network,
    "device": _device,
    "platform": _platform,
    "riskScore": _risk_score,
    "risk": _risk,
    "behaviors": _risk,
    "authContext": _auth_context,
    "identityProvider": _identity_provider,
    "userType": _user_type,
    "elCondition": _expression,
}

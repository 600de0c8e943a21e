"""The claims of tokens: those of the vendor's own, those of scopes, and those that a server's owner added."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.rule_expressions import ExpressionError, compile_value
from twin.world.saas.okta.state import Org, Record

Claims = dict[str, Any]
# scope -> claim -> attribute of the profile; https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/
PROFILE = {
    "nickname": "nickName", "given_name": "firstName", "middle_name": "middleName", "family_name": "lastName",
    "profile": "profileUrl", "zoneinfo": "timezone", "locale": "locale",
}  # fmt: skip
ADDRESS = {
    "street_address": "streetAddress", "locality": "city", "region": "state", "postal_code": "zipCode",
    "country": "countryCode",
}  # fmt: skip
FILTERS: dict[str, Callable[[str, str], bool]] = {
    "STARTS_WITH": str.startswith,
    "EQUALS": str.__eq__,
    "CONTAINS": str.__contains__,
    "REGEX": lambda name, form: re.fullmatch(form, name) is not None,
}


def scope_claims(user: Record, scopes: list[str]) -> Claims:
    """Return what the scopes of OpenID Connect tell of a user."""
    profile, found = user["profile"], {"sub": user["id"]}
    if "profile" in scopes:
        whole = f"{profile.get('firstName') or ''} {profile.get('lastName') or ''}".strip()
        found |= {"name": whole, "preferred_username": profile["login"]}
        found |= {claim: profile[name] for claim, name in PROFILE.items() if profile.get(name)}
        found["updated_at"] = int(datetime.fromisoformat(user["lastUpdated"]).timestamp())
    if "email" in scopes:
        found |= {"email": profile["email"], "email_verified": True}
    address = {claim: profile[name] for claim, name in ADDRESS.items() if profile.get(name)}
    if "address" in scopes and address:
        found["address"] = address
    if "phone" in scopes and profile.get("primaryPhone"):
        found["phone_number"] = profile["primaryPhone"]
    return found


def added_claims(org: Org, server: Record | None, kind: str, *, scopes: list[str], app: Record, user: Record | None,
                 always: bool = True) -> Claims:  # fmt: skip
    """Return the claims of a kind (RESOURCE for access tokens, IDENTITY) that a server's owner added.

    `always` leaves out what only the userinfo endpoint tells.
    """
    if server is None:
        return {}
    found: Claims = {}
    for claim in org.claims[server["id"]].values():
        wanted = claim.get("conditions", {}).get("scopes") or []
        if claim["claimType"] != kind or claim["status"] != "ACTIVE" or (wanted and not set(wanted) & set(scopes)):
            continue
        if always and not claim["alwaysIncludeInToken"]:
            continue
        value = _value(org, claim, app, user)
        if value is not None:
            found[claim["name"]] = value
    return found


def _value(org: Org, claim: Record, app: Record, user: Record | None) -> Any:
    if claim.get("system"):
        return user["profile"]["login"] if user else app["credentials"]["oauthClient"]["client_id"]
    if claim["valueType"] == "GROUPS":
        return _groups(org, claim, user)
    if user is None:
        return _constant(claim)
    try:
        return compile_value(claim["value"])({"profile": user["profile"], "groups": groups_of(org, user)})
    except (ExpressionError, TypeError, ValueError):
        raise OAuthRefusal("user_claim_evaluation_failure", claim["name"]) from None


def _constant(claim: Record) -> Any:
    """Return a claim that asks for no user; a service has none, so other claims stay away."""
    quoted = re.fullmatch(r"\"([^\"]*)\"|'([^']*)'", claim["value"])
    return (quoted[1] or quoted[2] or "") if quoted else None


def _groups(org: Org, claim: Record, user: Record | None) -> list[str] | None:
    if user is None:
        return None
    matches = FILTERS[claim.get("group_filter_type", "STARTS_WITH")]
    return sorted(name for name in groups_of(org, user).values() if matches(name, claim["value"]))


def groups_of(org: Org, user: Record) -> dict[str, str]:
    """Return the groups of a user: id and name."""
    return {
        group["id"]: str(group["profile"]["name"])
        for group in org.groups.values()
        if user["id"] in org.members.get(group["id"], {})
    }

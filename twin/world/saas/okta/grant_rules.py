"""What the access policies of an authorization server let a client have: the first policy and rule that match.

https://developer.okta.com/docs/concepts/policies/
"""

from dataclasses import dataclass

from twin.world.saas.okta.issuers import scope_names
from twin.world.saas.okta.key_generations import FIGURES
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.state import Org, Record

OIDC = frozenset({"openid", "profile", "email", "address", "phone", "offline_access", "groups", "device_sso"})


@dataclass(frozen=True, slots=True)
class Allowed:
    """How long what is granted lives, in seconds; `refresh` 0 is for ever, `window` is the longest it may idle."""

    access: int
    refresh: int
    window: int


def allowed(org: Org, server: Record | None, *, client: str, user: Record | None, grant: str,
            scopes: list[str]) -> Allowed:  # fmt: skip
    """Return what the rules of a server allow; OAuthRefusal where none matches."""
    if server is None:
        own = (int(FIGURES[name]["seconds"]) for name in ("own_access_token", "own_refresh_token"))
        access, refresh = own
        return Allowed(access, refresh, refresh)
    for policy in _active(org.server_policies[server["id"]]):
        clients = policy["conditions"]["clients"]["include"]
        if "ALL_CLIENTS" not in clients and client not in clients:
            continue
        for rule in _active(org.server_rules[policy["id"]]):
            if _matches(org, rule["conditions"], user=user, grant=grant, scopes=scopes):
                lives = rule["actions"]["token"]
                minutes = (lives[f"{name}Minutes"] for name in LIFETIMES)
                return Allowed(*(60 * int(one) for one in minutes))
    raise OAuthRefusal("no_matching_policy")


LIFETIMES = ("accessTokenLifetime", "refreshTokenLifetime", "refreshTokenWindow")


def _active(table: dict[str, Record]) -> list[Record]:
    return sorted((one for one in table.values() if one["status"] == "ACTIVE"), key=lambda one: int(one["priority"]))


def _matches(org: Org, conditions: Record, *, user: Record | None, grant: str, scopes: list[str]) -> bool:
    if grant not in conditions["grantTypes"]["include"]:
        return False
    included = conditions["scopes"]["include"]
    if "*" not in included and not set(scopes) <= set(included):
        return False
    return user is None or _covers(org, conditions.get("people", {}), user)


def _covers(org: Org, people: Record, user: Record) -> bool:
    users, groups = people.get("users", {}), people.get("groups", {})
    member_of = {group for group, members in org.members.items() if user["id"] in members}
    if user["id"] in users.get("exclude", []) or member_of & set(groups.get("exclude", [])):
        return False
    if user["id"] in users.get("include", []):
        return True
    wanted = set(groups.get("include", []))
    return "EVERYONE" in wanted or bool(member_of & wanted)


def asked_scopes(org: Org, server: Record | None, given: str, *, machine: bool) -> list[str]:
    """Return the scopes of a request in its order, the server's default ones for a machine that names none."""
    scopes = list(dict.fromkeys(given.split()))
    if not scopes and machine and server is not None:
        scopes = [str(one["name"]) for one in org.scopes[server["id"]].values() if one["default"]]
        if not scopes:
            raise OAuthRefusal("no_default_scopes")
    if not scopes:
        raise OAuthRefusal("missing_scopes")
    if machine and set(scopes) & OIDC:
        raise OAuthRefusal("openid_not_allowed_client_creds")
    if set(scopes) - set(scope_names(org, server)):
        raise OAuthRefusal("no_matching_scope")
    if not machine and set(scopes) & OIDC and "openid" not in scopes:
        raise OAuthRefusal("openid_scope_required")
    return scopes


def check_consent(org: Org, server: Record | None, client: Record, scopes: list[str], *, machine: bool) -> None:
    """Refuse scopes that somebody must consent to: nobody sits before the consent page here."""
    if server is None:
        return
    needed = [
        one["name"]
        for one in org.scopes[server["id"]].values()
        if one["name"] in scopes and one["consent"] == "REQUIRED"
    ]
    if needed and machine:
        raise OAuthRefusal("consent_required_client_credentials", ", ".join(needed))
    if needed and client["settings"]["oauthClient"].get("consent_method") == "REQUIRED":
        raise OAuthRefusal("consent_required", ", ".join(needed))

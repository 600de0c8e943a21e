"""Access applications of the account and the policies before them."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.access_rules import checked_rules, invalid
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, second_stamp, success
from twin.world.saas.cloudflare.listing import paged
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

Row = dict[str, Any]

APPS = "/accounts/{account_id}/access/apps"
POLICIES = f"{APPS}/{{app_id}}/policies"
DEFAULTS: Row = {
    "session_duration": "24h",
    "auto_redirect_to_identity": False,
    "app_launcher_visible": True,
    "enable_binding_cookie": False,
    "http_only_cookie_attribute": True,
    "service_auth_401_redirect": False,
    "options_preflight_bypass": False,
    "allowed_idps": [],
    "tags": [],
}
TAKEN = (*DEFAULTS, "custom_deny_message", "custom_deny_url", "logo_url", "skip_interstitial")


def _find(state: State, hit: Hit) -> Row:
    state.require_account(hit)
    app = state.access.apps.get(hit.path["app_id"])
    if app is None:
        raise refusal("access-not-found")
    return app


def shown_app(state: State, app: Row) -> Row:
    """Return an application with its policies in their order."""
    return {**app, "policies": _policies(state, app["id"])}


def _policies(state: State, app_id: str) -> list[Row]:
    return sorted(state.access.policies.get(app_id, {}).values(), key=lambda policy: int(policy["precedence"]))


def _checked(state: State, body: Row, own: str) -> Row:
    """Return what an application is made of; its domain lies in a zone of the account, and is nobody else's."""
    kind = required(body, "type", "text")
    if kind not in reference("access", "types"):
        raise refusal("unsupported", operation=f"Access applications of the type {kind}")
    domain = required(body, "domain", "text")
    domains = typed(body, "self_hosted_domains", "list") or [domain]
    for name in domains:
        host = str(name).partition("/")[0]
        if not any(host == zone.name or host.endswith(f".{zone.name}") for zone in state.zones.values()):
            raise invalid(f"the domain {name} does not belong to a zone of the account")
    if any(app["domain"] == domain and app["id"] != own for app in state.access.apps.values()):
        raise refusal("access-referenced", reason="an application with this domain exists")
    options = {name: body[name] for name in TAKEN if body.get(name) is not None}
    named = {"name": typed(body, "name", "text", domain), "type": kind, "domain": domain}
    return {**DEFAULTS, **options, **named, "self_hosted_domains": domains}


def _stored(state: State, app_id: str, body: Row, *, status: int) -> Response:
    now = second_stamp(state.clock.now())
    old = state.access.apps.get(app_id, {})
    app = {"id": app_id, **_checked(state, body, app_id), "aud": old.get("aud") or state.access.ids.hex(64)}
    app |= {"created_at": old.get("created_at", now), "updated_at": now}
    policies = typed(body, "policies", "list", [])
    rows = [_policy(state, policy, index + 1) for index, policy in enumerate(policies)]
    state.access.apps[app_id] = app
    if rows or app_id not in state.access.policies:
        state.access.policies[app_id] = {row["id"]: row for row in rows}
    return success(shown_app(state, app), status=status)


@route("GET", APPS)
def list_apps(state: State, hit: Hit) -> Response:
    """List applications, all or those of a domain or name."""
    state.require_account(hit)
    rows = [shown_app(state, app) for app in state.access.apps.values()]
    for name in ("domain", "name", "aud"):
        rows = [row for row in rows if hit.query.get(name) in (None, row[name])]
    return paged(hit, rows, per_page=25, limits=(1, 1000))


@route("POST", APPS)
def create_app(state: State, hit: Hit) -> Response:
    """Put an application before a host or path."""
    state.require_account(hit)
    return _stored(state, state.access.ids.uuid(), object_body(hit), status=201)


@route("GET", f"{APPS}/{{app_id}}")
def get_app(state: State, hit: Hit) -> Response:
    """Show an application."""
    return success(shown_app(state, _find(state, hit)))


@route("PUT", f"{APPS}/{{app_id}}")
def update_app(state: State, hit: Hit) -> Response:
    """Replace an application; its policies stay unless new ones are given."""
    return _stored(state, _find(state, hit)["id"], object_body(hit), status=200)


@route("DELETE", f"{APPS}/{{app_id}}")
def delete_app(state: State, hit: Hit) -> Response:
    """Delete an application with its policies."""
    app = _find(state, hit)
    del state.access.apps[app["id"]]
    state.access.policies.pop(app["id"], None)
    return success({"id": app["id"]}, status=202)


@route("POST", f"{APPS}/{{app_id}}/revoke_tokens")
def revoke_tokens(state: State, hit: Hit) -> Response:
    """End the sessions of an application."""
    state.access.revoked.append(_find(state, hit)["id"])
    return success({}, status=202)


def _policy(state: State, body: Any, precedence: int, old: Row | None = None) -> Row:
    if not isinstance(body, dict):
        raise invalid("a policy must be an object")
    decision = required(body, "decision", "text")
    if decision not in reference("access", "decisions"):
        raise invalid(f"decision must be one of {', '.join(reference('access', 'decisions'))}")
    now = second_stamp(state.clock.now())
    return {
        "id": old["id"] if old else state.access.ids.uuid(),
        "name": required(body, "name", "text"),
        "decision": decision,
        "precedence": typed(body, "precedence", "integer", old["precedence"] if old else precedence),
        "include": checked_rules(state, body, "include", needed=True),
        "require": checked_rules(state, body, "require"),
        "exclude": checked_rules(state, body, "exclude"),
        "session_duration": typed(body, "session_duration", "text", "24h"),
        "created_at": old["created_at"] if old else now,
        "updated_at": now,
    }


def _find_policy(state: State, hit: Hit) -> tuple[Row, Row]:
    app = _find(state, hit)
    policy = state.access.policies.get(app["id"], {}).get(hit.path["policy_id"])
    if policy is None:
        raise refusal("access-not-found")
    return app, policy


@route("GET", POLICIES)
def list_policies(state: State, hit: Hit) -> Response:
    """List the policies of an application in the order in which they are looked at."""
    return paged(hit, _policies(state, _find(state, hit)["id"]), per_page=25, limits=(1, 1000))


@route("POST", POLICIES)
def create_policy(state: State, hit: Hit) -> Response:
    """Add a policy, behind the others unless it says where."""
    app = _find(state, hit)
    held = state.access.policies.setdefault(app["id"], {})
    policy = _policy(state, object_body(hit), max((row["precedence"] for row in held.values()), default=0) + 1)
    held[policy["id"]] = policy
    return success(policy, status=201)


@route("GET", f"{POLICIES}/{{policy_id}}")
def get_policy(state: State, hit: Hit) -> Response:
    """Show a policy."""
    return success(_find_policy(state, hit)[1])


@route("PUT", f"{POLICIES}/{{policy_id}}")
def update_policy(state: State, hit: Hit) -> Response:
    """Replace a policy."""
    app, old = _find_policy(state, hit)
    policy = _policy(state, object_body(hit), old["precedence"], old)
    state.access.policies[app["id"]][old["id"]] = policy
    return success(policy)


@route("DELETE", f"{POLICIES}/{{policy_id}}")
def delete_policy(state: State, hit: Hit) -> Response:
    """Delete a policy."""
    app, policy = _find_policy(state, hit)
    del state.access.policies[app["id"]][policy["id"]]
    return success({"id": policy["id"]}, status=202)

"""Applications: OIDC clients, SAML apps (custom and from the catalogue) and bookmarks."""

import re

from twin.wire import Response
from twin.world.saas.okta.app_shapes import (
    CATALOGUE,
    CLIENT_DEFAULTS,
    MODES,
    SETTINGS_DEFAULTS,
    SIGN_ON_DEFAULTS,
    shape_of,
)
from twin.world.saas.okta.body import flag, object_of, verify
from twin.world.saas.okta.client_secrets import new_secret
from twin.world.saas.okta.criteria import compile_criteria
from twin.world.saas.okta.errors import OktaError, not_found, refuse
from twin.world.saas.okta.expansions import expanded
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import policy_target, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.policies import default_access_policy
from twin.world.saas.okta.policy_shapes import filled
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

APPS = "/api/v1/apps"
SIZE = Size(20, 200)
FILTERED = r"id|status|name|user\.id|group\.id|credentials\.signing\.kid|settings\.slo\.enabled"


def render_app(org: Org, hit: Hit, app: Record, *, secret: str = "") -> Record:
    """Return an app with its links; a client secret is shown only when it was just made."""
    shown = {name: value for name, value in app.items() if not name.startswith("#")}
    if secret:
        credentials = app["credentials"]
        shown["credentials"] = credentials | {"oauthClient": credentials["oauthClient"] | {"client_secret": secret}}
    href = f"{base(hit)}{APPS}/{app['id']}"
    links = {
        "self": link(href),
        "accessPolicy": link(f"{base(hit)}/api/v1/policies/{app['#policy']}"),
        "groups": link(f"{href}/groups"),
        "users": link(f"{href}/users"),
        "appLinks": [{"name": "login", "href": app_link(hit, app), "type": "text/html"}],
        "logo": [{"name": "medium", "href": f"{base(hit)}/assets/img/logos/default.png", "type": "image/png"}],
        **lifecycle(href, app["status"]),
    }
    if app["signOnMode"] == "SAML_2_0":
        kid = app["credentials"]["signing"]["kid"]
        links["metadata"] = {"href": f"{href}/sso/saml/metadata?kid={kid}", "type": "application/xml"}
    return {**shown, "_links": links}


def app_link(hit: Hit, app: Record) -> str:
    """Return the address at which a user opens the app from the dashboard."""
    return f"{base(hit)}/home/{app['name']}/{app['id']}/{app['#link']}"


def _validated(hit: Hit, app: Record | None = None) -> Record:
    body = object_of(hit)
    mode = body.get("signOnMode", app and app["signOnMode"])
    if mode not in MODES:
        refuse("signOnMode", f"signOnMode: '{mode}' is not one of {', '.join(MODES)}, the modes served here")
    name = body.get("name")
    if not isinstance(name, str | None):
        refuse("name", "name: The field must be a string")
    if app is None and name and CATALOGUE.get(name) != mode:
        raise not_found("AppCatalogEntry", f"{name} with sign-on mode {mode}")
    if app and (mode != app["signOnMode"] or (name or app["name"]) != app["name"]):
        refuse("name", "name: The name and the sign-on mode of an app cannot be changed")
    custom = mode == "SAML_2_0" and (app["name"] if app else name or "") not in CATALOGUE
    verify({**body, "signOnMode": mode}, shape_of(str(mode), custom=custom), "app")
    if mode == "OPENID_CONNECT":
        _check_client(body["settings"]["oauthClient"], body["credentials"].get("oauthClient", {}))
    return {**body, "signOnMode": mode}


def _check_client(client: Record, credentials: Record) -> None:
    kind, grants = client.get("application_type", "web"), set(client["grant_types"])
    redirecting = grants & {"authorization_code", "implicit"}
    causes = []
    if not grants:
        causes.append("grant_types: At least one grant type must be given")
    if redirecting and not client.get("redirect_uris"):
        causes.append("redirect_uris: At least one redirect URI is needed for the given grant types")
    if "authorization_code" in grants and "code" not in client.get("response_types", []):
        causes.append("response_types: 'code' is needed for the authorization_code grant")
    if kind == "service" and grants - {"client_credentials", "urn:ietf:params:oauth:grant-type:token-exchange"}:
        causes.append("grant_types: A service app can use client_credentials only")
    if kind != "service" and kind != "web" and "client_credentials" in grants:
        causes.append(f"grant_types: client_credentials cannot be used by a {kind} app")
    if credentials.get("token_endpoint_auth_method") == "private_key_jwt" and not (
        client.get("jwks", {}).get("keys") or client.get("jwks_uri")
    ):
        causes.append("jwks: A key is needed for private_key_jwt")
    if causes:
        refuse("settings.oauthClient", *causes)


@ROUTER.route("POST", APPS)
def create_app(org: Org, hit: Hit) -> Response:
    """Create an app, ACTIVE unless told otherwise, under the default authentication policy."""
    active, body = flag(hit, "activate", True), _validated(hit)
    _check_client_id(org, body)
    app = org.new("0oa", status="ACTIVE" if active else "INACTIVE")
    app |= {"name": _name(org, body), "features": [], "#policy": default_access_policy(org)}
    app |= {"#link": org.mint("aln"), "#external": org.mint("exk")}
    app["orn"] = f"orn:okta:idp:{org.id}:apps:{app['name']}:{app['id']}"
    app |= _fields(body)
    app["credentials"] = _credentials(org, app, body)
    app["#keys"] = {app["credentials"]["signing"]["kid"]: app["created"]} if app["credentials"]["signing"] else {}
    org.apps[app["id"]] = app
    org.app_groups[app["id"]], org.app_users[app["id"]] = {}, {}
    secret = _first_secret(org, app, body)
    log(org, "application.lifecycle.create", target("AppInstance", app))
    return json_response(200, render_app(org, hit, app, secret=secret))


def _check_client_id(org: Org, body: Record) -> None:
    wanted = body.get("credentials", {}).get("oauthClient", {}).get("client_id")
    for app in org.apps.values():
        if wanted and app["credentials"].get("oauthClient", {}).get("client_id") == wanted:
            refuse("client_id", "client_id: The client id is already in use")


def _name(org: Org, body: Record) -> str:
    fixed = {"OPENID_CONNECT": "oidc_client", "BOOKMARK": "bookmark"}.get(body["signOnMode"]) or body.get("name")
    if fixed:
        return str(fixed)
    word = re.sub(r"[^a-z0-9]", "", body["label"].lower())
    stem = f"{org.name}_{word}_"
    return f"{stem}{1 + sum(app['name'].startswith(stem) for app in org.apps.values())}"


def _fields(body: Record) -> Record:
    settings = filled(SETTINGS_DEFAULTS, body.get("settings", {})) | {"emOptInStatus": "NONE"}
    if body["signOnMode"] == "OPENID_CONNECT":
        settings["oauthClient"] = filled(CLIENT_DEFAULTS, settings["oauthClient"])
    if body["signOnMode"] == "SAML_2_0":
        settings["signOn"] = filled(SIGN_ON_DEFAULTS, settings.get("signOn") or {})
    if body["signOnMode"] == "BOOKMARK":
        settings["app"] = filled({"requestIntegration": False}, settings["app"])
    hidden = {"autoLaunch": False, "autoSubmitToolbar": False, "hide": {"iOS": False, "web": False}, "appLinks": {}}
    access = {"selfService": False, "errorRedirectUrl": None, "loginRedirectUrl": None}
    return {
        "label": body["label"],
        "signOnMode": body["signOnMode"],
        "accessibility": filled(access, body.get("accessibility", {})),
        "visibility": filled(hidden, body.get("visibility", {})),
        "settings": settings,
        **({"profile": body["profile"]} if "profile" in body else {}),
    }


def _credentials(org: Org, app: Record, body: Record) -> Record:
    given = body.get("credentials", {})
    template = {"template": "${source.login}", "type": "BUILT_IN"}
    signing = {} if body["signOnMode"] == "BOOKMARK" else {"kid": org.ids.word(43)}
    credentials: Record = {"userNameTemplate": filled(template, given.get("userNameTemplate", {})), "signing": signing}
    if body["signOnMode"] == "OPENID_CONNECT":
        default = "none" if app["settings"]["oauthClient"]["application_type"] == "browser" else "client_secret_basic"
        public = {"client_id": app["id"], "autoKeyRotation": True, "token_endpoint_auth_method": default}
        client = {name: value for name, value in given.get("oauthClient", {}).items() if name != "client_secret"}
        credentials["oauthClient"] = filled(public, client)
        method = credentials["oauthClient"]["token_endpoint_auth_method"]
        credentials["oauthClient"].setdefault("pkce_required", method == "none")
    return credentials


def _first_secret(org: Org, app: Record, body: Record) -> str:
    app["#secrets"] = {}
    method = app["credentials"].get("oauthClient", {}).get("token_endpoint_auth_method", "")
    if not method.startswith("client_secret"):
        return ""
    given = body["credentials"].get("oauthClient", {}).get("client_secret")
    return str(new_secret(org, app, given)["client_secret"])


@ROUTER.route("GET", APPS)
def list_apps(org: Org, hit: Hit) -> Response:
    """List apps by `q` (start of name or label) and `filter`."""
    expanded(hit, refused=("user/",))
    words, criteria = hit.query.get("q", "").casefold(), hit.query.get("filter", "")
    rows = [
        app
        for app in org.apps.values()
        if app["label"].casefold().startswith(words) or app["name"].casefold().startswith(words)
    ]
    if criteria:
        test = compile_criteria(criteria, FILTERED, operators="eq")
        rows = [app for app in rows if test(_view(org, app))]
    return page(hit, rows, lambda app: render_app(org, hit, app), SIZE)


def _view(org: Org, app: Record) -> Record:
    groups = org.app_groups[app["id"]]
    users = [*org.app_users[app["id"]], *(user for group in groups for user in org.members[group])]
    slo = app["settings"].get("signOn", {}).get("slo", {})
    return {**app, "user": {"id": users}, "group": {"id": list(groups)}, "settings": {"slo": slo}}


def find_app(org: Org, hit: Hit) -> Record:
    """Return the app that the path names."""
    return find(org.apps, hit.path["app_id"], "AppInstance")


@ROUTER.route("GET", f"{APPS}/<app_id>")
def get_app(org: Org, hit: Hit) -> Response:
    """Return one app."""
    expanded(hit, refused=("user/",))
    return json_response(200, render_app(org, hit, find_app(org, hit)))


@ROUTER.route("PUT", f"{APPS}/<app_id>")
def replace_app(org: Org, hit: Hit) -> Response:
    """Replace an app's label, settings and visibility; its client id, keys and secrets stay."""
    app = find_app(org, hit)
    body = _validated(hit, app)
    given = body.get("credentials", {})
    client = app["credentials"].get("oauthClient", {})
    if given.get("oauthClient", {}).get("client_id", client.get("client_id")) != client.get("client_id"):
        refuse("client_id", "client_id: The client id cannot be changed")
    app.pop("profile", None)
    app |= _fields(body)
    kept = app["credentials"]
    kept["userNameTemplate"] = filled(kept["userNameTemplate"], given.get("userNameTemplate", {}))
    if client:
        client |= {name: value for name, value in given.get("oauthClient", {}).items() if name != "client_secret"}
    org.touch(app)
    log(org, "application.lifecycle.update", target("AppInstance", app))
    return json_response(200, render_app(org, hit, app))


@ROUTER.route("DELETE", f"{APPS}/<app_id>")
def delete_app(org: Org, hit: Hit) -> Response:
    """Delete an app that is INACTIVE; an active one is refused with E0000056."""
    app = find_app(org, hit)
    if app["status"] == "ACTIVE":
        raise OktaError("E0000056")
    for table in (org.apps, org.app_groups, org.app_users):
        table.pop(app["id"])
    org.grants.pop(app["id"], None)
    org.client_roles.pop(app["credentials"].get("oauthClient", {}).get("client_id", ""), None)
    log(org, "application.lifecycle.delete", target("AppInstance", app))
    return Response(204)


@ROUTER.route("POST", f"{APPS}/<app_id>/lifecycle/activate")
def activate_app(org: Org, hit: Hit) -> Response:
    """Activate an app."""
    return _set_status(org, hit, "ACTIVE", "application.lifecycle.activate")


@ROUTER.route("POST", f"{APPS}/<app_id>/lifecycle/deactivate")
def deactivate_app(org: Org, hit: Hit) -> Response:
    """Deactivate an app."""
    return _set_status(org, hit, "INACTIVE", "application.lifecycle.deactivate")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    app = find_app(org, hit)
    if app["status"] != status:
        app["status"] = status
        org.touch(app)
        log(org, event, target("AppInstance", app))
    return Response(200)


@ROUTER.route("PUT", f"{APPS}/<app_id>/policies/<policy_id>")
def assign_policy(org: Org, hit: Hit) -> Response:
    """Put an app under an authentication policy."""
    app, policy = find_app(org, hit), find(org.policies, hit.path["policy_id"], "Policy")
    if policy["type"] != "ACCESS_POLICY":
        refuse("policyId", "policyId: Only an authentication policy can be assigned to an app")
    app["#policy"] = policy["id"]
    org.touch(app)
    log(org, "application.policy.sign_on.update", target("AppInstance", app), policy_target(policy))
    return Response(204)

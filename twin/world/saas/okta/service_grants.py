"""What an app may ask the org's own server for: the scopes of the management API that an administrator granted it.

https://developer.okta.com/docs/api/openapi/okta-management/management/tag/ApplicationGrants/
"""

from twin.wire import Response
from twin.world.saas.okta.api_scopes import known_scopes
from twin.world.saas.okta.apps import APPS, find_app
from twin.world.saas.okta.body import checked, one_of
from twin.world.saas.okta.client_authentication import Client
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.grant_rules import OIDC
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.shapes import READ_ONLY, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

GRANTS = f"{APPS}/<app_id>/grants"
BODY = record("issuer scopeId", **READ_ONLY, issuer=text(least=1), scopeId=text(least=1))


def service_scopes(org: Org, client: Client, asked: list[str]) -> list[str]:
    """Return which of the scopes that a service app asks for it was granted; OAuthRefusal when it is none.

    Scopes that it was not granted are left out: https://github.com/okta/okta-sdk-golang/issues/145
    """
    if client.method != "private_key_jwt":
        raise OAuthRefusal("unsupported_auth_method_client_creds")
    if client.settings["application_type"] != "service":
        raise OAuthRefusal("invalid_application_type_client_credentials")
    if not asked:
        raise OAuthRefusal("missing_scopes")
    if set(asked) & OIDC:
        raise OAuthRefusal("openid_not_allowed_client_creds")
    if any(scope.endswith(".self") for scope in asked):
        raise OAuthRefusal("client_credentials_self_scope_requested")
    if any(not scope.startswith("okta.") for scope in asked):
        raise OAuthRefusal("illegal_custom_scope")
    if set(asked) - known_scopes():
        raise OAuthRefusal("no_matching_scope")
    held = {grant["scopeId"] for grant in org.grants.get(client.app["id"], {}).values()}
    given = [scope for scope in dict.fromkeys(asked) if scope in held]
    if not given:
        raise OAuthRefusal("no_org_scopes_granted")
    return given


def _client_id(app: Record) -> str:
    return str(app["credentials"].get("oauthClient", {}).get("client_id", ""))


def _render(hit: Hit, app: Record, grant: Record, *, expand: bool = False) -> Record:
    href = f"{base(hit)}{APPS}/{app['id']}"
    links = {
        "app": {"href": href, "title": app["label"]},
        "self": link(f"{href}/grants/{grant['id']}", "GET", "DELETE"),
        "client": {"href": f"{base(hit)}/oauth2/v1/clients/{grant['clientId']}", "title": app["label"]},
    }
    embedded = {"_embedded": {"scope": {"id": grant["scopeId"]}}} if expand else {}
    return {**grant, **embedded, "_links": links}


def _expand(hit: Hit) -> bool:
    return one_of(hit, "expand", "scope") == "scope"


@ROUTER.route("GET", GRANTS)
def list_grants(org: Org, hit: Hit) -> Response:
    """List the scopes that an app was granted."""
    app, expand = find_app(org, hit), _expand(hit)
    held = org.grants.get(app["id"], {}).values()
    return json_response(200, [_render(hit, app, one, expand=expand) for one in held])


@ROUTER.route("POST", GRANTS)
def grant_scope(org: Org, hit: Hit) -> Response:
    """Grant a scope of the management API to an app; one that it has already is shown again (assumed)."""
    app = find_app(org, hit)
    body = checked(hit, BODY, "grant")
    if not _client_id(app):
        refuse("appId", "appId: Scopes can be granted to OAuth 2.0 clients only")
    if body["issuer"].rstrip("/") not in (org.url, base(hit)):
        refuse("issuer", f"issuer: '{body['issuer']}' is not the issuer of the org's authorization server")
    if body["scopeId"] not in known_scopes():
        refuse("scopeId", f"scopeId: '{body['scopeId']}' is not a scope of the org's authorization server")
    held = org.grants.setdefault(app["id"], {})
    for grant in held.values():
        if grant["scopeId"] == body["scopeId"]:
            return json_response(201, _render(hit, app, grant, expand=True))
    made = org.new("oag", status="ACTIVE", issuer=org.url, clientId=_client_id(app), scopeId=body["scopeId"])
    made |= {"source": "ADMIN", "createdBy": _creator(org)}
    held[made["id"]] = made
    log(org, "app.oauth2.admin.consent.grant", target("AppInstance", app), debug={"scopes": made["scopeId"]})
    return json_response(201, _render(hit, app, made, expand=True))


def _creator(org: Org) -> Record:
    kind = "Client" if "clientId" in org.actor else "User"
    return {"id": org.actor.get("clientId") or org.actor["userId"], "type": kind}


@ROUTER.route("GET", f"{GRANTS}/<grant_id>")
def get_grant(org: Org, hit: Hit) -> Response:
    """Return one grant of an app."""
    app = find_app(org, hit)
    grant = find(org.grants.get(app["id"], {}), hit.path["grant_id"], "OAuth2ScopeConsentGrant")
    return json_response(200, _render(hit, app, grant, expand=_expand(hit)))


@ROUTER.route("DELETE", f"{GRANTS}/<grant_id>")
def revoke_grant(org: Org, hit: Hit) -> Response:
    """Take a scope from an app; tokens that it holds keep theirs until they expire (assumed)."""
    app = find_app(org, hit)
    grant = find(org.grants.get(app["id"], {}), hit.path["grant_id"], "OAuth2ScopeConsentGrant")
    del org.grants[app["id"]][grant["id"]]
    log(org, "app.oauth2.admin.consent.revoke", target("AppInstance", app), debug={"scopes": grant["scopeId"]})
    return Response(204)

"""Custom authorization servers: issuers of tokens for the org's own APIs."""

from twin.wire import Response
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.issuers import issuer_of
from twin.world.saas.okta.key_generations import first_keys, generation, set_mode
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.shapes import READ_ONLY, Check, anything, choice, listing, open_record, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

SERVERS = "/api/v1/authorizationServers"
SIZE = Size(200, 200)
FIELDS: dict[str, Check] = READ_ONLY | {
    "name": text(least=1, most=100),
    "description": text(most=255),
    "audiences": listing(text(least=1, most=512), most=1),
    "issuerMode": choice("CUSTOM_URL", "DYNAMIC", "ORG_URL"),
    "issuer": anything,
    "credentials": open_record(signing=open_record(rotationMode=choice("AUTO", "MANUAL"))),
    "jwks": anything,
    "jwks_uri": anything,
    "accessTokenEncryptedResponseAlgorithm": text(),
    "default": anything,
}
BODY = record("name audiences", **FIELDS)
SUBJECT = "(appuser != null) ? appuser.userName : app.clientId"
# name -> description; https://developer.okta.com/docs/api/oauth2/
OIDC_SCOPES = {
    "openid": "Signals that a request is an OpenID request.",
    "profile": "Grants access to the default profile claims.",
    "email": "Grants access to the email claims.",
    "address": "Grants access to the address claim.",
    "phone": "Grants access to the phone claims.",
    "offline_access": "Grants a refresh token.",
    "device_sso": "Grants a device secret.",
}


def render_server(org: Org, hit: Hit, server: Record) -> Record:
    """Return a server with its issuer and links."""
    href = f"{base(hit)}{SERVERS}/{server['id']}"
    generation(org, server)
    names = ("scopes", "claims", "policies")
    links = {name: link(f"{href}/{name}", "GET") for name in names} | {
        "self": link(href, "GET", "PUT", "DELETE"),
        "metadata": [
            {"name": name, **link(f"{issuer_of(org, server)}/.well-known/{name}", "GET")}
            for name in ("oauth-authorization-server", "openid-configuration")
        ],
        "rotateKey": link(f"{href}/credentials/lifecycle/keyRotate", "POST"),
        **lifecycle(href, server["status"]),
    }
    shown = {name: value for name, value in server.items() if not name.startswith("#")}
    return {**shown, "issuer": issuer_of(org, server), "_links": links}


def _mode(body: Record) -> str:
    return str(body.get("credentials", {}).get("signing", {}).get("rotationMode", "AUTO"))


def new_server(org: Org, body: Record, *, key: str = "") -> Record:
    """Add a server with its keys and the reserved OIDC scopes."""
    server = org.new("aus", status="ACTIVE", name=body["name"], description=body.get("description", ""))
    server["id"] = key or server["id"]
    server |= {"audiences": body["audiences"], "issuerMode": body.get("issuerMode", "DYNAMIC")}
    server["credentials"] = {"signing": first_keys(org, server["id"], _mode(body))}
    org.servers[server["id"]] = server
    org.claims[server["id"]], org.server_policies[server["id"]] = {}, {}
    org.scopes[server["id"]] = {}
    for name, description in OIDC_SCOPES.items():
        scope: Record = {
            "id": org.mint("scp"),
            "name": name,
            "description": description,
            "system": True,
            "default": False,
        }
        scope |= {"displayName": name, "metadataPublish": "ALL_CLIENTS", "consent": "IMPLICIT", "optional": False}
        org.scopes[server["id"]][scope["id"]] = scope
    subject: Record = {
        "id": org.mint("ocl"),
        "name": "sub",
        "status": "ACTIVE",
        "claimType": "RESOURCE",
        "system": True,
    }
    subject |= {"valueType": "EXPRESSION", "value": SUBJECT, "alwaysIncludeInToken": True, "conditions": {"scopes": []}}
    org.claims[server["id"]][subject["id"]] = subject
    return server


def find_server(org: Org, hit: Hit) -> Record:
    """Return the server that the path names."""
    return find(org.servers, hit.path["server_id"], "AuthorizationServer")


def _validated(org: Org, hit: Hit, key: str = "") -> Record:
    body = checked(hit, BODY, "authorizationServer")
    if any(one["name"] == body["name"] and one["id"] != key for one in org.servers.values()):
        refuse("name", "name: An object with this field already exists in the current organization")
    return body


@ROUTER.route("POST", SERVERS)
def create_server(org: Org, hit: Hit) -> Response:
    """Create an authorization server."""
    server = new_server(org, _validated(org, hit))
    log(org, "oauth2.as.created", target("AuthorizationServer", server))
    return json_response(201, render_server(org, hit, server))


@ROUTER.route("GET", SERVERS)
def list_servers(org: Org, hit: Hit) -> Response:
    """List authorization servers, by a part of name or audience if `q` is given."""
    words = hit.query.get("q", "").casefold()
    rows = [one for one in org.servers.values() if words in f"{one['name']} {one['audiences'][0]}".casefold()]
    return page(hit, rows, lambda one: render_server(org, hit, one), SIZE)


@ROUTER.route("GET", f"{SERVERS}/<server_id>")
def get_server(org: Org, hit: Hit) -> Response:
    """Return one authorization server."""
    return json_response(200, render_server(org, hit, find_server(org, hit)))


@ROUTER.route("PUT", f"{SERVERS}/<server_id>")
def replace_server(org: Org, hit: Hit) -> Response:
    """Replace name, description, audience and issuer mode."""
    server = find_server(org, hit)
    body = _validated(org, hit, server["id"])
    server |= {"name": body["name"], "description": body.get("description", ""), "audiences": body["audiences"]}
    server["issuerMode"] = body.get("issuerMode", server["issuerMode"])
    set_mode(org, server, _mode(body))
    org.touch(server)
    log(org, "oauth2.as.updated", target("AuthorizationServer", server))
    return json_response(200, render_server(org, hit, server))


@ROUTER.route("DELETE", f"{SERVERS}/<server_id>")
def delete_server(org: Org, hit: Hit) -> Response:
    """Delete an authorization server with all that it holds."""
    server = find_server(org, hit)
    if server["id"] == "default":
        refuse("delete", "delete: The default authorization server cannot be deleted")
    for policy_id in org.server_policies[server["id"]]:
        org.server_rules.pop(policy_id, None)
    org.oauth.generations.pop(server["id"], None)
    for table in (org.servers, org.scopes, org.claims, org.server_policies):
        table.pop(server["id"])
    log(org, "oauth2.as.deleted", target("AuthorizationServer", server))
    return Response(204)


@ROUTER.route("POST", f"{SERVERS}/<server_id>/lifecycle/activate")
def activate_server(org: Org, hit: Hit) -> Response:
    """Activate an authorization server."""
    return _set_status(org, hit, "ACTIVE", "oauth2.as.activated")


@ROUTER.route("POST", f"{SERVERS}/<server_id>/lifecycle/deactivate")
def deactivate_server(org: Org, hit: Hit) -> Response:
    """Deactivate an authorization server."""
    return _set_status(org, hit, "INACTIVE", "oauth2.as.deactivated")


def _set_status(org: Org, hit: Hit, status: str, event: str) -> Response:
    server = find_server(org, hit)
    if server["status"] != status:
        server["status"] = status
        org.touch(server)
        log(org, event, target("AuthorizationServer", server))
    return Response(204)

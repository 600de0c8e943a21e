"""Scopes and claims of an authorization server."""

from twin.wire import Response
from twin.world.saas.okta.authorization_servers import SERVERS, find_server
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.shapes import READ_ONLY, STATUS, Check, boolean, choice, listing, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

SCOPES, CLAIMS = f"{SERVERS}/<server_id>/scopes", f"{SERVERS}/<server_id>/claims"
SIZE = Size(200, 200)
SCOPE = record(
    "name",
    **READ_ONLY,
    name=text(least=1, most=255, pattern=r"[\x21\x23-\x5b\x5d-\x7e]+"),
    displayName=text(most=255),
    description=text(most=1024),
    consent=choice("REQUIRED", "IMPLICIT", "FLEXIBLE"),
    default=boolean,
    metadataPublish=choice("ALL_CLIENTS", "NO_CLIENTS"),
    optional=boolean,
)
CLAIM_FIELDS: dict[str, Check] = READ_ONLY | {"status": STATUS}
CLAIM = record(
    "name claimType valueType value",
    **CLAIM_FIELDS,
    name=text(least=1, most=255),
    claimType=choice("IDENTITY", "RESOURCE"),
    valueType=choice("EXPRESSION", "GROUPS", "SYSTEM"),
    value=text(least=1),
    alwaysIncludeInToken=boolean,
    conditions=record(scopes=listing(text(least=1))),
    group_filter_type=choice("CONTAINS", "EQUALS", "REGEX", "STARTS_WITH"),
)
# Claims of the vendor's own; another of that name is refused. https://developer.okta.com/docs/api/oauth2/
RESERVED = (
    "iss",
    "aud",
    "iat",
    "exp",
    "sub",
    "jti",
    "cid",
    "uid",
    "scp",
    "ver",
    "auth_time",
    "nonce",
    "at_hash",
    "amr",
)


def _render(hit: Hit, kind: str, one: Record) -> Record:
    href = f"{base(hit)}{SERVERS}/{hit.path['server_id']}/{kind}/{one['id']}"
    return {**one, "_links": {"self": link(href, "GET", "PUT", "DELETE")}}


def _refuse_twin(table: dict[str, Record], name: str, key: str) -> None:
    if any(one["name"] == name and one["id"] != key for one in table.values()):
        refuse("name", "name: An object with this field already exists in the authorization server")


def _scope_fields(body: Record) -> Record:
    return {
        "name": body["name"],
        "displayName": body.get("displayName") or body["name"],
        "description": body.get("description") or "",
        "consent": body.get("consent", "IMPLICIT"),
        "default": body.get("default", False),
        "metadataPublish": body.get("metadataPublish", "ALL_CLIENTS"),
        "optional": body.get("optional", False),
    }


@ROUTER.route("POST", SCOPES)
def create_scope(org: Org, hit: Hit) -> Response:
    """Create a scope."""
    table, body = org.scopes[find_server(org, hit)["id"]], checked(hit, SCOPE, "scope")
    _refuse_twin(table, body["name"], "")
    scope: Record = {"id": org.mint("scp"), "system": False} | _scope_fields(body)
    table[scope["id"]] = scope
    log(org, "oauth2.scope.created", target("Scope", scope), _server(org, hit))
    return json_response(201, _render(hit, "scopes", scope))


@ROUTER.route("GET", SCOPES)
def list_scopes(org: Org, hit: Hit) -> Response:
    """List scopes, `q` matches the start of their names."""
    table, words = org.scopes[find_server(org, hit)["id"]], hit.query.get("q", "")
    rows = [one for one in table.values() if one["name"].startswith(words)]
    return page(hit, rows, lambda one: _render(hit, "scopes", one), SIZE)


def _server(org: Org, hit: Hit) -> Record:
    return target("AuthorizationServer", find_server(org, hit))


def _scope(org: Org, hit: Hit) -> Record:
    return find(org.scopes[find_server(org, hit)["id"]], hit.path["scope_id"], "OAuth2Scope")


@ROUTER.route("GET", f"{SCOPES}/<scope_id>")
def get_scope(org: Org, hit: Hit) -> Response:
    """Return one scope."""
    return json_response(200, _render(hit, "scopes", _scope(org, hit)))


@ROUTER.route("PUT", f"{SCOPES}/<scope_id>")
def replace_scope(org: Org, hit: Hit) -> Response:
    """Replace a scope; a system scope keeps its name."""
    scope, body = _scope(org, hit), checked(hit, SCOPE, "scope")
    if scope["system"] and body["name"] != scope["name"]:
        refuse("name", "name: The name of a system scope cannot be changed")
    _refuse_twin(org.scopes[hit.path["server_id"]], body["name"], scope["id"])
    scope |= _scope_fields(body)
    log(org, "oauth2.scope.updated", target("Scope", scope), _server(org, hit))
    return json_response(200, _render(hit, "scopes", scope))


@ROUTER.route("DELETE", f"{SCOPES}/<scope_id>")
def delete_scope(org: Org, hit: Hit) -> Response:
    """Delete a scope that is no system scope."""
    scope = _scope(org, hit)
    if scope["system"]:
        refuse("delete", "delete: A system scope cannot be deleted")
    del org.scopes[hit.path["server_id"]][scope["id"]]
    log(org, "oauth2.scope.deleted", target("Scope", scope), _server(org, hit))
    return Response(204)


def _claim_body(org: Org, hit: Hit, key: str = "") -> Record:
    server = find_server(org, hit)
    body = checked(hit, CLAIM, "claim")
    if body["name"] in RESERVED:
        refuse("name", f"name: '{body['name']}' is reserved")
    if (body["valueType"] == "GROUPS") != ("group_filter_type" in body):
        refuse("group_filter_type", "group_filter_type: The field goes with the value type GROUPS, and only with it")
    known = {scope["name"] for scope in org.scopes[server["id"]].values()}
    for name in body.get("conditions", {}).get("scopes", []):
        if name not in known:
            refuse("conditions", f"conditions.scopes: The scope '{name}' does not exist")
    same = {k: one for k, one in org.claims[server["id"]].items() if one["claimType"] == body["claimType"]}
    _refuse_twin(same, body["name"], key)
    return body


def _claim_fields(body: Record) -> Record:
    names = ("name", "claimType", "valueType", "value", "group_filter_type")
    return {name: body[name] for name in names if name in body} | {
        "status": body.get("status", "ACTIVE"),
        "alwaysIncludeInToken": body.get("alwaysIncludeInToken", True),
        "conditions": {"scopes": body.get("conditions", {}).get("scopes", [])},
    }


@ROUTER.route("POST", CLAIMS)
def create_claim(org: Org, hit: Hit) -> Response:
    """Create a claim."""
    body = _claim_body(org, hit)
    claim: Record = {"id": org.mint("ocl"), "system": False} | _claim_fields(body)
    org.claims[hit.path["server_id"]][claim["id"]] = claim
    log(org, "oauth2.claim.created", target("Claim", claim), _server(org, hit))
    return json_response(201, _render(hit, "claims", claim))


@ROUTER.route("GET", CLAIMS)
def list_claims(org: Org, hit: Hit) -> Response:
    """List claims."""
    table = org.claims[find_server(org, hit)["id"]]
    return json_response(200, [_render(hit, "claims", one) for one in table.values()])


def _claim(org: Org, hit: Hit) -> Record:
    return find(org.claims[find_server(org, hit)["id"]], hit.path["claim_id"], "OAuth2Claim")


@ROUTER.route("GET", f"{CLAIMS}/<claim_id>")
def get_claim(org: Org, hit: Hit) -> Response:
    """Return one claim."""
    return json_response(200, _render(hit, "claims", _claim(org, hit)))


@ROUTER.route("PUT", f"{CLAIMS}/<claim_id>")
def replace_claim(org: Org, hit: Hit) -> Response:
    """Replace a claim."""
    claim = _claim(org, hit)
    if claim["system"]:
        refuse("claim", "claim: A system claim cannot be changed")
    fields = _claim_fields(_claim_body(org, hit, claim["id"]))
    claim.pop("group_filter_type", None)
    claim |= fields
    log(org, "oauth2.claim.updated", target("Claim", claim), _server(org, hit))
    return json_response(200, _render(hit, "claims", claim))


@ROUTER.route("DELETE", f"{CLAIMS}/<claim_id>")
def delete_claim(org: Org, hit: Hit) -> Response:
    """Delete a claim."""
    claim = _claim(org, hit)
    if claim["system"]:
        refuse("delete", "delete: A system claim cannot be deleted")
    del org.claims[hit.path["server_id"]][claim["id"]]
    log(org, "oauth2.claim.deleted", target("Claim", claim), _server(org, hit))
    return Response(204)

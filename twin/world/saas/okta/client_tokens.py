"""The refresh tokens that an authorization server granted, as its administrators see and revoke them."""

from datetime import UTC, datetime

from twin.wire import Response
from twin.world.saas.okta.authorization_servers import SERVERS, find_server
from twin.world.saas.okta.client_authentication import app_of
from twin.world.saas.okta.errors import not_found
from twin.world.saas.okta.issuers import issuer_of
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.paging import Size, page
from twin.world.saas.okta.state import ROUTER, Org, Record, stamp
from twin.world.saas.okta.token_revocation import revoke_client_tokens, revoke_family
from twin.world.saas.router import Hit, json_response

CLIENTS = f"{SERVERS}/<server_id>/clients"
TOKENS = f"{CLIENTS}/<client_id>/tokens"
SIZE = Size(200, 200)
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)


def _live(org: Org, server: Record) -> list[Record]:
    now = org.clock.now().timestamp()
    tokens = org.oauth.refresh.values()
    good = [one for one in tokens if one["status"] == "ACTIVE" and one["used"] is None and one["ends"] > now]
    return [one for one in good if one["server"] == server["id"]]


def _of_client(org: Org, hit: Hit) -> tuple[Record, Record, list[Record]]:
    server, client = find_server(org, hit), hit.path["client_id"]
    app = app_of(org, client)
    if app is None:
        raise not_found("Client", client)
    return server, app, [one for one in _live(org, server) if one["clientId"] == client]


def _one(org: Org, hit: Hit) -> tuple[Record, Record, Record]:
    server, app, tokens = _of_client(org, hit)
    for token in tokens:
        if token["id"] == hit.path["token_id"]:
            return server, app, token
    raise not_found("OAuth2RefreshToken", hit.path["token_id"])


def _render(org: Org, hit: Hit, server: Record, token: Record) -> Record:
    ends = FOREVER if token["ends"] == float("inf") else datetime.fromtimestamp(token["ends"], UTC)
    shown = {name: token[name] for name in ("id", "status", "created", "lastUpdated", "clientId", "userId", "scopes")}
    href = f"{base(hit)}{SERVERS}/{server['id']}/clients/{token['clientId']}/tokens/{token['id']}"
    shown |= {"expiresAt": stamp(ends), "issuer": issuer_of(org, server)}
    return shown | {"_links": {"self": link(href, "GET", "DELETE"), "revoke": link(href, "DELETE")}}


@ROUTER.route("GET", CLIENTS)
def list_clients(org: Org, hit: Hit) -> Response:
    """List the clients that hold a refresh token of a server."""
    server = find_server(org, hit)
    held = dict.fromkeys(one["clientId"] for one in _live(org, server))
    apps = {client: app for client in held if (app := app_of(org, client)) is not None}
    href = f"{base(hit)}{SERVERS}/{server['id']}/clients"
    rows = [
        {
            "client_id": client,
            "client_name": app["label"],
            "_links": {"tokens": link(f"{href}/{client}/tokens", "GET", "DELETE")},
        }
        for client, app in apps.items()
    ]
    return json_response(200, rows)


@ROUTER.route("GET", TOKENS)
def list_tokens(org: Org, hit: Hit) -> Response:
    """List a client's refresh tokens."""
    server, _, tokens = _of_client(org, hit)
    return page(hit, tokens, lambda one: _render(org, hit, server, one), SIZE)


@ROUTER.route("DELETE", TOKENS)
def revoke_tokens(org: Org, hit: Hit) -> Response:
    """Revoke all tokens that a server granted to a client."""
    server, app, _ = _of_client(org, hit)
    if revoke_client_tokens(org, hit.path["client_id"], server["id"]):
        log(org, "app.oauth2.token.revoke.implicit.client", target("AppInstance", app))
    return Response(204)


@ROUTER.route("GET", f"{TOKENS}/<token_id>")
def get_token(org: Org, hit: Hit) -> Response:
    """Return one refresh token, without its value."""
    server, _, token = _one(org, hit)
    return json_response(200, _render(org, hit, server, token))


@ROUTER.route("DELETE", f"{TOKENS}/<token_id>")
def revoke_token(org: Org, hit: Hit) -> Response:
    """Revoke one refresh token with the access tokens that came of it."""
    _, app, token = _one(org, hit)
    revoke_family(org, token["family"])
    log(org, "app.oauth2.as.token.revoke", target("AppInstance", app))
    return Response(204)

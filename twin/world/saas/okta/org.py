"""The org itself: its settings, its well-known document and its API tokens."""

from twin.wire import Response
from twin.world.saas.okta.body import checked
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.shapes import IDS, READ_ONLY, Check, anything, choice, open_record, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

TOKENS = "/api/v1/api-tokens"
WORDS = (
    "companyName", "website", "phoneNumber", "endUserSupportHelpURL", "supportPhoneNumber", "address1", "address2",
    "city", "state", "country", "postalCode",
)  # fmt: skip
FIELDS: dict[str, Check] = (
    READ_ONLY | dict.fromkeys(WORDS, text(most=255)) | {"subdomain": anything, "expiresAt": anything}
)


NETWORK = record("connection", connection=choice("ANYWHERE", "ZONE"), include=IDS, exclude=IDS)
TOKEN_BODY = open_record("name", name=text(least=1), network=NETWORK)


def _render(org: Org, hit: Hit) -> Record:
    href = f"{base(hit)}/api/v1/org"
    names = ("preferences", "contacts", "oktaCommunication", "logo")
    paths = {"oktaCommunication": "privacy/oktaCommunication"}
    links = {name: link(f"{href}/{paths.get(name, name)}") for name in names}
    links |= {"oktaSupport": link(f"{href}/privacy/oktaSupport"), "uploadLogo": link(f"{href}/logo", "POST")}
    return {**org.settings, "_links": links}


@ROUTER.route("GET", "/api/v1/org")
def get_org(org: Org, hit: Hit) -> Response:
    """Return the org's settings."""
    return json_response(200, _render(org, hit))


@ROUTER.route("POST", "/api/v1/org")
def update_org(org: Org, hit: Hit) -> Response:
    """Change the settings given and keep the others."""
    body = checked(hit, record(**FIELDS), "org")
    org.settings |= {name: body[name] for name in WORDS if body.get(name) is not None}
    return _updated(org, hit)


@ROUTER.route("PUT", "/api/v1/org")
def replace_org(org: Org, hit: Hit) -> Response:
    """Replace the settings whole."""
    body = checked(hit, record("companyName", **FIELDS), "org")
    org.settings |= {name: body.get(name) or "" for name in WORDS}
    return _updated(org, hit)


def _updated(org: Org, hit: Hit) -> Response:
    org.touch(org.settings)
    return json_response(200, _render(org, hit))


@ROUTER.route("GET", "/.well-known/okta-organization")
def get_well_known(org: Org, hit: Hit) -> Response:
    """Tell anyone the org's id and pipeline."""
    links = {"organization": link(org.url)}
    if base(hit) != org.url:
        links["alternate"] = link(base(hit))
    return json_response(200, {"id": org.id, "pipeline": "idx", "_links": links})


def _render_token(hit: Hit, token: Record) -> Record:
    shown = {name: value for name, value in token.items() if name != "secret"}
    return {**shown, "_link": {"self": link(f"{base(hit)}{TOKENS}/{token['id']}", "GET", "DELETE")}}


@ROUTER.route("GET", TOKENS)
def list_tokens(org: Org, hit: Hit) -> Response:
    """List the metadata of API tokens, never the tokens."""
    return json_response(200, [_render_token(hit, token) for token in org.tokens.values()])


@ROUTER.route("GET", f"{TOKENS}/<token_id>")
def get_token(org: Org, hit: Hit) -> Response:
    """Return the metadata of one API token."""
    return json_response(200, _render_token(hit, find(org.tokens, hit.path["token_id"], "ApiToken")))


@ROUTER.route("PUT", f"{TOKENS}/<token_id>")
def update_token(org: Org, hit: Hit) -> Response:
    """Rename an API token or change where it may be used from."""
    token, body = find(org.tokens, hit.path["token_id"], "ApiToken"), checked(hit, TOKEN_BODY, "apiToken")
    network: Record = body.get("network") or token["network"]
    zones = [*(network.get("include") or []), *(network.get("exclude") or [])]
    if network["connection"] == "ZONE" and not zones:
        refuse("network", "network: A zone must be included or excluded when the connection is ZONE")
    for zone in zones:
        if zone not in org.zones:
            refuse("network", f"network: Invalid id '{zone}'")
    token |= {"name": body["name"], "network": network}
    org.touch(token)
    log(org, "system.api_token.update", target("Token", token))
    return json_response(200, _render_token(hit, token))


@ROUTER.route("DELETE", f"{TOKENS}/current")
def revoke_current_token(org: Org, hit: Hit) -> Response:
    """Revoke the token that asks."""
    return _revoke(org, org.actor)


@ROUTER.route("DELETE", f"{TOKENS}/<token_id>")
def revoke_token(org: Org, hit: Hit) -> Response:
    """Revoke a token."""
    return _revoke(org, find(org.tokens, hit.path["token_id"], "ApiToken"))


def _revoke(org: Org, token: Record) -> Response:
    log(org, "system.api_token.revoke", target("Token", token))
    del org.tokens[token["id"]]
    return Response(204)

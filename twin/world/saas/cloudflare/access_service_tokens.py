"""Service tokens of Access: a client id and a secret for machines, shown once, with an end."""

from datetime import UTC, datetime
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.access_rules import invalid
from twin.world.saas.cloudflare.authentication import digest
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, second_stamp, success
from twin.world.saas.cloudflare.listing import paged
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

Row = dict[str, Any]

TOKENS = "/accounts/{account_id}/access/service_tokens"
ONE = f"{TOKENS}/{{service_token_id}}"
YEAR = "8760h"


def shown_service_token(token: Row) -> Row:
    """Return a token without its secret."""
    shown = {name: value for name, value in token.items() if name not in ("digest", "expires")}
    return {**shown, "expires_at": second_stamp(datetime.fromtimestamp(token["expires"], UTC))}


def _find(state: State, hit: Hit) -> Row:
    state.require_account(hit)
    token = state.access.service_tokens.get(hit.path["service_token_id"])
    if token is None:
        raise refusal("access-not-found")
    return token


def _end(state: State, duration: str) -> float:
    durations = reference("access", "durations")
    if duration not in durations:
        raise invalid(f"duration must be one of {', '.join(durations)}")
    return float(state.clock.now().timestamp() + durations[duration])


def _secret(state: State) -> str:
    return state.access.ids.hex(64)


@route("GET", TOKENS)
def list_service_tokens(state: State, hit: Hit) -> Response:
    """List the service tokens."""
    state.require_account(hit)
    rows = [shown_service_token(token) for token in state.access.service_tokens.values()]
    return paged(hit, rows, per_page=25, limits=(1, 1000))


@route("POST", TOKENS)
def create_service_token(state: State, hit: Hit) -> Response:
    """Make a service token and show its secret, this once."""
    state.require_account(hit)
    body = object_body(hit)
    duration, now, secret = typed(body, "duration", "text", YEAR), second_stamp(state.clock.now()), _secret(state)
    token = {
        "id": state.access.ids.uuid(),
        "name": required(body, "name", "text"),
        "client_id": f"{state.access.ids.hex()}.access",
        "duration": duration,
        "created_at": now,
        "updated_at": now,
        "expires": _end(state, duration),
        "digest": digest(secret),
    }
    state.access.service_tokens[token["id"]] = token
    return success({**shown_service_token(token), "client_secret": secret}, status=201)


@route("GET", ONE)
def get_service_token(state: State, hit: Hit) -> Response:
    """Show a service token."""
    return success(shown_service_token(_find(state, hit)))


@route("PUT", ONE)
def update_service_token(state: State, hit: Hit) -> Response:
    """Rename a service token or change its duration, which counts from now."""
    old, body = _find(state, hit), object_body(hit)
    changes: Row = {"name": typed(body, "name", "text", old["name"])}
    if "duration" in body:
        changes |= {"duration": body["duration"], "expires": _end(state, str(body["duration"]))}
    return success(shown_service_token(_changed(state, old, changes)))


def _changed(state: State, old: Row, changes: Row) -> Row:
    token = {**old, **changes, "updated_at": second_stamp(state.clock.now())}
    state.access.service_tokens[old["id"]] = token
    return token


@route("DELETE", ONE)
def delete_service_token(state: State, hit: Hit) -> Response:
    """Delete a service token; whoever has it is let in no more."""
    token = _find(state, hit)
    del state.access.service_tokens[token["id"]]
    return success(shown_service_token(token))


@route("POST", f"{ONE}/rotate")
def rotate_service_token(state: State, hit: Hit) -> Response:
    """Give a service token a new secret; the old one stops working at once."""
    old, secret = _find(state, hit), _secret(state)
    token = _changed(state, old, {"digest": digest(secret)})
    return success({**shown_service_token(token), "client_secret": secret})


@route("POST", f"{ONE}/refresh")
def refresh_service_token(state: State, hit: Hit) -> Response:
    """Let the duration of a service token begin anew."""
    old = _find(state, hit)
    return success(shown_service_token(_changed(state, old, {"expires": _end(state, old["duration"])})))

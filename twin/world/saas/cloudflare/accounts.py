"""Accounts: the one that this server holds."""

from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.body import object_body, required, typed
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.listing import choice, operator_test, paged
from twin.world.saas.cloudflare.permissions import may
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit


def shown_account(state: State) -> dict[str, Any]:
    """Return the account as the API shows it."""
    return {
        "id": state.account_id,
        "name": state.account_name,
        "type": "enterprise" if state.zone_plan == "enterprise" else "standard",
        "settings": dict(state.account_settings),
        "created_on": stamp(state.created_on),
    }


@route("GET", "/accounts")
def list_accounts(state: State, hit: Hit) -> Response:
    """List the accounts that the token can see."""
    choice(hit, "direction", ("asc", "desc"), "asc")
    name = hit.query.get("name")
    seen = any(
        may(state, hit.principal, permission) for permission in ("Account Settings Read", "Account Settings Write")
    )
    rows = [shown_account(state)] if seen and (name is None or operator_test(state.account_name, name)) else []
    return paged(hit, rows, per_page=20, limits=(5, 50))


@route("GET", "/accounts/{account_id}")
def get_account(state: State, hit: Hit) -> Response:
    """Show the account."""
    state.require_account(hit)
    return success(shown_account(state))


@route("PUT", "/accounts/{account_id}")
def update_account(state: State, hit: Hit) -> Response:
    """Rename the account, change its settings."""
    state.require_account(hit)
    body = object_body(hit)
    name = required(body, "name", "text")
    if not 1 <= len(name) <= 100:
        raise refusal("bad-field", field="name", reason="must have 1 to 100 characters")
    changes = typed(body, "settings", "object", {})
    unknown = set(changes) - set(state.account_settings)
    if unknown:
        raise refusal("bad-field", field="settings", reason=f"unknown setting {sorted(unknown)[0]}")
    typed(changes, "enforce_twofactor", "boolean")
    typed(changes, "abuse_contact_email", "text")
    state.account_name = name
    state.account_settings.update(changes)
    return success(shown_account(state))


@route("GET", "/user")
def get_user(state: State, _hit: Hit) -> Response:
    """Show the user behind the account's user tokens."""
    return success({"id": state.user_id, "email": state.user_email, "first_name": None, "last_name": None})

"""Refresh tokens at their use: whose they are, whether they live, and what happens to one that comes a second time.

https://developer.okta.com/docs/guides/refresh-tokens/main/
"""

from twin.world.saas.okta.client_authentication import Client
from twin.world.saas.okta.issuers import event
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.oauth_errors import OAuthRefusal
from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.okta.token_revocation import revoke_family


def redeemed(org: Org, server: Record | None, client: Client, value: str) -> tuple[Record, bool]:
    """Return what is kept of a refresh token that is good, and whether another one takes its place.

    One that was replaced is good for the app's leeway only; after it, the whole family is revoked.
    """
    kept, now = org.oauth.refresh.get(digest(value)), org.clock.now().timestamp()
    if kept is None or kept["clientId"] != client.id or kept["server"] != (server["id"] if server else ""):
        raise OAuthRefusal("invalid_refresh_token")
    if kept["status"] != "ACTIVE" or kept["ends"] <= now:
        raise OAuthRefusal("invalid_refresh_token")
    rotates, leeway = _rotation(client)
    if not rotates:
        return kept, False
    if kept["used"] is not None and now > kept["used"] + leeway:
        revoke_family(org, kept["family"])
        user = org.users.get(kept["userId"])
        log(org, event(server, "token.detect_reuse"), target("AppInstance", client.app), *_named(user))
        raise OAuthRefusal("invalid_refresh_token")
    if kept["used"] is None:
        kept["used"] = now
    return kept, True


def _named(user: Record | None) -> list[Record]:
    return [target("User", user)] if user else []


def _rotation(client: Client) -> tuple[bool, int]:
    """Return whether an app's refresh tokens are replaced at each use, and its leeway in seconds."""
    given = client.settings.get("refresh_token") or {}
    default = "ROTATE" if client.settings["application_type"] == "browser" else "STATIC"
    return given.get("rotation_type", default) == "ROTATE", int(given.get("leeway", 0))

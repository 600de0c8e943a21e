"""The end of tokens before their time: of one, of a family that a sign-on began, of a client, of a user."""

from collections.abc import Callable

from twin.world.saas.okta.access_revocation import revokes_oauth
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.state import Org, Record


@revokes_oauth
def revoke_with_sessions(org: Org, user: Record) -> None:
    """End a user's tokens when that is asked together with the end of the sessions."""
    revoke_user_tokens(org, user)


def revoke_user_tokens(org: Org, user: Record) -> int:
    """Revoke every refresh and access token of a user and every code not yet redeemed; return how many ended."""
    for code in [key for key, kept in org.oauth.codes.items() if kept["user"] == user["id"]]:
        del org.oauth.codes[code]
    count = _revoke(org, lambda kept: kept.get("userId", kept.get("user")) == user["id"])
    if count:
        log(org, "app.oauth2.token.revoke.implicit.user", target("User", user))
    return count


def revoke_family(org: Org, family: str) -> int:
    """Revoke all tokens that came of one sign-on; return how many ended."""
    return _revoke(org, lambda kept: bool(family) and kept["family"] == family)


def revoke_client_tokens(org: Org, client_id: str, server_id: str) -> int:
    """Revoke the tokens that a server granted to a client; return how many ended."""
    return _revoke(
        org, lambda kept: kept.get("clientId", kept.get("client")) == client_id and kept["server"] == server_id
    )


def _revoke(org: Org, chosen: Callable[[Record], bool]) -> int:
    refresh = [kept for kept in org.oauth.refresh.values() if kept["status"] == "ACTIVE" and chosen(kept)]
    for kept in refresh:
        kept["status"] = "REVOKED"
        org.touch(kept)
    access = [jti for jti, kept in org.oauth.access.items() if chosen(kept)]
    for jti in access:
        del org.oauth.access[jti]
    return len(refresh) + len(access)

"""What a user loses when access ends: sessions, and OAuth tokens that were issued until now."""

from collections.abc import Callable

from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.state import Org, Record

Revoker = Callable[[Org, Record], None]
REVOKERS: list[Revoker] = []


def end_sessions(org: Org, user: Record, *, keep: str = "") -> int:
    """End the sessions of a user but for one; return how many."""
    ended = [key for key, one in org.sessions.items() if one["userId"] == user["id"] and key != keep]
    for key in ended:
        del org.sessions[key]
    for token in [key for key, one in org.transactions.items() if one["userId"] == user["id"]]:
        del org.transactions[token]
    return len(ended)


def clear_sessions(org: Org, user: Record, *, keep: str = "", oauth_tokens: bool = False) -> None:
    """End the sessions of a user as an administrator does, and the OAuth tokens when that is asked."""
    ended = end_sessions(org, user, keep=keep)
    debug = {"sessionsCleared": str(ended)}
    if oauth_tokens:
        revoke_oauth(org, user)
        debug["oauthTokens"] = "true"
    log(org, "user.session.clear", target("User", user), debug=debug)


def revoke_oauth(org: Org, user: Record) -> None:
    """End every OAuth token of a user that was issued until now."""
    org.revoked[user["id"]] = org.now()
    for revoker in REVOKERS:
        revoker(org, user)


def revokes_oauth(revoker: Revoker) -> Revoker:
    """Register a function that ends OAuth tokens of a user, whoever keeps them."""
    REVOKERS.append(revoker)
    return revoker

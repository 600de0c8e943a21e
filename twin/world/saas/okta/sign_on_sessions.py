"""Who sits before the browser that asks to authorize: by a session token of one use, or by the cookie of a session."""

from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any

from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.router import Hit

COOKIES = ("idx", "sid")


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A user who is signed on: since when, by which methods, in which session if in one."""

    user: Record
    at: datetime
    methods: tuple[str, ...] = ("pwd",)
    session: str = ""


def signed_on(org: Org, hit: Hit, session_token: str) -> SignedOn | None:
    """Return who is signed on; None when nobody is, or the user may not be."""
    found = _opening(org, session_token) if session_token else _session(org, hit)
    if found is None:
        return None
    user = org.users.get(str(found["userId"]))
    if user is None or user["status"] != "ACTIVE":
        return None
    at = found.get("createdAt") or found.get("lastPasswordVerification") or org.now()
    return SignedOn(user, _instant(at), tuple(found.get("amr") or ("pwd",)), str(found.get("id", "")))


def _opening(org: Org, token: str) -> Record | None:
    """Use a session token up; one that is unknown, used or over is nobody's."""
    found = org.oauth.openings.pop(digest(token), None)
    return found if found is not None and found["expiresAt"] > org.now() else None


def _session(org: Org, hit: Hit) -> Record | None:
    try:
        cookies = SimpleCookie(hit.request.headers.get("Cookie", ""))
    except CookieError:
        return None
    # Sessions are another part's: whatever keeps them, by their id or the cookie's value, is looked into.
    kept: dict[str, Record] = getattr(org, "sessions", {})
    for name in COOKIES:
        value = cookies[name].value if name in cookies else ""
        found = kept.get(value)
        if found is not None and found.get("status", "ACTIVE") == "ACTIVE" and found["expiresAt"] > org.now():
            return found
    return None


def open_for(org: Org, token: str, user_id: str, *, until: str, methods: tuple[str, ...] = ("pwd",)) -> None:
    """Let a session token stand for a user once, until an instant; for whoever signs users in."""
    about = {"userId": user_id, "expiresAt": until, "amr": list(methods), "createdAt": org.now()}
    org.oauth.openings[digest(token)] = about


def _instant(given: Any) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(str(given))

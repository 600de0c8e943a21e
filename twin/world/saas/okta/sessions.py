"""Sessions of users: opened with a session token, kept alive by use, ended by idleness, age, or a command.

Source: https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Session/
"""

from datetime import timedelta
from http.cookies import CookieError, SimpleCookie

from twin.wire import Response
from twin.world.saas.okta.access_revocation import clear_sessions
from twin.world.saas.okta.body import checked, flag
from twin.world.saas.okta.errors import OktaError, not_found
from twin.world.saas.okta.links import base, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.password_policies import instant
from twin.world.saas.okta.shapes import record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, stamp
from twin.world.saas.okta.users import find_user
from twin.world.saas.router import Hit, json_response

SESSIONS = "/api/v1/sessions"
BODY = record("sessionToken", sessionToken=text(least=1))
TOKEN_LIFE = 300  # seconds, https://developer.okta.com/docs/reference/api/authn/


def issue_session_token(org: Org, user: Record, **facts: object) -> str:
    """Return a token with which one session of a user can be opened soon; `facts` are the session's."""
    secret = f"20111{org.ids.word(38)}"
    held = {"userId": user["id"], "kind": "session", "expiresAt": org.later(TOKEN_LIFE)}
    org.one_time[secret] = held | facts
    return secret


def open_session(org: Org, session_token: str) -> Record:
    """Return a new session for a session token, which is used up; E0000005 for one that is not good."""
    held = org.one_time.get(session_token)
    good = held is not None and held["kind"] == "session" and held["expiresAt"] > org.now()
    user = org.users.get(held["userId"]) if held and good else None
    if held is None or user is None or user["status"] != "ACTIVE":
        raise OktaError("E0000005")
    del org.one_time[session_token]
    proved: dict[str, str] = held["proved"]
    session: Record = {
        "id": f"102{org.ids.word(22)}",
        "userId": user["id"],
        "login": user["profile"]["login"],
        "createdAt": org.now(),
        "expiresAt": "",
        "status": "ACTIVE",
        "lastPasswordVerification": proved.get("okta_password"),
        "lastFactorVerification": max((at for key, at in proved.items() if key != "okta_password"), default=None),
        "amr": held["amr"],
        "idp": {"id": org.id, "type": "OKTA"},
        "#idle": held["idle"],
        "#lifetime": held["lifetime"],
        "#proved": proved,
        "#device": held["device"],
    }
    extend(org, session)
    org.sessions[session["id"]] = session
    return session


def extend(org: Org, session: Record) -> None:
    """Put off the end of a session by its idle time, never beyond its lifetime."""
    ends = org.clock.now() + timedelta(minutes=session["#idle"])
    if session["#lifetime"]:
        ends = min(ends, instant(session["createdAt"]) + timedelta(minutes=session["#lifetime"]))
    session["expiresAt"] = stamp(ends)


def session_of(org: Org, session_id: str) -> Record | None:
    """Return a session that is alive; one that has ended is forgotten."""
    session = org.sessions.get(session_id)
    if session is None:
        return None
    user = org.users.get(session["userId"])
    if session["expiresAt"] <= org.now() or user is None or user["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
        del org.sessions[session_id]
        return None
    return session


def cookie_session(org: Org, hit: Hit) -> Record | None:
    """Return the session whose id the browser sends as the cookie `sid`."""
    try:
        cookies = SimpleCookie(hit.request.headers.get("Cookie", ""))
    except CookieError:
        return None
    return session_of(org, cookies["sid"].value) if "sid" in cookies else None


def _render(hit: Hit, session: Record) -> Record:
    href = f"{base(hit)}{SESSIONS}/{session['id']}"
    links = {
        "self": link(href, "GET", "DELETE"),
        "refresh": link(f"{href}/lifecycle/refresh", "POST"),
        "user": link(f"{base(hit)}/api/v1/users/{session['userId']}", "GET"),
    }
    shown = {name: value for name, value in session.items() if not name.startswith("#") and value is not None}
    return {**shown, "_links": links}


@ROUTER.route("POST", SESSIONS)
def create_session(org: Org, hit: Hit) -> Response:
    """Open a session with a session token."""
    session = open_session(org, checked(hit, BODY, "session")["sessionToken"])
    return json_response(200, _render(hit, session))


def _find(org: Org, hit: Hit) -> Record:
    key = hit.path["session_id"]
    session = cookie_session(org, hit) if key == "me" else session_of(org, key)
    if session is None:
        raise not_found("Session", key)
    return session


@ROUTER.route("GET", f"{SESSIONS}/<session_id>")
def get_session(org: Org, hit: Hit) -> Response:
    """Return a session; to look at it does not keep it alive."""
    return json_response(200, _render(hit, _find(org, hit)))


@ROUTER.route("POST", f"{SESSIONS}/<session_id>/lifecycle/refresh")
def refresh_session(org: Org, hit: Hit) -> Response:
    """Use a session, which puts off its end."""
    session = _find(org, hit)
    extend(org, session)
    return json_response(200, _render(hit, session))


@ROUTER.route("DELETE", f"{SESSIONS}/<session_id>")
def close_session(org: Org, hit: Hit) -> Response:
    """End a session."""
    session = _find(org, hit)
    del org.sessions[session["id"]]
    who = target("User", org.users[session["userId"]])
    log(org, "user.session.end", who, by=who)
    return Response(204)


@ROUTER.route("DELETE", "/api/v1/users/<key>/sessions")
def revoke_user_sessions(org: Org, hit: Hit) -> Response:
    """End every session of a user, with `oauthTokens` the OAuth tokens too; remembered devices are forgotten."""
    user = find_user(org, hit.path["key"])
    if flag(hit, "forgetDevices", True):
        user.pop("#devices", None)
    clear_sessions(org, user, oauth_tokens=flag(hit, "oauthTokens", False))
    return Response(204)

"""Who sits before the browser that asks for an app: by a session token of one use, or by the cookie of a session."""

from dataclasses import dataclass
from datetime import datetime

from twin.wire import Response
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.password_policies import instant
from twin.world.saas.okta.sessions import cookie_session, extend, open_session
from twin.world.saas.okta.sign_on import Attempt, Verdict, app_verdict, circumstances, log_verdict
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.router import Hit


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A user who is signed on, in which session; `opened` says that the request opened it."""

    user: Record
    session: Record
    opened: bool

    @property
    def at(self) -> datetime:
        """Return when the session began."""
        return instant(self.session["createdAt"])

    @property
    def methods(self) -> tuple[str, ...]:
        """Return how the user proved who it is, as ID tokens tell it."""
        return tuple(self.session["amr"])


def signed_on(org: Org, hit: Hit, session_token: str) -> SignedOn | None:
    """Return who is signed on; None when nobody is, or the user may not be. Use puts off the session's end."""
    try:
        session = open_session(org, session_token) if session_token else cookie_session(org, hit)
    except OktaError:
        return None
    if session is None:
        return None
    user = org.users.get(session["userId"])
    if user is None or user["status"] != "ACTIVE":
        return None
    extend(org, session)
    return SignedOn(user, session, opened=bool(session_token))


def verdict_of(org: Org, app: Record, who: SignedOn) -> Verdict:
    """Return what the authentication policy of an app says of a session, which the log tells."""
    proved = tuple(who.session["#proved"].items())
    attempt = Attempt(org.caller.ip, who.session["#device"], proved, who.session)
    verdict = app_verdict(org, app, circumstances(org, who.user, attempt))
    log_verdict(org, who.user, verdict)
    return verdict


def with_cookie(reply: Response, who: SignedOn) -> Response:
    """Let the browser keep the session that its request opened."""
    if who.opened:
        reply.headers.add("Set-Cookie", f"sid={who.session['id']}; Path=/; Secure; HttpOnly; SameSite=None")
    return reply

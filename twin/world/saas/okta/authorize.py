"""The authorization endpoint: from a browser's request to a code that its client may redeem, or an error by redirect.

https://developer.okta.com/docs/api/openapi/okta-oauth/oauth/tag/OrgAS/#tag/OrgAS/operation/authorize
"""

import re
from dataclasses import dataclass
from html import escape
from urllib.parse import quote, urlencode

from twin.wire import Response
from twin.world.saas.okta.app_access import uses
from twin.world.saas.okta.client_authentication import app_of, form_of
from twin.world.saas.okta.discovery import MODES
from twin.world.saas.okta.grant_rules import allowed, asked_scopes, check_consent
from twin.world.saas.okta.issuers import event, named_server
from twin.world.saas.okta.key_generations import FIGURES
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import record_failure, target
from twin.world.saas.okta.oauth_errors import OAuthRefusal, Unredirectable
from twin.world.saas.okta.oauth_state import digest
from twin.world.saas.okta.sign_on_sessions import SignedOn, signed_on, verdict_of, with_cookie
from twin.world.saas.okta.state import ROUTER, Org, Record
from twin.world.saas.router import Hit

CHALLENGE = re.compile(r"[A-Za-z0-9_.~-]{43,128}")
PROMPTS = ("none", "login", "consent")
LIFE = int(FIGURES["code"]["seconds"])


@dataclass(frozen=True, slots=True)
class Asked:
    """A request whose client and redirect address are the app's own."""

    server: Record | None
    app: Record
    fields: dict[str, str]

    def field(self, name: str) -> str:
        """Return a parameter, empty when it was not given."""
        return self.fields.get(name, "")


@ROUTER.route("GET", "/oauth2/v1/authorize")
@ROUTER.route("GET", "/oauth2/<server_id>/v1/authorize")
@ROUTER.route("POST", "/oauth2/v1/authorize")
@ROUTER.route("POST", "/oauth2/<server_id>/v1/authorize")
def authorize(org: Org, hit: Hit) -> Response:
    """Send the browser back with a code; whoever is not signed on is sent to the sign-in page."""
    fields = form_of(hit) if hit.request.method == "POST" else dict(hit.query.items())
    asked = _identified(org, named_server(org, hit), fields)
    try:
        _check_form(org, asked)
        scopes = asked_scopes(org, asked.server, asked.field("scope"), machine=False)
        who = _who(org, hit, asked)
        if who is None:
            return sign_in_page(org, hit)
        code = _code(org, asked, who, scopes)
    except OAuthRefusal as refused:
        record_failure(org, event(asked.server, "authorize"), target("AppInstance", asked.app), reason=refused.code)
        return _back(org, asked, refused.body())
    return with_cookie(_back(org, asked, {"code": code}), who)


def _who(org: Org, hit: Hit, asked: Asked) -> SignedOn | None:
    """Return who is signed on; None is for the sign-in page, which a client may forbid."""
    who = None if asked.field("prompt") == "login" else signed_on(org, hit, asked.field("sessionToken"))
    if who is None and asked.field("prompt") == "none":
        raise OAuthRefusal("login_required")
    if who is None:
        return None
    if not uses(org, asked.app["id"], who.user):
        raise OAuthRefusal("user_not_assigned")
    verdict = verdict_of(org, asked.app, who)
    if verdict.access == "DENY":
        raise OAuthRefusal("access_denied")
    if verdict.demands["satisfied"]:
        return who
    if asked.field("prompt") == "none":
        raise OAuthRefusal("app_sign_on_required")
    return None


def _identified(org: Org, server: Record | None, fields: dict[str, str]) -> Asked:
    app = app_of(org, fields.get("client_id", ""))
    if app is None:
        raise Unredirectable(OAuthRefusal("invalid_client_id"))
    if fields.get("redirect_uri") not in app["settings"]["oauthClient"]["redirect_uris"]:
        raise Unredirectable(OAuthRefusal("illegal_redirect_uri"))
    return Asked(server, app, fields)


def _check_form(org: Org, asked: Asked) -> None:
    settings = asked.app["settings"]["oauthClient"]
    if settings["application_type"] == "service":
        raise OAuthRefusal("invalid_client_application_type", "authorize")
    if asked.field("response_type") != "code":
        raise OAuthRefusal("unsupported_response_type", "code")
    if "authorization_code" not in settings["grant_types"]:
        raise OAuthRefusal("unauthorized_client", ", ".join(settings["grant_types"]))
    if asked.field("response_mode") not in ("", *MODES):
        raise OAuthRefusal("unsupported_response_mode")
    if not asked.field("state"):
        raise OAuthRefusal("invalid_state")
    if asked.field("prompt") and not set(asked.field("prompt").split()) <= set(PROMPTS):
        raise OAuthRefusal("invalid_prompt", ", ".join(PROMPTS))
    _check_challenge(asked)


def _check_challenge(asked: Asked) -> None:
    challenge = asked.field("code_challenge")
    if not challenge:
        if asked.app["credentials"]["oauthClient"].get("pkce_required"):
            raise OAuthRefusal("pkce_missing_challenge")
        return
    if asked.field("code_challenge_method") != "S256":
        raise OAuthRefusal("pkce_unsupported_code_challenge_method", "S256")
    if not CHALLENGE.fullmatch(challenge):
        raise OAuthRefusal("pkce_invalid_challenge")


def _code(org: Org, asked: Asked, who: SignedOn, scopes: list[str]) -> str:
    client = asked.field("client_id")
    # A client that may not have a refresh token gets none, without a word.
    if "refresh_token" not in asked.app["settings"]["oauthClient"]["grant_types"]:
        scopes = [scope for scope in scopes if scope != "offline_access"]
    check_consent(org, asked.server, asked.app, scopes, machine=False)
    allowed(org, asked.server, client=client, user=who.user, grant="authorization_code", scopes=scopes)
    code = org.ids.word(43)
    org.oauth.codes[digest(code)] = {
        "server": asked.server["id"] if asked.server else "",
        "client": client,
        "user": who.user["id"],
        "redirect": asked.field("redirect_uri"),
        "scopes": scopes,
        "challenge": asked.field("code_challenge"),
        "nonce": asked.field("nonce"),
        "signedOn": who.at.timestamp(),
        "methods": list(who.methods),
        "ends": org.clock.now().timestamp() + LIFE,
        "family": "",
    }
    about = (target("AppInstance", asked.app), target("User", who.user))
    log(org, event(asked.server, "authorize.code"), *about, debug={"requestedScopes": ", ".join(scopes)})
    log(org, "user.authentication.sso", *about, debug={"signOnMode": "OpenID Connect"})
    return code


def sign_in_page(org: Org, hit: Hit) -> Response:
    """Send the browser to the sign-in page, from which it comes back here."""
    path = hit.request.url.partition("://")[2].partition("/")[2]
    reply = Response(302)
    reply.headers["Location"] = f"{org.url}/login/login.htm?fromURI={quote('/' + path, safe='')}"
    return reply


def _back(org: Org, asked: Asked, told: dict[str, str]) -> Response:
    """Send the browser back to its client with an answer, in the mode that was asked for."""
    fields = {"state": asked.field("state"), **told} if asked.field("state") else told
    place, mode = asked.field("redirect_uri"), asked.field("response_mode")
    if mode == "form_post":
        inputs = "".join(f'<input type="hidden" name="{n}" value="{escape(v)}"/>' for n, v in fields.items())
        page = (
            '<html><body onload="document.forms[0].submit()">'
            f'<form method="post" action="{escape(place)}">{inputs}</form></body></html>'
        )
        reply = Response(200, body=page.encode())
        reply.headers["Content-Type"] = "text/html;charset=utf-8"
        return reply
    mark = "#" if mode == "fragment" else "&" if "?" in place else "?"
    reply = Response(302)
    reply.headers["Location"] = f"{place}{mark}{urlencode(fields)}"
    return reply

"""Which calls need no API token: those that users and clients make before or instead of having one."""

import re

from twin.wire import Request

# Clients of authorization servers prove themselves in their own way; a browser brings its session.
OPEN = re.compile(
    r"/\.well-known/.*|/oauth2(/(?!v1/clients)[^/]+)?/(v1/(?!clients).*|\.well-known/.*)|/app/.*/sso/saml"
)
SIGN_IN = re.compile(r"/api/v1/authn(/.*)?")
BROWSER = (
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/me"),
    ("DELETE", "/api/v1/sessions/me"),
    ("POST", "/api/v1/sessions/me/lifecycle/refresh"),
)


def needs_token(request: Request, path: str) -> bool:
    """Tell whether a call must name its API token; who sends one to sign users in is held to it."""
    bare = path.rstrip("/")
    if OPEN.fullmatch(bare):
        return False
    if SIGN_IN.fullmatch(bare) or (request.method, bare) in BROWSER:
        return request.headers.get("Authorization", "").startswith("SSWS")
    return True

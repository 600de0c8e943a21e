"""Which calls need no API token: those that users make before or instead of having one."""

import re

from twin.wire import Request

OPEN = ("/.well-known/okta-organization",)
OPEN_BELOW = ("/api/v1/authn",)
OPEN_CALLS = (
    ("POST", "/api/v1/sessions"),
    ("GET", "/api/v1/sessions/me"),
    ("DELETE", "/api/v1/sessions/me"),
    ("POST", "/api/v1/sessions/me/lifecycle/refresh"),
)


# Clients of authorization servers, and browsers on the way to an app, prove themselves in their own ways.
OAUTH = re.compile(
    r"/\.well-known/.*|/oauth2(/(?!v1/clients)[^/]+)?/(v1/(?!clients).*|\.well-known/.*)|/app/.*/sso/saml"
)


def needs_token(request: Request, path: str) -> bool:
    """Tell whether a call must name its API token; who sends one where none is needed is held to it."""
    bare = path.rstrip("/")
    if OAUTH.fullmatch(bare):
        return False
    is_open = (
        bare in OPEN
        or (request.method, bare) in OPEN_CALLS
        or any(bare == prefix or bare.startswith(f"{prefix}/") for prefix in OPEN_BELOW)
    )
    return not is_open or (bare not in OPEN and request.headers.get("Authorization", "").startswith("SSWS"))

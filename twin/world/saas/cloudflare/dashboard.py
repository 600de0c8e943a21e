"""Cloudflare's dashboard as one sees it who is not signed in: the page that asks for it, wherever one goes."""

from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.wire import Request, Response

HOSTS = ("dash.cloudflare.com", "one.dash.cloudflare.com")
SIGN_IN = "/login"
PAGE = b"<!DOCTYPE html><html><head><title>Log in | Cloudflare</title></head><body></body></html>"


def dashboard(request: Request) -> Response | None:
    """Answer for the dashboard; None for other hosts, and for what only a browser that signs in can do."""
    parts = urlsplit(request.url)
    if parts.hostname not in HOSTS or request.method not in ("GET", "HEAD"):
        return None
    if parts.path != SIGN_IN:
        return Response(302, Headers([("Location", f"https://{parts.hostname}{SIGN_IN}"), ("Server", "cloudflare")]))
    return Response(200, Headers([("Content-Type", "text/html; charset=UTF-8"), ("Server", "cloudflare")]), PAGE)

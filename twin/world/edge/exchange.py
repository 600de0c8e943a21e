"""Between the wire and the edge: a request as the edge sees it, a visit as the client gets it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.semantics.edge import Asked, Visit
from twin.wire import Request, Response
from twin.world.source import LOOPBACK, SOURCE_HEADER

VISITOR_HEADER = "X-Twin-Visitor"
"""What no client can say by itself: `country=SE; asn=64500; colo=ARN; region=WEU; tls=1.2; http=HTTP/3`."""
TEXTS = {
    "country": "country",
    "continent": "continent",
    "colo": "colo",
    "region": "region",
    "tls": "tls",
    "http": "http",
}
DEFAULT_PORTS = (80, 443)
# TLS cannot fail in the middle of an exchange that is on its way: the client gets what a proxy before it would say.
BAD_GATEWAY = 502


def asked_of(request: Request, *, at: float, ray: str, **more: Any) -> Asked:
    """Return a request as it reaches the edge; the visitor's address and place come in two headers of the twin's."""
    parts = urlsplit(request.url)
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in request.headers.items():
        if name.lower() not in (SOURCE_HEADER.lower(), VISITOR_HEADER.lower()):
            headers[name.lower()] = (*headers.get(name.lower(), ()), value)
    port = parts.port or 0
    return Asked(
        host=(parts.hostname or "").lower(),
        path=parts.path or "/",
        query=parts.query,
        method=request.method,
        headers=headers,
        body=request.body,
        scheme=parts.scheme if parts.scheme in ("http", "https") else "https",
        port=0 if port in DEFAULT_PORTS else port,
        ip=request.headers.get(SOURCE_HEADER, LOOPBACK),
        at=at,
        ray=ray,
        **visitor(request.headers.get(VISITOR_HEADER, "")),
        **more,
    )


def visitor(text: str) -> dict[str, Any]:
    """Read where a visitor is and how it connects; parts that nobody knows are left out."""
    given: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.strip().partition("=")
        if sign:
            given[name] = value
    known: dict[str, Any] = {TEXTS[name]: value for name, value in given.items() if name in TEXTS}
    if given.get("asn", "").isdigit():
        known["asn"] = int(given["asn"])
    return known


def response_of(found: Visit) -> Response:
    """Return what the client gets."""
    if found.status == 0:
        text = f"The connection to the site fails: {found.failure}."
        headers = Headers([("Content-Type", "text/plain; charset=UTF-8"), ("X-Twin-Failure", found.failure)])
        return Response(BAD_GATEWAY, headers, text.encode())
    return Response(found.status, Headers(list(_lines(found.headers))), found.body)


def _lines(headers: Mapping[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(name, value) for name, values in headers.items() for value in values]

"""Requests and replies between the world's plain form and moto's."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from moto.core.request import (
    PRESERVED_HEADER_NAMES_ENVIRON_KEY,
    environ_key_for_header,
    should_preserve_original_header_name,
)
from werkzeug.datastructures import Headers

from twin.wire import Request, Response
from twin.world.stores.sent_headers import SentRequest

ACCOUNT_HEADER = "x-moto-account-id"
DROPPED = {"transfer-encoding", "connection", "host", ACCOUNT_HEADER}
# moto's own marks, and what the transport decides.
PRIVATE = {"status", "transfer-encoding", "connection"}

# What moto is told of every request alike.
ALWAYS = {
    "SCRIPT_NAME": "",
    "SERVER_PORT": "443",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "https",
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def to_moto(request: Request, environ: Mapping[str, Any], kept: dict[Any, Any] | None = None) -> SentRequest:
    """Build moto's request, with an environ of its own that moto writes into, and what was `kept` of its equals."""
    return SentRequest({**environ}, request.body, kept)


def environ_of(request: Request, url: str) -> dict[str, Any]:
    """Return what moto is told of a request for a canonical URL, but for its body and its account."""
    parts = urlsplit(url)
    environ: dict[str, Any] = {
        **ALWAYS,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
        "QUERY_STRING": parts.query,
        "RAW_URI": parts.path,
        "REQUEST_URI": parts.path,
        "SERVER_NAME": parts.hostname,
        "HTTP_HOST": parts.netloc,
        "HTTP_X_MOTO_ACCOUNT_ID": "",
    }
    preserved = {}
    for name, value in request.headers:
        key, keeps_name = _environ_key(name)
        if not key:
            continue
        environ[key] = f"{environ[key]},{value}" if key in environ else value
        if keeps_name:
            preserved[key] = name
    environ["CONTENT_LENGTH"] = str(len(request.body))
    environ[PRESERVED_HEADER_NAMES_ENVIRON_KEY] = preserved
    return environ


@lru_cache(4096)
def _environ_key(name: str) -> tuple[str, bool]:
    """Return under which key WSGI has a header, "" when it is not passed on, and whether its own spelling is kept."""
    if name.lower() in DROPPED:
        return "", False
    return environ_key_for_header(name), should_preserve_original_header_name(name)


def from_moto(answer: tuple[int, Any, Any], *, head: bool) -> Response:
    """Read moto's reply; Content-Length is true except for HEAD, where it speaks of the body not sent."""
    status, fields, body = answer
    if isinstance(body, str):
        body = body.encode()
    elif body is None:
        body = b""
    elif not isinstance(body, bytes):
        body = b"".join(part.encode() if isinstance(part, str) else part for part in body)
    headers = Answered(
        (name, value if value.__class__ is str else value.decode() if isinstance(value, bytes) else str(value))
        for name, value in (fields.items() if hasattr(fields, "items") else fields)
        if (kind := _kind(name)) != "private" and (head or kind != "length")
    )
    return Response(int(status), headers, b"" if head else body)


@lru_cache(4096)
def _kind(name: str) -> Literal["private", "length", "told"]:
    name = name.lower()
    return "private" if name in PRIVATE else "length" if name == "content-length" else "told"


class Answered(Headers):
    """The headers of a reply, put in at once."""

    def __init__(self, told: Iterable[tuple[str, str]]) -> None:
        self._list = list(told)
        for name, value in self._list:
            if "\n" in value or "\r" in value:
                raise ValueError(f"the header {name} has more than one line")

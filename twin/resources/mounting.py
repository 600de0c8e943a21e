"""Sends what vendors' clients send into a mounted world instead of the network."""

import io
from collections.abc import Iterator, Mapping
from typing import Any

import requests
from botocore.awsrequest import AWSPreparedRequest, AWSResponse, HeadersDict
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.datastructures import Headers

from twin.wire import Handle, Request, Response


def mount_botocore(events: Any, handle: Handle) -> None:
    """Send a botocore session's or client's requests into `handle` instead of the network."""
    events.register("before-send", lambda request, **_: botocore_reply(request, handle(botocore_request(request))))


def botocore_request(request: AWSPreparedRequest) -> Request:
    """Return botocore's request as the world takes it."""
    return Request(request.method, request.url, _headers(request.headers), _body(request.body))


def botocore_reply(request: AWSPreparedRequest, reply: Response) -> AWSResponse:
    """Return the world's reply as botocore takes it."""
    headers: dict[str, str] = {}
    for name, value in reply.headers:
        headers.setdefault(name, value)
    return _Answer(request.url, reply.status, Replied(headers), _Raw(reply.body))


class _Answer(AWSResponse):  # type: ignore[misc]
    """A reply with the headers that it is given, which botocore copies."""

    def __init__(self, url: str, status_code: int, headers: HeadersDict, raw: Any) -> None:
        self.url, self.status_code, self.headers, self.raw = url, status_code, headers, raw
        self._content = None


class Replied(HeadersDict):  # type: ignore[misc]
    """Headers in which botocore, which looks for each that an operation may have, finds one in one step."""

    def __init__(self, headers: dict[str, str]) -> None:
        self._names: dict[str, str] = {}
        self._dict: dict[str, Any] = {}
        for name, value in headers.items():
            key = name.lower()
            self._names.setdefault(key, name)
            self._dict[key] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self._names.setdefault(key.lower(), key)
        self._dict[key.lower()] = value

    def __getitem__(self, key: str) -> Any:
        return self._dict[key.lower()]

    def __delitem__(self, key: str) -> None:
        del self._dict[key.lower()], self._names[key.lower()]

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and key.lower() in self._dict

    def __iter__(self) -> Iterator[str]:
        return iter(self._names.values())

    @property
    def by_name(self) -> Mapping[str, Any]:
        """The headers by their names in small letters."""
        return self._dict

    def copy(self) -> HeadersDict:
        """Return the same headers, to be changed apart."""
        return Replied(dict(self))


class _Raw(io.BytesIO):
    """A body that botocore can stream."""

    def stream(self, amt: int = 2**16, **_: Any) -> Any:
        """Yield the body in pieces."""
        while piece := self.read(amt):
            yield piece


class MountedAdapter(BaseAdapter):
    """Sends a `requests` session's requests into `handle` instead of the network."""

    def __init__(self, handle: Handle) -> None:
        super().__init__()
        self.handle = handle

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Answer a prepared request from the mounted world."""
        assert request.method is not None
        assert request.url is not None
        reply = self.handle(Request(request.method, request.url, _headers(request.headers), _body(request.body)))
        return _requests_reply(request, reply)

    def close(self) -> None:
        """Hold nothing open."""


def _requests_reply(request: requests.PreparedRequest, reply: Response) -> requests.Response:
    adapter = requests.adapters.HTTPAdapter()
    raw = HTTPResponse(
        io.BytesIO(reply.body), headers=HTTPHeaderDict(list(reply.headers)), status=reply.status, preload_content=False
    )
    return adapter.build_response(request, raw)


def _headers(headers: Mapping[str, Any]) -> Headers:
    return Headers([(name, _text(value)) for name, value in headers.items()])


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _body(body: Any) -> bytes:
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if isinstance(body, bytes | bytearray):
        return bytes(body)
    data = body.read()
    return data if isinstance(data, bytes) else str(data).encode()

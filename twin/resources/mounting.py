"""Sends what vendors' clients send into a mounted world instead of the network."""

import io
from collections.abc import Mapping
from typing import Any

import requests
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from requests.adapters import BaseAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from werkzeug.datastructures import Headers

from twin.resources.aws.replied import received
from twin.wire import Handle, Request, Response


def mount_botocore(events: Any, handle: Handle) -> None:
    """Send a botocore session's or client's requests into `handle` instead of the network."""
    events.register("before-send", lambda request, **_: botocore_reply(request, handle(botocore_request(request))))


def botocore_request(request: AWSPreparedRequest) -> Request:
    """Return botocore's request as the world takes it."""
    return Request(request.method, request.url, _headers(request.headers), _body(request.body))


def botocore_reply(request: AWSPreparedRequest, reply: Response) -> AWSResponse:
    """Return the world's reply as botocore takes it."""
    return received(request.url, reply.status, reply.headers, reply.body)


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

"""An AWS refusal and its form in each of AWS's wire protocols."""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal
from xml.sax.saxutils import escape

from werkzeug.datastructures import Headers

from twin.wire import Response

Protocol = Literal["query", "ec2", "json", "rest-json", "rest-xml", "s3", "cbor"]

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "route53": "https://route53.amazonaws.com/doc/2013-04-01/",
}


NONE: Mapping[str, str] = MappingProxyType({})


class AwsError(Exception):
    """What AWS answers instead of a result: a code, a message, an HTTP status, with headers besides."""

    def __init__(self, code: str, message: str, status: int = 400, headers: Mapping[str, str] = NONE) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.headers = headers


def render(error: AwsError, *, protocol: Protocol, service: str, request_id: str) -> Response:
    """Write an error as the protocol wants it, so that every AWS client reads the same code from it."""
    body, content_type = _body(error, protocol, service, request_id)
    headers = Headers([("Content-Type", content_type), ("x-amzn-RequestId", request_id)])
    if protocol in ("json", "rest-json", "cbor"):
        headers["X-Amzn-ErrorType"] = error.code
    if protocol == "cbor":
        headers["smithy-protocol"] = "rpc-v2-cbor"
    if protocol == "s3":
        headers["x-amz-request-id"] = request_id
    headers.extend(error.headers)
    return Response(error.status, headers, body)


def _body(error: AwsError, protocol: Protocol, service: str, request_id: str) -> tuple[bytes, str]:
    code, message = escape(error.code), escape(error.message)
    if protocol in ("json", "rest-json"):
        version = "application/json" if protocol == "rest-json" else "application/x-amz-json-1.1"
        return json.dumps({"__type": error.code, "message": error.message}).encode(), version
    if protocol == "cbor":
        return _cbor_map({"__type": error.code, "message": error.message}), "application/cbor"
    if protocol == "s3":
        text = f"<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId></Error>"
    elif protocol == "ec2":
        inner = f"<Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
        text = f"<Response>{inner}<RequestID>{request_id}</RequestID></Response>"
    else:
        namespace = f' xmlns="{NAMESPACES[service]}"' if service in NAMESPACES else ""
        whose = "Sender" if error.status < 500 else "Receiver"
        inner = f"<Error><Type>{whose}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
        text = f"<ErrorResponse{namespace}>{inner}<RequestId>{request_id}</RequestId></ErrorResponse>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode(), "text/xml"


def _cbor_map(pairs: dict[str, str]) -> bytes:
    items = b"".join(_cbor_text(key) + _cbor_text(value) for key, value in pairs.items())
    return bytes([0xA0 | len(pairs)]) + items


def _cbor_text(text: str) -> bytes:
    data = text.encode()
    if len(data) < 24:
        return bytes([0x60 | len(data)]) + data
    return b"\x79" + min(len(data), 0xFFFF).to_bytes(2, "big") + data[:0xFFFF]

"""Which operation of which service a request asks for, and in which protocol."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

from twin.wire import Request
from twin.world.aws_errors import Protocol
from twin.world.stores.rest_routes import routed
from twin.world.stores.sent_headers import FORMS

FORM = "application/x-www-form-urlencoded"
ACTION = re.compile(rb"(?:^|[&?])Action=(\w+)")
VERSION = re.compile(rb"(?:^|[&?])Version=([\w.-]+)")
REMEMBERED = 4096
SHORT = 1024
"""Bytes of a body that is parsed once for all that are equal."""
_LABELS: dict[tuple[str, str, str, str], Mapping[str, Any]] = {}
CBOR_PATH = re.compile(r"/service/(?P<service>\w+)/operation/(?P<operation>\w+)$")


def parameter(request: Request, pattern: re.Pattern[bytes]) -> str:
    """Return a top-level parameter of the Query protocol, from the body or else the URL; "" when absent."""
    if request.headers.get("Content-Type", "").startswith(FORM) and (found := pattern.search(request.body)):
        return found[1].decode()
    found = pattern.search(request.url.encode())
    return found[1].decode() if found else ""


def protocol_of(request: Request, service: str) -> Protocol:
    """Tell the protocol of a request, from the request first and from the service's model where it must."""
    headers = request.headers
    if service == "s3":
        return "s3"
    if service == "ec2":
        return "ec2"
    if "X-Amz-Target" in headers:
        return "json"
    if headers.get("Smithy-Protocol") == "rpc-v2-cbor":
        return "cbor"
    if headers.get("Content-Type", "").startswith(FORM) or parameter(request, ACTION):
        return "query"
    return "rest-xml" if _model_protocol(service) == "rest-xml" else "rest-json"


@cache
def _operation_model(service: str, operation: str) -> Any:
    # botocore builds it anew for each request, which takes longer than to parse most calls.
    return get_service_model(service).operation_model(operation)


@cache
def _model_protocol(service: str) -> str:
    try:
        return str(get_service_model(service).protocol)
    except UnknownServiceError:
        return ""


def operation_of(request: Request, moto_request: MotoRequest, *, service: str, protocol: Protocol) -> str:
    """Name the operation as the service's model does; `GET /path` when the model has none for it."""
    if protocol == "json":
        return request.headers["X-Amz-Target"].rpartition(".")[2]
    if protocol == "cbor":
        found = CBOR_PATH.search(moto_request.path)
        return found["operation"] if found else f"{request.method} {moto_request.path}"
    if protocol in ("query", "ec2"):
        return parameter(request, ACTION)
    return routed(moto_request, service) or f"{request.method} {moto_request.path}"


def _labels(service: str, moto_request: MotoRequest) -> Mapping[str, Any]:
    """Return what a REST request names in its path and host, which is looked up once for each."""
    environ = moto_request.environ
    place = (service, str(environ["REQUEST_METHOD"]), str(environ["HTTP_HOST"]), str(environ["RAW_URI"]))
    known = _LABELS.get(place)
    if known is None:
        if len(_LABELS) >= REMEMBERED:
            _LABELS.clear()
        _, known = get_service_router(service).match(moto_request)
        _LABELS[place] = known
    return known


def parse_json(body: bytes, service: str, operation: str) -> dict[str, Any]:
    """Return the parameters of a call of the JSON protocol, which are all in its body; each caller has its own."""
    if len(body) > SHORT:
        return _parsed_json.__wrapped__(body, service, operation)
    return {name: _own(value) for name, value in _parsed_json(body, service, operation).items()}


def _own(value: Any) -> Any:
    """Copy what may be changed of parameters; what they hold besides is plain."""
    if value.__class__ is dict:
        return {name: _own(one) for name, one in value.items()}
    return [_own(one) for one in value] if value.__class__ is list else value


@lru_cache(1024)
def _parsed_json(body: bytes, service: str, operation: str) -> dict[str, Any]:
    parser: Any = PROTOCOL_PARSERS["json"](_operation_model(service, operation), map_type=dict)
    return dict(parser.parse({"body": body}))


def parse_parameters(moto_request: MotoRequest, service: str, operation: str) -> dict[str, Any]:
    """Return the parameters of a call, typed by the service's model."""
    model = get_service_model(service)
    kind = determine_request_protocol(model, moto_request.content_type)
    if kind == "json":
        return parse_json(moto_request.data, service, operation)
    rest = kind.startswith("rest")
    labels = dict(_labels(service, moto_request)) if rest else {}
    parser = PROTOCOL_PARSERS[kind](_operation_model(service, operation), map_type=dict)
    parsed = parser.parse(
        {
            "method": moto_request.method,
            # Only a form has values in its body; of any other the URL alone tells them.
            "values": moto_request.values if moto_request.mimetype in FORMS else moto_request.args,
            "headers": moto_request.headers,
            "body": moto_request.data,
            "url_path": moto_request.path,
            "url_params": labels,
        }
    )
    return dict(parsed)

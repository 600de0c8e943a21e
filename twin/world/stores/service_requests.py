"""A call by a service of AWS as a request, which no client has made."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from botocore.awsrequest import create_request_object, prepare_request_dict
from botocore.serialize import create_serializer
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers

from twin.wire import Request
from twin.world.stores.moto_routes import canonical_url

QUOTED = {place: quote_plus(chr(place)) for place in range(128)}
UNREAD = "smithy-rpc-v2-cbor"
LOOPBACK = "http://127.0.0.1"


def service_request(service: str, operation: str, params: Mapping[str, Any], *, region: str, agent: str) -> Request:
    """Serialise a call as botocore does, unsigned, to AWS's own host; OperationNotFoundError when there is none."""
    model = get_service_model(service)
    serializer = create_serializer(_protocol(model), include_validation=True)
    written = serializer.serialize_to_request(dict(params), model.operation_model(operation))
    prepare_request_dict(written, endpoint_url=LOOPBACK, user_agent=agent)
    if isinstance(form := written["body"], dict):
        written["body"] = "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in form.items()])
    prepared = create_request_object(written).prepare()
    headers = Headers([(n, v.decode() if isinstance(v, bytes) else str(v)) for n, v in prepared.headers.items()])
    url = canonical_url(prepared.url, service=model.signing_name, region=region, target=headers.get("X-Amz-Target", ""))
    body = prepared.body or b""
    body = body.read() if hasattr(body, "read") else body
    return Request(prepared.method, url, headers, body.encode() if isinstance(body, str) else bytes(body))


def _protocol(model: Any) -> str:
    """Return the first of a service's protocols that the store reads."""
    offered = model.metadata.get("protocols") or [model.protocol]
    return str(next(name for name in offered if name != UNREAD))


def _quoted(value: Any) -> str:
    """Quote a form's value as `urlencode` does, whose way through a long message is one call for each byte."""
    if isinstance(value, str) and value.isascii():
        return value.translate(QUOTED)
    return quote_plus(value if isinstance(value, str | bytes) else str(value))

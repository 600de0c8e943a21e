"""Writes a result of the world's own as the service's model and protocol want it."""

from typing import Any

from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers

from twin.wire import Response
from twin.world.aws_call import Call


def serialise(result: dict[str, Any], call: Call, request_id: str) -> Response:
    """Serialise a result to the wire."""
    model = get_service_model(call.service)
    protocol = determine_request_protocol(model, call.request.headers.get("Content-Type", ""))
    writer = get_serializer_class(call.service, protocol)
    written = writer(model.operation_model(call.operation), SerializationContext(request_id)).serialize(result)
    body = written["body"]
    headers = Headers([*written["headers"].items(), ("x-amzn-RequestId", request_id)])
    return Response(written["status_code"], headers, body.encode() if isinstance(body, str) else body)

"""Writes a result of the world's own as the service's model and protocol want it."""

from typing import Any

from botocore.awsrequest import HeadersDict
from botocore.parsers import create_parser
from moto.core.request import determine_request_protocol
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers

from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.aws_errors import Protocol

PARSERS: dict[Protocol, str] = {"s3": "rest-xml", "cbor": "smithy-rpc-v2-cbor"}


def parse_reply(operation: Any, protocol: Protocol, reply: Response) -> dict[str, Any]:
    """Return a reply as botocore reads it for an operation's model, errors as their `Error`."""
    parser = create_parser(PARSERS.get(protocol, protocol))
    told = {"status_code": reply.status, "headers": HeadersDict(dict(reply.headers)), "body": reply.body}
    found: dict[str, Any] = parser.parse(told, operation.output_shape)
    return found


def parse_result(call: Call, reply: Response) -> dict[str, Any]:
    """Return the result that a reply to a call holds, without its metadata."""
    found = parse_reply(get_service_model(call.service).operation_model(call.operation), call.protocol, reply)
    found.pop("ResponseMetadata", None)
    return found


def serialise(result: dict[str, Any], call: Call, request_id: str) -> Response:
    """Serialise a result to the wire."""
    model = get_service_model(call.service)
    protocol = determine_request_protocol(model, call.request.headers.get("Content-Type", ""))
    writer = get_serializer_class(call.service, protocol)
    written = writer(model.operation_model(call.operation), SerializationContext(request_id)).serialize(result)
    body = written["body"] or b""
    headers = Headers([*written["headers"].items(), ("x-amzn-RequestId", request_id)])
    shape = model.operation_model(call.operation).output_shape
    told = (
        (name for name, one in shape.members.items() if one.serialization.get("location") == "statusCode")
        if shape
        else ()
    )
    status = next((result[name] for name in told if name in result), written["status_code"])
    return Response(status, headers, body.encode() if isinstance(body, str) else body)

"""Typed calls to LocalStack by the twin itself, written and read by botocore's models of the services."""

from functools import cache
from typing import Any
from urllib.parse import urlencode

from botocore.model import ServiceModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.utils import get_service_model

from twin.wire import Response
from twin.world.aws_errors import AwsError
from twin.world.stores.localstack_connection import LocalStackConnection

FORM = "application/x-www-form-urlencoded; charset=utf-8"
# LocalStack reads account, Region and service from the scope; it checks no signature.
UNCHECKED = "0" * 64
SCOPE_DAY = "20260101"
DOWN = "TwinStoreUnreachable"
NEXT = "NextToken"


class LocalStackApi:
    """Calls operations of LocalStack in an account and a Region; a refusal is raised with the service's own code."""

    def __init__(self, connection: LocalStackConnection) -> None:
        self.connection = connection

    def call(self, service: str, operation: str, params: dict[str, Any], *, account: str, region: str) -> Any:
        """Call an operation and return its result; AwsError when it is refused."""
        model = get_service_model(service)
        operation_model = model.operation_model(operation)
        protocol = model.resolved_protocol
        wire = create_serializer(protocol, False).serialize_to_request(params, operation_model)
        query = f"?{urlencode(wire['query_string'])}" if wire["query_string"] else ""
        body = wire["body"]
        headers = {**wire["headers"], "Authorization": authorization(account, region, model.signing_name)}
        if isinstance(body, dict):
            body, headers["Content-Type"] = urlencode(body), FORM
        reply = self.send(wire["method"], f"{wire['url_path']}{query}", headers, _bytes(body))
        read = {"status_code": reply.status, "headers": dict(reply.headers.items()), "body": reply.body}
        told: Any = _parser(protocol).parse(read, operation_model.output_shape)
        if reply.status >= 300:
            error = told.get("Error", {})
            raise AwsError(error.get("Code") or "Unknown", error.get("Message") or "", reply.status)
        return told

    def pages(self, service: str, operation: str, params: dict[str, Any], *, account: str, region: str) -> Any:
        """Yield the replies to an operation until one names no next page."""
        while True:
            reply = self.call(service, operation, params, account=account, region=region)
            yield reply
            if not reply.get(NEXT):
                return
            params = {**params, NEXT: reply[NEXT]}

    def send(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """Send a request to LocalStack; a typed refusal when nobody answers there."""
        fields = [("Host", self.connection.netloc), *headers.items(), ("Content-Length", str(len(body)))]
        try:
            return self.connection.send(method, target, fields, body)
        except OSError as silent:
            raise AwsError(DOWN, f"The twin's other store does not answer: {silent}", 400) from silent


def authorization(account: str, region: str, service: str) -> str:
    """Return the header by which LocalStack knows whose call it is, and of which service."""
    scope = f"{account}/{SCOPE_DAY}/{region}/{service}/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={UNCHECKED}"


def signing_name(service: str) -> str:
    """Return the name under which a service signs."""
    model: ServiceModel = get_service_model(service)
    return str(model.signing_name)


@cache
def _parser(protocol: str) -> Any:
    return create_parser(protocol)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else bytes(body)

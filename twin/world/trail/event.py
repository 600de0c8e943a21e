"""A call as a CloudTrail event.

https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
"""

from functools import cache, lru_cache
from typing import Any

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationModel, OperationNotFoundError
from botocore.parsers import ResponseParserError
from moto.core.utils import get_service_model
from werkzeug.datastructures import Headers

from twin.wire import Request, Response
from twin.world.stores.moto_requests import environ_of, to_moto
from twin.world.stores.operations import parse_json, parse_parameters
from twin.world.stores.results import parse_reply
from twin.world.trail.elements import elements
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import FACTS, answered, data_type, event_name, event_region, event_source, read_only
from twin.world.trail.resources import resources_of
from twin.world.trail.s3_elements import s3_answered, s3_asked

# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/query-api-troubleshooting.html: the trail tells whose fault an
# error of EC2 is; of too many requests it is the caller's, though the status is 503.
CALLERS_FAULT = ("RequestLimitExceeded",)
# A call whose parameters cannot be read was refused for that; its event has none.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)


def event_of(entry: Witnessed, event_id: str, shared_id: str | None = None) -> dict[str, Any]:
    """Return the event of a call, with its fields in CloudTrail's order; `shared_id` where two accounts have one."""
    model = operation_model(entry.service, entry.operation)
    category = "Data" if data_type(entry.service, entry.operation) else "Management"
    event: dict[str, Any] = {
        "eventVersion": FACTS["event_version"],
        "userIdentity": entry.identity,
        "eventTime": entry.time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event_source(entry.service) if model else f"{entry.service}.amazonaws.com",
        "eventName": event_name(entry.service, entry.operation),
        "awsRegion": event_region(entry.service, entry.region),
        "sourceIPAddress": entry.source,
        "userAgent": next((value for name, value in entry.headers if name.lower() == "user-agent"), ""),
    }
    if entry.identity["type"] == "AWSService":
        event["userAgent"] = entry.identity["invokedBy"]
    result = _result(entry, model)
    if (error := _error(entry, result)) is not None:
        event["errorCode"], event["errorMessage"] = error
    event["requestParameters"] = _asked(entry, model)
    event["responseElements"] = None if error else _answered(entry, model, result)
    event |= {"requestID": entry.request_id, "eventID": event_id}
    event["readOnly"] = read_only(entry.service, entry.operation)
    if resources := resources_of(entry, event):
        event["resources"] = resources
    return event | {
        "eventType": "AwsApiCall",
        "managementEvent": category == "Management",
        "recipientAccountId": entry.account,
        **({"sharedEventID": shared_id} if shared_id else {}),
        "eventCategory": category,
    }


@cache
def operation_model(service: str, operation: str) -> OperationModel | None:
    """Return the model of an operation; None when botocore has none."""
    try:
        return get_service_model(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError):
        return None


def _asked(entry: Witnessed, model: OperationModel | None) -> dict[str, Any] | None:
    if model is None or entry.body is None:
        return None
    if entry.service == "s3" and data_type("s3", entry.operation):
        return s3_asked(entry, {})
    if entry.protocol == "json":
        return _asked_in_json(entry.service, entry.operation, entry.body)
    request = Request(entry.method, entry.url, Headers(entry.headers), entry.body.encode("latin-1"))
    try:
        parsed = parse_parameters(to_moto(request, environ_of(request, entry.url)), entry.service, entry.operation)
    except UNREADABLE:
        return None
    if entry.service == "s3":
        return s3_asked(entry, parsed)
    return elements(entry.service).asked(parsed, model.input_shape)


# The body is all that such a call asks, and who waits for something asks the same again and again.
@lru_cache(1024)
def _asked_in_json(service: str, operation: str, body: str) -> dict[str, Any] | None:
    model = operation_model(service, operation)
    try:
        parsed = parse_json(body.encode("latin-1"), service, operation)
    except UNREADABLE:
        return None
    return elements(service).asked(parsed, model.input_shape if model else None)


def _result(entry: Witnessed, model: OperationModel | None) -> dict[str, Any]:
    if model is None or entry.reply is None or (entry.service == "s3" and entry.status < 400):
        return {}
    reply = Response(entry.status, Headers(entry.reply_headers), entry.reply.encode("latin-1"))
    try:
        return parse_reply(model, entry.protocol, reply)
    except ResponseParserError:
        return {}


def _error(entry: Witnessed, result: dict[str, Any]) -> tuple[str, str] | None:
    if entry.error is None and entry.status < 400:
        return None
    told = result.get("Error", {})
    code, message = entry.error or (str(told.get("Code") or entry.status), str(told.get("Message") or ""))
    if entry.service == "ec2":
        code = f"{'Server' if entry.status >= 500 and code not in CALLERS_FAULT else 'Client'}.{code}"
    return code, message


def _answered(entry: Witnessed, model: OperationModel | None, result: dict[str, Any]) -> dict[str, Any] | None:
    if model is None or not answered(entry.service, entry.operation):
        return None
    if entry.service == "s3":
        return s3_answered(entry)
    told = elements(entry.service).answered(result, model.output_shape)
    if entry.service == "ec2" and told is not None:
        return {"requestId": entry.request_id} | told
    return told

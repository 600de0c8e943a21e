"""Sends a call that a mounted world had before as it was sent then: prepared and signed once.

Nothing of it but its date would be another: a world does not judge when a request was signed.
"""

import marshal
from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.endpoint import convert_to_response_dict
from botocore.httpchecksum import handle_checksum_body
from botocore.model import OperationModel

from twin.resources.aws.rest_replies import read_what_came
from twin.resources.call import Call
from twin.resources.mounting import botocore_reply, botocore_request
from twin.wire import Handle, Request, Response

KEPT = 512
LARGEST = 16_384
"""Bytes of a body that is kept."""
TRIES = ("RetryAttempts", "MaxAttemptsReached")
"""What botocore tells about its own tries, beside what the reply tells."""


@dataclass(slots=True)
class Sent:
    """A request as it went out, and how often, with what botocore knew about it."""

    times: int = 0
    prepared: AWSPreparedRequest | None = None
    request: Request | None = None
    model: OperationModel | None = None
    context: dict[str, Any] | None = None
    tries: dict[str, Any] = field(default_factory=dict)


SENDING: ContextVar[Sent | None] = ContextVar("sending", default=None)
ANSWERED: ContextVar[Response | None] = ContextVar("answered", default=None)


class Repeats:
    """What the clients of one session sent into a world, by who asked what; the oldest is forgotten first."""

    def __init__(self, events: Any, handle: Handle) -> None:
        self._handle = handle
        self._sent: dict[Hashable, Sent] = {}
        events.register("before-call", self._built)
        events.register("before-send", self._reply)

    def make(self, client: Any, call: Call, signer: Credentials | None) -> Any:
        """Make a call and return its decoded reply, as `client` alone would."""
        key = _key(client, call, signer)
        known = self._sent.get(key) if key is not None else None
        if known is not None:
            return self._again(client, call, known)
        sent = Sent()
        told = SENDING.set(sent)
        try:
            reply = client._make_api_call(call.operation, dict(call.params))
        finally:
            SENDING.reset(told)
        if key is not None and _repeatable(sent):
            metadata = reply["ResponseMetadata"]
            sent.tries = {name: metadata[name] for name in TRIES if name in metadata}
            if len(self._sent) >= KEPT:
                self._sent.pop(next(iter(self._sent)), None)
            self._sent[key] = sent
        return reply

    def _again(self, client: Any, call: Call, sent: Sent) -> Any:
        assert sent.request is not None
        reply = self._handle(sent.request)
        if reply.status < 300 and (parsed := _read(client, sent, reply)) is not None:
            return parsed
        # What botocore makes of a refusal depends on more than the reply: it begins anew, and finds this one.
        answered = ANSWERED.set(reply)
        try:
            return client._make_api_call(call.operation, dict(call.params))
        finally:
            ANSWERED.reset(answered)

    def _built(self, model: OperationModel, context: dict[str, Any], **_: Any) -> None:
        if (sent := SENDING.get()) is not None:
            sent.model, sent.context = model, dict(context)

    def _reply(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        if (reply := ANSWERED.get()) is not None:
            ANSWERED.set(None)
            return botocore_reply(request, reply)
        wire = botocore_request(request)
        if (sent := SENDING.get()) is not None:
            sent.times, sent.prepared, sent.request = sent.times + 1, request, wire
        return botocore_reply(request, self._handle(wire))


def _read(client: Any, sent: Sent, reply: Response) -> Any:
    """Read a reply as `client` reads that of a call which it has just sent; None for an error that came with 200."""
    assert sent.prepared is not None
    assert sent.model is not None
    model, context, events = sent.model, dict(sent.context or {}), client.meta.events
    name = f"{model.service_model.service_id.hyphenize()}.{model.name}"
    http = botocore_reply(sent.prepared, reply)
    told = convert_to_response_dict(http, model)
    handle_checksum_body(http, told, context, model)
    more: dict[str, Any] = {}
    events.emit(f"before-parse.{name}", operation_model=model, response_dict=told, customized_response_dict=more)
    read_what_came(client._response_parser)
    parsed = client._response_parser.parse(told, model.output_shape) | more
    if parsed["ResponseMetadata"]["HTTPStatusCode"] >= 300:
        return None
    parsed["ResponseMetadata"] |= sent.tries
    events.emit(f"after-call.{name}", http_response=http, parsed=parsed, model=model, context=context)
    return parsed


def _key(client: Any, call: Call, signer: Credentials | None) -> Hashable:
    """Return what tells a call from others; None for one whose parameters are not plain data."""
    try:
        asked = marshal.dumps(dict(call.params), 2)
    except ValueError:
        return None
    who = (signer.access_key, signer.secret_key, signer.token) if signer is not None else None
    return id(client), call.operation, asked, who


def _repeatable(sent: Sent) -> bool:
    """Tell whether a call was sent once, and with nothing in it that is new each time."""
    if sent.times != 1 or sent.model is None or sent.request is None or sent.model.idempotent_members:
        return False
    return len(sent.request.body) <= LARGEST

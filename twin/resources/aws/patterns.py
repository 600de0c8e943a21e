"""Sends the reads of a served twin after the pattern of an earlier one: what botocore works out anew each time, once.

botocore makes the first call of each operation. A later one differs from it in its parameters, its instant and its
signature: its parameters are checked and written, and its reply is read, by botocore's own serializer and parser.
What does not succeed at once is botocore's again, from the start. A run that keeps a transcript of its reads has the
first calls carried here too, as botocore has written them.
"""

import re
from collections.abc import Hashable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.model import OperationModel

from twin.resources.aws.read_request import ReadRequest, now
from twin.resources.aws.received import parsed
from twin.resources.aws.replied import received
from twin.resources.aws.transcript import Transcript
from twin.resources.call import Call
from twin.resources.wire_client import Broken, WireClient

READS = ("Describe", "Get", "List")
PROTOCOLS = frozenset({"ec2", "json", "query"})
"""Protocols whose calls are all posted to one path."""
FRESH = frozenset(
    {
        "amz-sdk-invocation-id", "amz-sdk-request", "authorization", "content-length", "host", "x-amz-date",
        "x-amz-security-token",
    }
)  # fmt: skip
"""Headers that are new in each request, or written here."""
SCOPE_PARTS = 5
"""Key, day, Region, service and the end word."""
ABSENT = 404
PLAIN = re.compile(r"[a-z0-9.-]{3,63}")


@dataclass(slots=True)
class Sent:
    """What botocore made of a call."""

    signer: Credentials
    prepared: AWSPreparedRequest | None = None
    model: OperationModel | None = None
    context: dict[str, Any] | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """What all calls of an operation have in common; a bucket's name, where they take one alone, is not in it."""

    model: OperationModel
    context: dict[str, Any]
    like: ReadRequest
    of_bucket: bool = False


SENDING: ContextVar[Sent | None] = ContextVar("sending", default=None)
ANSWERED: ContextVar[AWSResponse | None] = ContextVar("answered", default=None)


class Patterns:
    """The operations that one session's clients called, and what their calls look like."""

    def __init__(self, events: Any, url: str, transcript: Transcript | None = None) -> None:
        self._url = url
        self._wire = WireClient.at(url)
        self._transcript = transcript
        if transcript is not None:
            transcript.url = url
        self._known: dict[Hashable, Pattern | None] = {}
        events.register("before-call", _built)
        events.register("before-send", self._sent)

    def make(self, client: Any, call: Call, signer: Credentials) -> Any:
        """Make a call and return its decoded reply, as `client` alone would."""
        if not call.operation.startswith(READS):
            return client._make_api_call(call.operation, dict(call.params))
        key = id(client), call.operation
        pattern = self._known.get(key)
        if pattern is not None:
            return self._after(pattern, client, call, signer)
        sent = Sent(signer)
        told = SENDING.set(sent)
        try:
            return client._make_api_call(call.operation, dict(call.params))
        finally:
            SENDING.reset(told)
            # A call that was not sent, or more than once, tells nothing of how others of its operation are.
            if key not in self._known and sent.times == 1:
                self._known[key] = _pattern(client, call, sent)

    def _after(self, pattern: Pattern, client: Any, call: Call, signer: Credentials) -> Any:
        params = dict(call.params)
        if not pattern.of_bucket:
            read = replace(pattern.like, body=_body(client, pattern.model, params))
        elif _bucket_alone(params):
            read = replace(pattern.like, path=f"/{params['Bucket']}")
        else:
            return client._make_api_call(call.operation, params)
        reply = self._exchanged(read, signer)
        if reply is None:  # a read may be sent again
            return client._make_api_call(call.operation, params)
        if reply.status_code < 300 or reply.status_code == ABSENT:
            found = parsed(client, pattern.model, pattern.context, reply, final=ABSENT)
            if found is not None:
                return found
        told = ANSWERED.set(reply)
        try:
            return client._make_api_call(call.operation, params)
        finally:
            ANSWERED.reset(told)

    def _exchanged(self, read: ReadRequest, signer: Credentials) -> AWSResponse | None:
        """Return the reply to a read as botocore takes it; None when none came that is understood here."""
        try:
            if self._transcript is None:
                answer = self._wire.exchange(read.signed(signer, now()))
            else:
                answer = self._transcript.exchange(read, signer, wire=self._wire, now=now)
        except Broken:
            return None
        return received(f"{self._url}{read.path}", answer.status, answer.headers, answer.body)

    def _sent(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
        """Carry a first call for the transcript, which lacks what goes as botocore sends it."""
        if (reply := ANSWERED.get()) is not None:
            ANSWERED.set(None)
            return reply
        sent = SENDING.get()
        if sent is not None:
            sent.prepared, sent.times = request, sent.times + 1
        if self._transcript is None:
            return None
        if sent is not None and sent.times == 1:
            read = _read_request(request, sent.signer)
            if read is not None and (reply := self._exchanged(read, sent.signer)) is not None:
                return reply
        self._transcript.miss()
        return None


def _built(model: OperationModel, context: dict[str, Any], **_: Any) -> None:
    if (sent := SENDING.get()) is not None:
        sent.model, sent.context = model, dict(context)


def _read_request(request: AWSPreparedRequest, signer: Credentials) -> ReadRequest | None:
    """Return what is written down of a request; None for one that would not be signed as botocore has signed it."""
    place = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    told = headers.get("authorization", "")
    scope = told.partition("Credential=")[2].partition(",")[0].split("/")
    if len(scope) != SCOPE_PARTS or not isinstance(request.body, bytes | str | None):
        return None
    fixed = {"host": place.netloc, **{n: v for n, v in headers.items() if n not in FRESH}}
    read = ReadRequest(
        request.method, place.path or "/", place.query, tuple(sorted(fixed.items())), "/".join(scope[2:4]),
        _bytes(request.body),
    )  # fmt: skip
    signed = told.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    headers["host"] = place.netloc
    again = read.authorization([(n, headers.get(n, "")) for n in signed], signer, headers.get("x-amz-date", ""))
    return read if again == told else None


def _pattern(client: Any, call: Call, sent: Sent) -> Pattern | None:
    """Return what a call has in common with others of its operation; None when more than that is in it."""
    request, model = sent.prepared, sent.model
    if request is None or model is None or model.idempotent_members:
        return None
    like = _read_request(request, sent.signer)
    if like is None:
        return None
    params, service = dict(call.params), client.meta.service_model
    of_bucket = service.service_name == "s3"
    if of_bucket:
        usual = like.method == "GET" and _bucket_alone(params) and like.path == f"/{params['Bucket']}"
    else:
        usual = service.resolved_protocol in PROTOCOLS and like.method == "POST"
        usual = usual and like.path == "/" and not like.query
        # Whatever botocore's own hooks put into a body is none of ours to repeat.
        usual = usual and _body(client, model, params) == like.body
    return Pattern(model, sent.context or {}, like, of_bucket) if usual else None


def _bucket_alone(params: dict[str, Any]) -> bool:
    return params.keys() == {"Bucket"} and PLAIN.fullmatch(str(params["Bucket"])) is not None


def _body(client: Any, model: OperationModel, params: dict[str, Any]) -> bytes:
    body = client._serializer.serialize_to_request(params, model)["body"]
    return _bytes(urlencode(body, doseq=True) if isinstance(body, dict) else body)


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    return b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)

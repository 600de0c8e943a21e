"""Sends the reads of a served twin after the pattern of an earlier one: what botocore works out anew each time, once.

botocore makes the first call of each operation. A later one differs from it in its parameters, its instant and its
signature: its parameters are checked and written, and its reply is read, by botocore's own serializer and parser.
What does not succeed at once is botocore's again, from the start.
"""

import hmac
import re
from collections.abc import Hashable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.credentials import Credentials
from botocore.model import OperationModel

from twin.resources.aws.received import parsed
from twin.resources.aws.replied import received
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
UNSIGNED = frozenset({"user-agent"})


@dataclass(slots=True)
class Sent:
    """What botocore made of a call."""

    prepared: AWSPreparedRequest | None = None
    model: OperationModel | None = None
    context: dict[str, Any] | None = None
    times: int = 0


@dataclass(frozen=True, slots=True)
class Pattern:
    """What all calls of an operation have in common."""

    model: OperationModel
    context: dict[str, Any]
    method: str
    url: str
    """Without a bucket's name, where that is all that the operation takes."""
    query: str
    headers: tuple[tuple[str, str], ...]
    scope: str
    """The Region and the service in whose names it is signed."""
    of_bucket: bool = False


SENDING: ContextVar[Sent | None] = ContextVar("sending", default=None)
ANSWERED: ContextVar[AWSResponse | None] = ContextVar("answered", default=None)


class Patterns:
    """The operations that one session's clients called, and what their calls look like."""

    def __init__(self, events: Any, url: str) -> None:
        place = urlsplit(url)
        self._wire = WireClient(place.hostname or "", place.port or 80)
        self._known: dict[Hashable, Pattern | None] = {}
        events.register("before-call", _built)
        events.register("before-send", _sent)

    def make(self, client: Any, call: Call, signer: Credentials) -> Any:
        """Make a call and return its decoded reply, as `client` alone would."""
        if not call.operation.startswith(READS):
            return client._make_api_call(call.operation, dict(call.params))
        key = id(client), call.operation
        pattern = self._known.get(key)
        if pattern is not None:
            return self._after(pattern, client, call, signer)
        sent = Sent()
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
        if pattern.of_bucket and not _bucket_alone(params):
            return client._make_api_call(call.operation, params)
        path, body = (f"/{params['Bucket']}", b"") if pattern.of_bucket else ("/", _body(client, pattern.model, params))
        try:
            answer = self._wire.exchange(_signed(pattern, path, body, signer=signer))
        except Broken:  # a read may be sent again
            return client._make_api_call(call.operation, params)
        reply = received(f"{pattern.url}{path}", answer.status, answer.headers, answer.body)
        if answer.status < 300 or answer.status == ABSENT:
            found = parsed(client, pattern.model, pattern.context, reply, final=ABSENT)
            if found is not None:
                return found
        told = ANSWERED.set(reply)
        try:
            return client._make_api_call(call.operation, params)
        finally:
            ANSWERED.reset(told)


def _built(model: OperationModel, context: dict[str, Any], **_: Any) -> None:
    if (sent := SENDING.get()) is not None:
        sent.model, sent.context = model, dict(context)


def _sent(request: AWSPreparedRequest, **_: Any) -> AWSResponse | None:
    if (reply := ANSWERED.get()) is not None:
        ANSWERED.set(None)
        return reply
    if (sent := SENDING.get()) is not None:
        sent.prepared, sent.times = request, sent.times + 1
    return None


def _pattern(client: Any, call: Call, sent: Sent) -> Pattern | None:
    """Return what a call has in common with others of its operation; None when more than that is in it."""
    request, model = sent.prepared, sent.model
    if request is None or model is None or model.idempotent_members:
        return None
    place, params = urlsplit(request.url), dict(call.params)
    of_bucket = client.meta.service_model.service_name == "s3"
    if of_bucket:
        usual = request.method == "GET" and _bucket_alone(params) and place.path == f"/{params['Bucket']}"
    else:
        usual = client.meta.service_model.resolved_protocol in PROTOCOLS and request.method == "POST"
        usual = usual and place.path in ("", "/") and not place.query
        # Whatever botocore's own hooks put into a body is none of ours to repeat.
        usual = usual and _body(client, model, params) == _bytes(request.body)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    scope = headers.get("authorization", "").partition("Credential=")[2].partition(",")[0].split("/")
    if not usual or len(scope) != SCOPE_PARTS:
        return None
    fixed = {"host": place.netloc, **{n: v for n, v in headers.items() if n not in FRESH}}
    return Pattern(
        model, sent.context or {}, request.method, f"{place.scheme}://{place.netloc}", place.query,
        tuple(sorted(fixed.items())), "/".join(scope[2:4]), of_bucket,
    )  # fmt: skip


def _bucket_alone(params: dict[str, Any]) -> bool:
    return params.keys() == {"Bucket"} and PLAIN.fullmatch(str(params["Bucket"])) is not None


def _body(client: Any, model: OperationModel, params: dict[str, Any]) -> bytes:
    body = client._serializer.serialize_to_request(params, model)["body"]
    return _bytes(urlencode(body, doseq=True) if isinstance(body, dict) else body)


def _signed(pattern: Pattern, path: str, body: bytes, *, signer: Credentials) -> bytes:
    """Return a request as bytes, signed by Signature Version 4."""
    at = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = dict(_stamped(pattern, at, signer))
    signed = [name for name in sorted(headers) if name not in UNSIGNED]
    lines = "".join(f"{name}:{' '.join(headers[name].split())}\n" for name in signed)
    names = ";".join(signed)
    query = "&".join(part if "=" in part else f"{part}=" for part in sorted(filter(None, pattern.query.split("&"))))
    canonical = f"{pattern.method}\n{path}\n{query}\n{lines}\n{names}\n{sha256(body).hexdigest()}"
    scope = f"{at[:8]}/{pattern.scope}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{signer.secret_key}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={signer.access_key}/{scope}, SignedHeaders={names}, Signature={signature}"
    )
    if body:
        headers["content-length"] = str(len(body))
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    target = f"{path}?{pattern.query}" if pattern.query else path
    return f"{pattern.method} {target} HTTP/1.1\r\n{head}\r\n".encode() + body


def _stamped(pattern: Pattern, at: str, signer: Credentials) -> Iterator[tuple[str, str]]:
    yield from pattern.headers
    yield "x-amz-date", at
    if signer.token:
        yield "x-amz-security-token", signer.token


def _text(value: Any) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def _bytes(body: Any) -> bytes:
    return b"" if body is None else body.encode() if isinstance(body, str) else bytes(body)

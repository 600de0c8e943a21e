"""Keeps some services' configuration in a LocalStack, which is asked over HTTP for each call."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from werkzeug.datastructures import Headers

from twin.errors import TargetError
from twin.wire import Request, Response
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.localstack_api import LocalStackApi, authorization, signing_name
from twin.world.stores.localstack_connection import LocalStackConnection
from twin.world.stores.localstack_contents import Contents
from twin.world.stores.localstack_corrections import CORRECTIONS
from twin.world.stores.moto_store import store_failure, unsupported

# What the connection decides, and what would tell LocalStack another caller than the one that the gateway identified.
NOT_SENT = {
    "host", "authorization", "connection", "content-length", "transfer-encoding", "expect", "accept-encoding",
    "x-amz-security-token", "x-moto-account-id", "x-twin-source-ip",
}  # fmt: skip
SIGNED_URL = re.compile(r"X-Amz-(?:Algorithm|Credential|Date|Expires|SignedHeaders|Signature|Security-Token)$")
NOT_RETURNED = {"connection", "server", "date", "keep-alive", "transfer-encoding", "content-length", "x-localstack"}
LACKING = 501
NOT_EMPTY = "TwinStoreNotEmpty"
# LocalStack writes its own host into the addresses of queues, before which some strategies put service and Region.
QUEUE_URL = re.compile(rb"https?://(?:sqs\.|[\w-]+\.queue\.)?(?:[\w-]+\.)?[\w.-]+:\d+/(?=(?:queue/[\w-]+/)?\d{12}/)")
PATH_STRATEGY = re.compile(rb"queue/[\w-]+/(?=\d{12}/)")
NAMES_QUEUES = {"CreateQueue", "GetQueueUrl", "ListQueues", "ListDeadLetterSourceQueues"}


class LocalStackStore:
    """Forwards calls, in the caller's account and Region; the gateway has identified and judged them.

    A world begins empty. LocalStack may hold what somebody else put there, which is never touched: an account's
    Region is looked through when it is entered, refused unless it is empty, and emptied when the world ends.
    """

    def __init__(self, connection: LocalStackConnection, services: frozenset[str]) -> None:
        self.health = connection.health()
        lacking = sorted(services - self.health.services.keys())
        if lacking:
            raise TargetError(f"LocalStack on {connection.url} lacks {', '.join(lacking)}; is SERVICES set there?")
        self.services = services
        self._api = LocalStackApi(connection)
        self._entered: dict[tuple[str, str], Contents] = {}

    def begin(self, places: Iterable[tuple[str, str]]) -> None:
        """Enter accounts and Regions before the first call; TargetError when one of them is not empty."""
        for account, region in places:
            try:
                self.contents(account, region)
            except AwsError as refused:
                raise TargetError(refused.message) from refused

    def contents(self, account: str, region: str) -> Contents:
        """Enter an account's Region; a refusal when somebody else's things are there."""
        place = (account, region)
        if place not in self._entered:
            found = Contents(self._api, self.services, account, region)
            counted = found.counted()
            if counted:
                told = ", ".join(f"{number} {word}" for word, number in counted.items())
                raise AwsError(
                    NOT_EMPTY,
                    f"LocalStack on {self.health.url} is not empty: account {account} has {told} in {region}. "
                    "A twin begins on an empty one; restart it: docker compose restart localstack.",
                )
            self._entered[place] = found
        return self._entered[place]

    def close(self) -> None:
        """Delete what this world put there."""
        for contents in self._entered.values():
            contents.empty()
        self._entered.clear()
        self._api.connection.close()

    def answer(self, call: Call) -> Response:
        """Let LocalStack answer a call; what it lacks is refused by name."""
        contents = self.contents(call.account, call.region)
        if (correct := CORRECTIONS.get((call.service, call.operation))) is not None:
            correct(call, contents)
        reply = self._api.send(call.request.method, _target(call.url), _headers(call), call.request.body)
        if reply.status == LACKING:
            raise unsupported(call.service, call.operation)
        if reply.status >= 500:
            raise store_failure(call, f"LocalStack answered {reply.status}")
        return Response(reply.status, _returned(reply.headers), _body(call, reply.body))


def _target(url: str) -> str:
    parts = urlsplit(url)
    query = parts.query
    if "X-Amz-" in query:
        kept = [(k, v) for k, v in parse_qsl(query, keep_blank_values=True) if not SIGNED_URL.match(k)]
        query = urlencode(kept)
    return f"{parts.path or '/'}?{query}" if query else parts.path or "/"


def _headers(call: Call) -> dict[str, str]:
    request: Request = call.request
    kept: dict[str, str] = {}
    for name, value in request.headers.items():
        if name.lower() not in NOT_SENT:
            kept[name] = f"{kept[name]},{value}" if name in kept else value
    kept["Authorization"] = authorization(call.account, call.region, signing_name(call.service))
    return kept


def _returned(headers: Headers) -> Headers:
    return Headers([(name, value) for name, value in headers.items() if name.lower() not in NOT_RETURNED])


def _body(call: Call, body: bytes) -> bytes:
    if call.service != "sqs" or call.operation not in NAMES_QUEUES:
        return body
    return PATH_STRATEGY.sub(b"", QUEUE_URL.sub(b"https://sqs.%b.amazonaws.com/" % call.region.encode(), body))

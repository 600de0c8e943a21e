"""From a request to the function that answers it: the routing that every vendor server of ours shares."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qsl, unquote, urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.http import parse_options_header
from werkzeug.routing import Map, MapAdapter, Rule
from werkzeug.urls import iri_to_uri

from twin.wire import Request, Response

SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
State = TypeVar("State")
Endpoint = Callable[[State, "Hit"], Response]


@dataclass(slots=True)
class Hit:
    """A request that found its route: the path's variables, the query, the principal, the raw request."""

    request: Request
    path: dict[str, str]
    query: MultiDict[str, str]
    principal: Any = None
    operation: str = ""

    def json(self) -> Any:
        """Return the decoded body; ValueError when it is not JSON, None when there is none."""
        if not self.request.body:
            return None
        kind, _ = parse_options_header(self.request.headers.get("Content-Type", "application/json"))
        if kind not in ("application/json", "application/merge-patch+json"):
            raise ValueError(f"content type {kind} is not JSON")
        decoded = json.loads(self.request.body)
        if SURROGATE.search(self.request.body):
            json.dumps(decoded, ensure_ascii=False).encode()  # half of a pair is no text: ValueError too
        return decoded


class Router(Generic[State]):
    """The routes of one vendor; `route` adds one, `match` finds the one for a request."""

    def __init__(self) -> None:
        self.endpoints: dict[str, Endpoint[State]] = {}
        self._map = Map(strict_slashes=False, merge_slashes=False)

    def route(self, method: str, rule: str) -> Callable[[Endpoint[State]], Endpoint[State]]:
        """Bind a function `(state, hit) -> Response` to a method and a werkzeug rule.

        The operation's name is `METHOD /rule`, by which refusals and the coverage of a contract name it.
        """
        operation = f"{method} {rule}"

        def bind(endpoint: Endpoint[State]) -> Endpoint[State]:
            if operation in self.endpoints:
                raise ValueError(f"{operation} is bound twice")
            self.endpoints[operation] = endpoint
            self._map.add(Rule(rule, endpoint=operation, methods=[method]))
            return endpoint

        return bind

    def match(self, request: Request) -> tuple[Endpoint[State], Hit] | HTTPException:
        """Find the endpoint of a request; NotFound or MethodNotAllowed is returned, for the vendor to phrase."""
        parts = urlsplit(request.url)
        adapter: MapAdapter = self._map.bind(parts.netloc or "localhost", url_scheme=parts.scheme or "https")
        try:
            operation, variables = adapter.match(iri_to_uri(parts.path), method=request.method)
        except HTTPException as missing:
            return missing
        # Taken apart as it was sent, and read only then: an escaped slash belongs to its part of the path.
        path = {name: unquote(value) if isinstance(value, str) else value for name, value in variables.items()}
        return self.endpoints[operation], Hit(request, path, _query(parts.query), operation=operation)


def _query(text: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(text, keep_blank_values=True))


def json_response(status: int, body: Any, headers: dict[str, str] | None = None) -> Response:
    """Build a JSON reply; keys keep their order."""
    reply = Response(status, body=json.dumps(body, separators=(",", ":")).encode())
    reply.headers["Content-Type"] = "application/json"
    for name, value in (headers or {}).items():
        reply.headers[name] = value
    return reply

"""Which operation of a REST service a request asks for; each kind of request is routed once and remembered."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

from botocore.exceptions import UnknownServiceError
from moto.core.request import Request as MotoRequest
from moto.core.request import determine_request_protocol
from moto.core.routing import RequiredArg, RequiredHeader, SmithyRule, get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import HTTPException

REMEMBERED = 4096
Kind = tuple[str, str, str, tuple[tuple[str, str], ...], tuple[bool, ...]]
_known: dict[Kind, str] = {}


@dataclass(frozen=True, slots=True)
class Deciders:
    """What beside method and path tells a service's operations apart, and the paths that are no resource's."""

    arguments: frozenset[str]
    valued: frozenset[str]
    headers: tuple[str, ...]
    literal: frozenset[str]


def load_operations(service: str) -> None:
    """Compile what tells a service's operations apart, as the first request to it would."""
    try:
        protocol = str(get_service_model(service).protocol)
    except UnknownServiceError:
        return
    if protocol.startswith("rest"):
        _deciders(service, protocol)


def routed(request: MotoRequest, service: str) -> str | None:
    """Name the operation of a request; None when the service's model has none for it."""
    try:
        if not str(get_service_model(service).protocol).startswith("rest"):
            # A plain URL of a service that is asked otherwise: a certificate, a page.
            return None
        kind = _kind(request, service)
        name = _known.get(kind)
        if name is None:
            operation, _ = get_service_router(service).match(request)
            name = str(operation.name)
            if len(_known) >= REMEMBERED:
                _known.clear()
            _known[kind] = name
    except (UnknownServiceError, HTTPException, NotImplementedError):
        return None
    return name


def _kind(request: MotoRequest, service: str) -> Kind:
    """Return all of a request on which its operation depends."""
    environ = request.environ
    protocol = determine_request_protocol(get_service_model(service), request.content_type)
    deciders = _deciders(service, protocol)
    path = environ["RAW_URI"]
    if service == "s3" and "//" not in path and path not in deciders.literal:
        path = _depth(path)
    query = environ["QUERY_STRING"]
    arguments: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True) if query else ():
        if name in deciders.arguments:
            arguments.setdefault(name, value if name in deciders.valued else "")
    headers = tuple(name in environ for name in deciders.headers)
    return service, protocol, f"{environ['REQUEST_METHOD']} {path}", tuple(sorted(arguments.items())), headers


def _depth(path: str) -> str:
    """Tell whether a path of S3 names nothing, a bucket, or an object."""
    _, _, key = path.lstrip("/").partition("/")
    return "key" if key else "bucket" if path != "/" else "/"


@cache
def _deciders(service: str, protocol: str) -> Deciders:
    router: Any = get_service_router(service)
    rules = [rule for rule in router._get_router(protocol)._map.iter_rules() if isinstance(rule, SmithyRule)]
    conditions = [
        condition
        for rule in rules
        for candidate in rule._action_selector.candidates
        for condition in candidate.constraints
    ]
    arguments = [condition for condition in conditions if isinstance(condition, RequiredArg)]
    headers = {f"HTTP_{c.name.upper().replace('-', '_')}" for c in conditions if isinstance(c, RequiredHeader)}
    return Deciders(
        frozenset(a.name for a in arguments),
        frozenset(a.name for a in arguments if a.value is not None),
        tuple(sorted(headers)),
        frozenset(rule.rule for rule in rules if "<" not in rule.rule),
    )

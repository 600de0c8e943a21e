"""What a request to AWS says by itself, before anybody looks at the world: read once for all that are equal."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from botocore.exceptions import UnknownServiceError
from moto.core.utils import get_service_model

from twin.wire import Request
from twin.world.aws_errors import AwsError, Protocol
from twin.world.request_age import check_lifetime
from twin.world.sigv2 import PRESIGNED, read_presigned, verify_presigned
from twin.world.sigv4 import Signature, read_signature, verify
from twin.world.stores.moto_requests import environ_of, to_moto
from twin.world.stores.moto_routes import BY_TARGET, Route, canonical_url, find_route
from twin.world.stores.operations import VERSION, operation_of, parameter, protocol_of
from twin.world.stores.sent_headers import SentRequest
from twin.world.unsigned import unsigned_scope

LOAD_BALANCING = "elasticloadbalancing"
KEPT = 1024
LARGEST = 4096
"""Bytes of the body of a request that is remembered."""
_READ: dict[Hashable, "Reading"] = {}


@dataclass(frozen=True, slots=True)
class Reading:
    """A request, read: `environ` is what moto is told of it, `kept` is what moto read in it.

    `held` has the secrets for which its signature is true, `headers` the first of each name in small letters.
    """

    signature: Signature | None
    url: str
    region: str
    service: str
    protocol: Protocol
    route: Route | None
    environ: Mapping[str, Any]
    operation: str
    held: set[str] = field(default_factory=set, repr=False)
    kept: dict[Any, Any] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)

    def moto(self, request: Request) -> SentRequest:
        """Return the request for moto, which writes into its own."""
        return to_moto(request, self.environ, self.kept)

    def verify(self, request: Request, secret: str) -> None:
        """Accept a request whose signature and payload hash are true; raise AwsError otherwise."""
        if self.signature is not None and secret not in self.held:
            if self.signature.form == "query-v2":
                verify_presigned(request, self.signature, url=self.url, secret=secret)
            else:
                verify(request, self.signature, secret)
            self.held.add(secret)


def read(request: Request, region: str) -> tuple[Reading, AwsError | None]:
    """Read a request, and what is wrong with its signature; `region` is meant by one that names none."""
    key = (request.method, request.url, tuple(request.headers), request.body, region)
    known = _READ.get(key)
    if known is not None:
        return known, None
    try:
        signature = read_presigned(request) if PRESIGNED.search(request.url) else read_signature(request)
        if signature is not None:
            check_lifetime(signature)
    except AwsError as unreadable:
        return _read(request, None, *unsigned_scope(request, region)), unreadable
    scope = (signature.service, signature.region or region) if signature else unsigned_scope(request, region)
    found = _read(request, signature, *scope)
    if len(request.body) <= LARGEST:
        if len(_READ) >= KEPT:
            _READ.pop(next(iter(_READ)), None)
        _READ[key] = found
    return found, None


def _read(request: Request, signature: Signature | None, service: str, region: str) -> Reading:
    target = request.headers.get("X-Amz-Target", "") if service in BY_TARGET else ""
    account = request.headers.get("x-amz-account-id", "") if service == "s3" else ""
    url = canonical_url(request.url, service=service, region=region, target=target, account=account)
    route = _route(request, url)
    service = route.service if route else _model_name(service)
    return _reading(request, url, region=region, service=service, route=route, signature=signature)


def read_own(request: Request, *, service: str, region: str) -> Reading:
    """Read a request of a service of AWS itself, which needs no signature."""
    return _reading(
        request, request.url, region=region, service=service, route=_route(request, request.url), signature=None
    )


def read_again(request: Request, url: str, reading: Reading) -> Reading:
    """Read a request that stands for one to another URL; its signature is over what was sent."""
    made = _reading(
        request, url, region=reading.region, service=reading.service, route=_route(request, url),
        signature=reading.signature,
    )  # fmt: skip
    return replace(made, held=reading.held)


def _reading(
    request: Request, url: str, *, region: str, service: str, route: Route | None, signature: Signature | None
) -> Reading:
    protocol, environ = protocol_of(request, service), environ_of(request, url)
    operation = operation_of(request, to_moto(request, environ), service=service, protocol=protocol)
    headers = {name.lower(): value for name, value in reversed(list(request.headers))}
    return Reading(signature, url, region, service, protocol, route, environ, operation, headers=headers)


def _route(request: Request, url: str) -> Route | None:
    return find_route(url, version=parameter(request, VERSION) if LOAD_BALANCING in url else "")


def _model_name(signing_name: str) -> str:
    """Name a service that moto lacks as botocore does (`access-analyzer` signs for `accessanalyzer`)."""
    for name in (signing_name, signing_name.replace("-", "")):
        try:
            get_service_model(name)
        except UnknownServiceError:
            continue
        return name
    return signing_name

"""From a request to the function of moto that answers it, with every pattern compiled once."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

from moto import backend_index
from moto.backends import get_backend
from moto.core.responses import BaseResponse

Answer = Callable[[Any, str, Any], Any]

# Services that sign under one name and answer on the host of another.
SIGNING_ALIASES = {
    "eventbridge": "events",
    "execute-api": "iot",
    "iotdata": "data.iot",
    "mobiletargeting": "pinpoint",
    "memorydb": "memory-db",
    "timestream": "ingest.timestream",
    "payment-cryptography": "controlplane.payment-cryptography",
}
GLOBAL = {"budgets", "cloudfront"}
# Services whose host depends on the operation's family.
BY_TARGET = {"dynamodb", "mediastore"}
API_AWS = {"aidevops", "dsql", "s3vectors"}
CONTROL, NOBODY = "/v20180820/", "000000000000"
S3_HOST = re.compile(r"(?P<bucket>.+)\.(?P<host>s3[.-](?:dualstack\.|accelerate\.)?(?:[a-z0-9-]+\.)?amazonaws\.com)$")
ACCESS_POINT = ".s3-accesspoint."
POINT_HOST = re.compile(r"(?P<bucket>.+)\.s3-accesspoint\.(?:dualstack\.)?(?P<region>[a-z0-9-]+)\.amazonaws\.com$")
# `s3.localhost` is S3 itself.
LOOPBACK_BUCKET = re.compile(r"(?!s3\.localhost$)(?P<bucket>.+?)(?:\.s3)?\.(?:localhost|127\.0\.0\.1)$")


@dataclass(frozen=True, slots=True)
class Route:
    """Where moto keeps a service, and its function for one URL."""

    backend: str
    service: str
    response: type[BaseResponse] | None
    answer: Answer


def aws_host(host: str) -> bool:
    """Tell whether a host name is one of AWS's own."""
    return host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws"))


def canonical_url(url: str, *, service: str, region: str, target: str = "", account: str = "") -> str:
    """Return the URL on AWS's own host, S3 buckets always in the path; S3 Control's host begins with the account."""
    parts = urlsplit(url)
    host, path = parts.hostname or "", parts.path or "/"
    bucket = None
    if aws_host(host):
        if service == "s3" and (virtual := S3_HOST.match(host)) and not path.startswith(CONTROL):
            bucket, host = virtual["bucket"], virtual["host"]
        elif service == "s3" and ACCESS_POINT in host and (point := POINT_HOST.match(host)):
            bucket, host = point["bucket"], f"s3.{point['region']}.amazonaws.com"
    else:
        if service == "s3" and (virtual := LOOPBACK_BUCKET.match(host)) and not path.startswith(CONTROL):
            bucket = virtual["bucket"]
        control = service == "s3" and path.startswith(CONTROL)
        host = (
            f"{account or NOBODY}.s3-control.{region}.amazonaws.com"
            if control
            else _host(service, region, path, target)
        )
    path = f"/{bucket}{path}" if bucket else path
    return f"https://{host}{path}?{parts.query}" if parts.query else f"https://{host}{path}"


def _host(service: str, region: str, path: str, target: str) -> str:
    name = service if service == "execute-api" and path.startswith("/@connections") else None
    name = name or SIGNING_ALIASES.get(service, service)
    if name in GLOBAL:
        return f"{name}.amazonaws.com"
    if name in API_AWS:
        return f"{name}.{region}.api.aws"
    if name == "dynamodb" and target.startswith("DynamoDBStreams"):
        name = "streams.dynamodb"
    elif name == "mediastore" and not target:
        name = "data.mediastore"
    elif name == "ses":
        name = "email"
    elif name == "sagemaker":
        runtime = {"invocations": "runtime", "BatchPutMetrics": "metrics"}
        name = f"{runtime.get(path.rpartition('/')[2], 'api')}.sagemaker"
    return f"{name}.{region}.amazonaws.com"


def find_route(url: str, *, version: str = "") -> Route | None:
    """Find the function for a canonical URL; None when moto has nothing there.

    `version` tells apart the two load balancing APIs, which share a host.
    """
    parts = urlsplit(url)
    if parts.path == "/":
        return _route_at(parts.netloc, "/", version)
    return _match(parts.netloc, parts.path, version)


@cache
def _route_at(host: str, path: str, version: str) -> Route | None:
    return _match(host, path, version)


@lru_cache(4096)
def _match(host: str, path: str, version: str) -> Route | None:
    bare = f"https://{host}{path}"
    for backend in _backends_at(host, path.startswith("/v2/")):
        for pattern, answer in _patterns(backend):
            if pattern.match(bare):
                return _route(backend, answer, version)
    return None


@cache
def _backends_at(host: str, second: bool) -> tuple[str, ...]:
    if host.startswith("email."):
        return ("sesv2",) if second else ("ses",)
    found = [name for name, pattern in backend_index.backend_url_patterns if pattern.match(f"https://{host}")]
    return tuple(dict.fromkeys(found))


@cache
def _patterns(backend: str) -> tuple[tuple[re.Pattern[str], Answer], ...]:
    kept: Any = get_backend(backend)  # type: ignore[call-overload]
    # Only the class's URLs are wanted; making a backend loads its data (EC2's takes a second).
    urls = object.__new__(kept.backend).urls
    return tuple((re.compile(pattern), answer) for pattern, answer in urls.items())


def load_routes(backend: str) -> None:
    """Load a backend's code and compile its patterns, as the first request to it would."""
    if any(name == backend for name, _ in backend_index.backend_url_patterns):
        _patterns(backend)


@cache
def _route(backend: str, answer: Answer, version: str) -> Route:
    if backend in ("elb", "elbv2"):
        return _load_balancing(answer, version)
    owner = getattr(answer, "__self__", None)
    response = owner if isinstance(owner, type) and issubclass(owner, BaseResponse) else None
    service = response().boto3_service_name if response else backend
    return Route(backend, service or backend, response, answer)


def _load_balancing(answer: Answer, version: str) -> Route:
    from moto.elb.responses import ELBResponse
    from moto.elbv2.responses import ELBV2Response

    if version == "2012-06-01":
        return Route("elb", "elb", ELBResponse, answer)
    return Route("elbv2", "elbv2", ELBV2Response, answer)

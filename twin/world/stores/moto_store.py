"""Keeps AWS's configuration in moto, in this process and without a socket."""

import inspect
import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from moto.core.base_backend import BackendDict
from moto.core.exceptions import HTTPException
from moto.core.model_instances import reset_model_data
from moto.core.responses import BaseResponse
from moto.core.request import Request as MotoRequest
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random

from twin.clock import Clock
from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores.managed_policies import seed_named_policies
from twin.world.stores.moto_clock import MotoClock
from twin.world.stores.moto_requests import from_moto
from twin.world.stores.moto_routes import Route

log = logging.getLogger(__name__)
# S3 is routed by URL inside moto, which takes what it does not know for the plain bucket or object operation.
S3_LACKING = re.compile(
    r"Analytics|IntelligentTiering|Metrics|Metadata|Abac|RequestPayment|Torrent|Annotation|RenameObject|"
    r"UpdateObjectEncryption|CreateSession|WriteGetObjectResponse|ListDirectoryBuckets"
)
CLOCK = MotoClock()


class MotoStore:
    """The one store of this process: moto's state is global, so a new store empties it."""

    def __init__(self, seed: int | str, clock: Clock) -> None:
        self._seed = seed
        self._calls = 0
        CLOCK.clock = clock
        reset_moto()
        CLOCK.sweep()

    def session_tokens(self, source: Callable[[], str]) -> None:
        """Draw the tokens of assumed roles from `source`; moto takes them from the machine's randomness."""
        from moto.sts import models

        models.random_session_token = source

    def seed_next(self) -> None:
        """Seed moto for the next call, so that its ids depend on nothing but the seed and the call's number."""
        self._calls += 1
        mock_random.seed(f"twin:{self._seed}:{self._calls}")

    def answer(self, call: Call, route: Route | None, request: MotoRequest) -> Response:
        """Let moto answer a call; what moto lacks is refused by name."""
        if route is None or not implements(route.response, call.operation):
            raise unsupported(call.service, call.operation)
        CLOCK.sweep()
        if call.service == "iam":
            seed_named_policies(call)
        try:
            reply = route.answer(request, request.raw_url, request.headers)
        except HTTPException as error:
            reply = (error.code or 400, error.get_headers(), error.get_body())
        except NotImplementedError as lacking:
            raise unsupported(call.service, call.operation) from lacking
        except Exception as crash:
            log.exception("the store failed at %s:%s", call.service, call.operation)
            raise store_failure(call, type(crash).__name__) from crash
        return from_moto(reply, head=request.method == "HEAD")


def reset_moto() -> None:
    """Empty every backend of moto that this process has used."""
    BackendDict.reset()
    reset_model_data()


@cache
def implements(response: type[BaseResponse] | None, operation: str) -> bool:
    """Tell whether moto has a function for an operation."""
    if response is None:
        return True
    if response.__module__.startswith("moto.s3."):
        return S3_LACKING.search(operation) is None
    return callable(inspect.getattr_static(response, camelcase_to_underscores(operation), None))


def unsupported(service: str, operation: str) -> AwsError:
    """Return the refusal of an operation that the twin does not have."""
    return AwsError("TwinUnsupportedOperation", f"The twin does not implement {service}:{operation}.", 400)


def store_failure(call: Call, kind: str) -> AwsError:
    """Return the refusal of a call at which the store broke."""
    return AwsError("TwinStoreFailure", f"The twin's store failed at {call.service}:{call.operation} ({kind}).", 400)


def backends(service: str) -> Any:
    """Return moto's state of a service: account, then region (`aws` for global services), then its backend."""
    from moto.backends import get_backend

    return get_backend(service)  # type: ignore[call-overload]


def bucket_exists(name: str) -> bool:
    """Tell whether any account has a bucket of this name."""
    from moto.s3.models import s3_backends

    return any(name in account["aws"].buckets for account in s3_backends.values())

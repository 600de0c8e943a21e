"""Keeps AWS's configuration in moto, in this process and without a socket."""

import inspect
import logging
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
from botocore.session import Session
from moto import settings
from moto.core.base_backend import AccountSpecificBackend
from moto.core.model_instances import reset_model_data
from moto.core.request import Request as MotoRequest
from moto.core.utils import camelcase_to_underscores
from moto.moto_api._internal import mock_random
from werkzeug.exceptions import HTTPException

from twin.aws_data import LOADER
from twin.clock import Clock
from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.stores import additions
from twin.world.stores.elsewhere import ELSEWHERE, keep_elsewhere
from twin.world.stores.lookups import remember, reset_in_use
from twin.world.stores.managed_policies import seed_named_policies
from twin.world.stores.moto_clock import MotoClock
from twin.world.stores.moto_requests import from_moto
from twin.world.stores.moto_routes import Route
from twin.world.stores.page_tokens import unknown_page
from twin.world.stores.pages import one_page

# moto fills the request id into every protocol's replies but EC2's.
UNNAMED_REQUEST = b"<requestId>request-id</requestId>"
log = logging.getLogger(__name__)
# S3 is routed by URL inside moto, which takes what it does not know for the plain bucket or object operation.
S3_LACKING = re.compile(
    r"Analytics|IntelligentTiering|Metrics|Metadata|Abac|Torrent|Annotation|RenameObject|"
    r"UpdateObjectEncryption|CreateSession|WriteGetObjectResponse|ListDirectoryBuckets"
)
CLOCK = MotoClock()


class MotoStore:
    """The one store of this process: moto's state is global, so a new store empties it.

    `elsewhere` names the services that it does not keep.
    """

    elsewhere: frozenset[str] = frozenset()

    def __init__(self, seed: int | str, clock: Clock) -> None:
        self._seed = seed
        self.calls = 0
        reset_moto()
        self.mount(clock)

    def mount(self, clock: Clock) -> None:
        """Prepare moto for this store: its clock, its corrections."""
        if not settings.S3_IGNORE_SUBDOMAIN_BUCKETNAME or not settings.ENABLE_AMI_VALIDATION:
            raise RuntimeError("moto was imported before the twin, without the settings that the twin needs")
        CLOCK.clock = clock
        keeper: Any = AccountSpecificBackend
        keeper.get_session = staticmethod(regions_session)
        leave_policies_to_the_gateway()
        additions.install()
        remember()
        CLOCK.sweep()

    def close(self) -> None:
        """Empty the store."""
        reset_moto()

    def session_tokens(self, source: Callable[[], str]) -> None:
        """Draw the tokens of assumed roles from `source`; moto takes them from the machine's randomness."""
        from moto.sts import models

        vars(models)["random_session_token"] = source

    def seed_next(self) -> None:
        """Seed moto for the next call, so that its ids depend on nothing but the seed and the call's number."""
        self.calls += 1
        mock_random.seed(f"twin:{self._seed}:{self.calls}")

    def answer(self, call: Call, route: Route | None, request: MotoRequest) -> Response:
        """Let moto answer a call; what moto lacks is refused by name."""
        owner: Any = route.response if route is not None else None
        if route is None or not implements(owner, call.operation):
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
        except AwsError:
            raise
        except Exception as crash:
            if isinstance(crash, (ValueError, KeyError)) and (refused := unknown_page(call)) is not None:
                raise refused from crash
            log.exception("the store failed at %s:%s", call.service, call.operation)
            raise store_failure(call, type(crash).__name__) from crash
        response = from_moto(reply, head=request.method == "HEAD")
        if call.service == "ec2":
            request_id = response.headers.get("x-amzn-requestid", "").encode()
            response.body = response.body.replace(UNNAMED_REQUEST, b"<requestId>%b</requestId>" % request_id, 1)
            response = one_page(call, response)
        return response


@cache
def regions_session() -> boto3.Session:
    """Return the session by which moto learns the Regions of a service; the user's profile has no say in it."""
    core = Session(session_vars={"profile": (None, None, None, None)})
    core.register_component("data_loader", LOADER)
    return boto3.Session(botocore_session=core)


def leave_policies_to_the_gateway() -> None:
    """Stop moto from judging bucket policies and lists: the gateway has, and may have marked objects as `spared`."""
    from moto.iam.access_control import PermissionResult
    from moto.s3.models import FakeBucket

    def permission(bucket: Any, action: str, resource: str) -> PermissionResult:
        spared = action == "s3:DeleteObject" and resource in vars(bucket).get("spared", ())
        return PermissionResult.DENIED if spared else PermissionResult.PERMITTED

    bucket: Any = FakeBucket
    bucket.get_permission = permission


def reset_moto() -> None:
    """Empty every backend of moto that this process has used; no service is kept elsewhere any more."""
    keep_elsewhere({})
    reset_in_use()
    reset_model_data()


@cache
def implements(response: Any, operation: str) -> bool:
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
    return ELSEWHERE[service] if service in ELSEWHERE else _embedded(service)


@cache
def _embedded(service: str) -> Any:
    from moto.backends import get_backend

    return get_backend(service)  # type: ignore[call-overload]


def bucket_exists(name: str) -> bool:
    """Tell whether any account has a bucket of this name."""
    from moto.s3.models import s3_backends

    return any(name in account["aws"].buckets for account in s3_backends.values())


def find_bucket(name: str) -> Any:
    """Return the bucket of a name, of whichever account; None when there is none."""
    return next((a["aws"].buckets[name] for a in backends("s3").values() if name in a["aws"].buckets), None)

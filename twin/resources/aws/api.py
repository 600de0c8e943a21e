"""The AWS client: botocore's own, with its service models as the judge of every call's parameters."""

import copy
import sys
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import replace
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_OID, uuid5

import botocore.exceptions as failures
from botocore import xform_name
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.model import OperationModel, ServiceModel
from botocore.session import Session
from botocore.validate import ParamValidator

from twin.aws_data import LOADER
from twin.errors import TargetError
from twin.resources.aws.agent import EMBEDDED, NAME
from twin.resources.aws.instants import instant
from twin.resources.aws.model_parts import PARTS, lacks
from twin.resources.call import Call, Refused
from twin.resources.reference import unknown
from twin.wire import Handle

if TYPE_CHECKING:
    from twin.resources.aws.patterns import Patterns
    from twin.resources.aws.repeats import Repeats
    from twin.resources.aws.transcript import Transcript

# SQS keeps the name of a deleted queue for a minute.
NAME_IS_KEPT = "AWS.SimpleQueueService.QueueDeletedRecently"
THROTTLED = frozenset(
    {
        "EC2ThrottledException",
        "ProvisionedThroughputExceededException",
        "RequestThrottledException",
        "Throttled",
        "ThrottledException",
        "Throttling",
        "ThrottlingException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "RequestThrottled",
        "SlowDown",
        "PriorRequestNotComplete",
    }
)


OUT_OF_REACH = (
    failures.HTTPClientError,
    failures.ConnectionError,
    failures.NoCredentialsError,
    failures.PartialCredentialsError,
    failures.CredentialRetrievalError,
    failures.TokenRetrievalError,
    failures.SSOError,
    failures.ConfigParseError,
    failures.ProfileNotFound,
)
"""What the client raises when nobody answers, or when its user's credentials cannot be had."""


@cache
def _model(service: str) -> ServiceModel:
    return ServiceModel(LOADER.load_service_model(service, "service-2"), service)


def offers(service: str, operation: str) -> bool:
    """Tell whether AWS has a service of that name with that operation."""
    try:
        return operation in _model(service).operation_names
    except failures.UnknownServiceError:
        return False


def check(call: Call) -> list[str]:
    """Return what botocore's model of the operation refuses in a call's parameters."""
    model = _model(call.service)
    if call.operation not in model.operation_names:
        return [f"{call.service} has no operation {call.operation}"]
    shape = model.operation_model(call.operation).input_shape
    if shape is None:
        return [f"{call} takes no parameters"] if call.params else []
    report = ParamValidator().validate(_lengthless(dict(call.params)), shape)
    return report.generate_report().splitlines() if report.has_errors() else []


def misnamed(call: Call) -> list[str]:
    """Return the parameters that an operation does not have, and those that it lacks; their values may come later."""
    operation = _model(call.service).operation_model(call.operation)
    own = [f'Missing required parameter in input: "{name}"' for name in operation.idempotent_members]
    told = [
        line for line in check(call) if line.startswith(("Unknown parameter in", "Missing required parameter in input"))
    ]
    return [line for line in told if line not in own]


SIGNER: ContextVar[Credentials | None] = ContextVar("signer", default=None)


class _Later(str):
    """A text that is not known yet, and so long enough for every least length of a model."""

    __slots__ = ()

    def __len__(self) -> int:
        return sys.maxsize


def _lengthless(value: Any) -> Any:
    """Take the length from texts that hold a reference: what they will be is not known yet."""
    if isinstance(value, str):
        return _Later(value) if unknown(value) else value
    if isinstance(value, dict):
        return {key: _lengthless(item) for key, item in value.items()}
    return [_lengthless(item) for item in value] if isinstance(value, list) else value


class AwsSystem:
    """AWS with one set of credentials: clients per service and region, made once.

    `place` tells how many calls a world has seen, from which a call's tokens follow; botocore draws them without it.
    `transcript` takes what is read of a served twin.
    """

    def __init__(
        self,
        *,
        region: str,
        access_key_id: str | None = None,
        secret_access_key: str | None = None,
        session_token: str | None = None,
        endpoint_url: str | None = None,
        handle: Handle | None = None,
        place: Callable[[], int] | None = None,
        transcript: "Transcript | None" = None,
    ) -> None:
        self.calls = 0
        self.region = region
        self.endpoint_url = endpoint_url
        live = endpoint_url is None and handle is None
        self._parts = PARTS if endpoint_url and endpoint_url.startswith("http://") and handle is None else None
        # A user's profile means other accounts than those of the keys given here.
        core = Session(session_vars={"profile": (None, None, None, None)} if access_key_id else None)
        core.register_component("data_loader", self._parts or LOADER)
        core.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=instant)
        core.get_component("event_emitter").register("before-sign", _sign_as)
        if place is not None:
            core.get_component("event_emitter").register_first("before-parameter-build", _tokens(place))
        self._repeats = _repeats(core, handle) if handle is not None else None
        self._patterns: Patterns | None = None
        self._own: Credentials | None = None
        if access_key_id:
            core.set_credentials(access_key_id, secret_access_key, session_token)
            self._own = core.get_credentials()
            if endpoint_url and self._parts is not None:
                self._patterns = _patterns(core, endpoint_url, transcript)
        self.session: Any = core
        self.config = Config(
            retries=_retries(live=live, mounted=handle is not None),
            parameter_validation=True,
            max_pool_connections=32,
            # botocore's own is put together anew for each call; and in the order of a set, another in each process.
            user_agent=None if live else NAME if handle is None else EMBEDDED,
            user_agent_extra=NAME if live else None,
            s3={"addressing_style": "path"} if endpoint_url else None,
        )
        self.keys: dict[str, str | None] = {}
        self._signer: Credentials | None = None
        self._clients: dict[tuple[str, str], Any] = {}
        self._senders = self._clients
        self._making = Lock()

    def acting_as(self, access_key_id: str, secret_access_key: str, session_token: str | None = None) -> "AwsSystem":
        """Return the same AWS for another principal.

        What `execute` sends goes through the same clients, which are costly to make; only its signature is another's.
        """
        other = copy.copy(self)
        other.calls, other._clients, other._senders = 0, {}, self._senders
        other._signer = Credentials(access_key_id, secret_access_key, session_token)
        other.keys = {
            "aws_access_key_id": access_key_id,
            "aws_secret_access_key": secret_access_key,
            "aws_session_token": session_token,
        }
        return other

    def _sender(self, call: Call) -> Any:
        """Return the client that sends a call; whoever signs it, it is the first principal's."""
        key = (call.service, call.region or self.region)
        with self._making:
            if self._parts is not None:
                self._parts.note(call.service, call.operation)
            return self._made(self._senders, key, {}, call.operation)

    def client(self, service: str, region: str | None = None) -> Any:
        """Return botocore's client of a service, made on first use."""
        with self._making:  # a session makes one client at a time; the clients themselves may be shared
            return self._made(self._clients, (service, region or self.region), self.keys)

    def _made(
        self, clients: dict[tuple[str, str], Any], key: tuple[str, str], keys: Mapping[str, str | None],
        operation: str = "",
    ) -> Any:  # fmt: skip
        """Return a client that has an operation, or all of them; one made of a part that lacks it is made anew."""
        service, region = key
        if key not in clients or lacks(clients[key], operation):
            if self._parts is not None:
                self._parts.forget_lacking(service, operation)
            clients[key] = self.session.create_client(
                service, region_name=region, config=self.config, endpoint_url=self.endpoint_url, **keys
            )
        return clients[key]

    def execute(self, call: Call) -> Any:
        """Send a call; every page of it when it asks for pages."""
        self.calls += 1
        told = SIGNER.set(self._signer)
        try:
            client = self._sender(call)
            if call.pages and client.can_paginate(xform_name(call.operation)):
                pages = client.get_paginator(xform_name(call.operation))
                pages._method = partial(self._page, client, call)
                return pages.paginate(**call.params).build_full_result()
            if self._repeats is not None:
                return self._repeats.make(client, call, self._signer)
            return self._sent(client, call)
        except failures.ClientError as error:
            return _refused(call, error)
        except failures.ParamValidationError as error:
            raise Refused(call, "ParamValidation", str(error), status=400) from error
        except OUT_OF_REACH as error:
            raise TargetError(f"AWS {call}: {error}") from error
        finally:
            SIGNER.reset(told)

    def _page(self, client: Any, call: Call, **params: Any) -> Any:
        return self._sent(client, replace(call, params=params))

    def _sent(self, client: Any, call: Call) -> Any:
        if self._patterns is not None and (signer := self._signer or self._own) is not None:
            return self._patterns.make(client, call, signer)
        return client._make_api_call(call.operation, dict(call.params))


def _sign_as(request: Any, **_: Any) -> None:
    """Have a request signed by whoever sends it."""
    signer = SIGNER.get()
    if signer is not None:
        request.context.setdefault("signing", {})["request_credentials"] = signer


def _tokens(place: Callable[[], int]) -> Callable[..., None]:
    """Return what gives a call the tokens by which it is made once, from the calls before it instead of by chance."""

    def give(params: dict[str, Any], model: OperationModel, **_: Any) -> None:
        asked = f"{place()} {model.name} {sorted(params.items())}"
        for name in model.idempotent_members:
            params.setdefault(name, str(uuid5(NAMESPACE_OID, f"{asked} {name}")))

    return give


def _repeats(events: Any, handle: Handle) -> "Repeats":
    """Mount a session on a world; what that needs is imported for it alone."""
    from twin.resources.aws.repeats import Repeats

    return Repeats(events, handle)


def _patterns(session: Session, url: str, transcript: "Transcript | None") -> "Patterns":
    """Return what sends the reads of a served twin; what that needs is imported for it alone."""
    from twin.resources.aws.patterns import Patterns

    return Patterns(session.get_component("event_emitter"), url, transcript)


def _retries(*, live: bool, mounted: bool) -> dict[str, Any]:
    """Return how often a call is tried; into a mounted world once, as waiting would take the machine's time."""
    if mounted:
        return {"mode": "standard", "total_max_attempts": 1}
    return {"mode": "adaptive", "max_attempts": 8} if live else {"mode": "standard", "max_attempts": 2}


def _refused(call: Call, error: failures.ClientError) -> None:
    """Raise Refused for a vendor's error, unless the call takes it for absence."""
    code = error.response.get("Error", {}).get("Code", "Unknown")
    if code in call.absent:
        return
    raise Refused(
        call,
        code,
        error.response.get("Error", {}).get("Message", str(error)),
        status=error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0),
        transient=code in THROTTLED
        or code == NAME_IS_KEPT
        or error.response.get("ResponseMetadata", {}).get("HTTPStatusCode") == 429,
    ) from error

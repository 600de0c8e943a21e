"""The AWS gateway: identify the principal, inject faults, authorise, refuse, store, record."""

from urllib.parse import urlsplit

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.request import Request as MotoRequest
from moto.core.utils import get_service_model

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.answers import own_answer
from twin.world.authorisation.answers import authorised_answers
from twin.world.authorisation.authorisation import Authorisation
from twin.world.aws_call import Call, Check
from twin.world.aws_errors import AwsError, Protocol, render
from twin.world.credential_errors import credential_error, phrased
from twin.world.due import settle
from twin.world.ids import Ids
from twin.world.keys import KeyRing
from twin.world.principals import Key, Principal, anonymous_principal
from twin.world.refusals import check_refusals
from twin.world.sigv4 import Signature, read_signature, verify
from twin.world.stores.moto_requests import to_moto
from twin.world.stores.moto_routes import Route, canonical_url, find_route
from twin.world.stores.moto_store import MotoStore
from twin.world.stores.operations import VERSION, operation_of, parameter, parse_parameters, protocol_of
from twin.world.stores.results import serialise
from twin.world.trail import Recorded, Trail
from twin.world.trail.cloudtrail import Behavior, CloudTrail
from twin.world.unsigned import OPEN_OBJECT, PUBLIC_KEYS, unsigned_scope

LOAD_BALANCING = "elasticloadbalancing"


class Gateway:
    """Every AWS call passes here, in one order; `faults` and `authorisers` may raise AwsError.

    A function in `behaviors` answers its operation instead of the store, or returns None to leave it to the store.
    """

    def __init__(
        self, *, store: MotoStore, keys: KeyRing, clock: Clock, ids: Ids, region: str, cloudtrail: CloudTrail
    ) -> None:
        self.store = store
        self.keys = keys
        self.trail = Trail()
        self.cloudtrail = cloudtrail
        self.authorisation = Authorisation(keys, clock)
        self.behaviors: dict[tuple[str, str], Behavior] = cloudtrail.behaviors()
        self.behaviors |= authorised_answers(self.authorisation, cloudtrail.evidence)
        self.faults: list[Check] = []
        self.authorisers: list[Check] = [self.authorisation]
        self._clock = clock
        self._ids = ids
        self._region = region

    def handle(self, request: Request) -> Response:
        """Answer one AWS call, in the protocol in which it came."""
        self.cloudtrail.settle()
        self.store.seed_next()
        broken: AwsError | None = None
        signature: Signature | None = None
        try:
            signature = read_signature(request)
        except AwsError as unreadable:
            broken = unreadable
        service, region = (signature.service, signature.region) if signature else unsigned_scope(request, self._region)
        url = canonical_url(request.url, service=service, region=region, target=request.headers.get("X-Amz-Target", ""))
        version = parameter(request, VERSION) if LOAD_BALANCING in url else ""
        route = find_route(url, version=version)
        service = route.service if route else _model_name(service)
        visit = Visit(request, url, region, service, protocol_of(request, service), route)
        self.cloudtrail.before(service, visit.operation)
        error: AwsError | None = None
        try:
            if broken is not None:
                raise broken
            response = self._answer(visit, signature)
        except AwsError as refusal:
            error = phrased(refusal, visit.protocol)
            response = render(error, protocol=visit.protocol, service=service, request_id=self._ids.uuid())
        self._record(visit, response, error)
        if request.method == "HEAD":
            response.body = b""
        return response

    def _answer(self, visit: "Visit", signature: Signature | None) -> Response:
        principal = self._identify(visit, signature)
        visit.identified(principal)
        call = visit.call(principal)
        try:
            for check in (*self.faults, *self.authorisers):
                check(call)
            return own_answer(self.keys, call, self._ids) or self._behaved(call) or self._stored(call, visit)
        finally:
            # After the store, which notes a use of its own under its own name of the service.
            if signature is not None and principal.kind == "user":
                self.keys.mark_used(call, signature)

    def _behaved(self, call: Call) -> Response | None:
        behavior = self.behaviors.get((call.service, call.operation))
        result = behavior(call) if behavior is not None else None
        return serialise(result, call, self._ids.uuid()) if result is not None else None

    def _stored(self, call: Call, visit: "Visit") -> Response:
        settle(call)
        check_refusals(call)
        return self.store.answer(call, visit.route, visit.moto)

    def _identify(self, visit: "Visit", signature: Signature | None) -> Principal:
        if signature is None:
            return self._unsigned(visit)
        key = self.authorisation.key(signature.access_key_id, self.keys.find(signature.access_key_id))
        if key is None or not key.active:
            raise credential_error("unknown", visit.protocol)
        if key.credentials.session_token != signature.session_token:
            raise credential_error("token", visit.protocol)
        if key.expires is not None and key.expires <= self._clock.now():
            raise credential_error("expired", visit.protocol)
        verify(visit.request, signature, key.credentials.secret_access_key)
        visit.key = key
        return key.principal

    def _unsigned(self, visit: "Visit") -> Principal:
        anonymous = anonymous_principal(self.keys.accounts[0])
        if visit.service == "s3" and visit.operation in OPEN_OBJECT:
            return anonymous
        if urlsplit(visit.url).path.endswith(PUBLIC_KEYS):
            return anonymous
        if _needs_no_signature(visit.service, visit.operation):
            return anonymous
        raise credential_error("missing", visit.protocol)

    def _record(self, visit: "Visit", response: Response, error: AwsError | None) -> None:
        self.cloudtrail.witness(visit, response, error)
        principal = visit.principal
        self.trail.add(
            Recorded(
                time=self._clock.now(),
                principal=principal,
                account=principal.account if principal else "",
                region=visit.region,
                service=visit.service,
                operation=visit.operation,
                status=response.status,
                error=error.code if error else None,
                request_id=response.headers.get("x-amzn-RequestId", ""),
            )
        )


class Visit:
    """A request while the gateway finds out what it is."""

    __slots__ = ("key", "moto", "operation", "principal", "protocol", "region", "request", "route", "service", "url")

    def __init__(
        self, request: Request, url: str, region: str, service: str, protocol: Protocol, route: Route | None
    ) -> None:
        self.request = request
        self.url = url
        self.region = region
        self.service = service
        self.protocol = protocol
        self.route = route
        self.principal: Principal | None = None
        self.key: Key | None = None
        self.moto: MotoRequest = to_moto(request, url, account="")
        self.operation = operation_of(request, self.moto, service=service, protocol=protocol)

    def identified(self, principal: Principal) -> None:
        """Tell moto in which account the call acts."""
        self.principal = principal
        self.moto.environ["HTTP_X_MOTO_ACCOUNT_ID"] = principal.account

    def call(self, principal: Principal) -> Call:
        """Return the call for those who decide about it."""
        return Call(
            request=self.request,
            url=self.url,
            region=self.region,
            service=self.service,
            operation=self.operation,
            protocol=self.protocol,
            principal=principal,
            parse=lambda: parse_parameters(self.moto, self.service, self.operation),
            key=self.key,
        )


def _model_name(signing_name: str) -> str:
    """Name a service that moto lacks as botocore does (`access-analyzer` signs for `accessanalyzer`)."""
    for name in (signing_name, signing_name.replace("-", "")):
        try:
            get_service_model(name)
        except UnknownServiceError:
            continue
        return name
    return signing_name


def _needs_no_signature(service: str, operation: str) -> bool:
    try:
        model = get_service_model(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError):
        return False
    return model.auth_type in ("none", "smithy.api#noAuth") or "smithy.api#noAuth" in (model.auth or ())

"""The AWS gateway: identify the principal, inject faults, authorise, refuse, behave, store, record."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from botocore.exceptions import UnknownServiceError
from botocore.model import OperationNotFoundError
from moto.core.utils import get_service_model

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.access_point import AccessPoint
from twin.world.access_points import opened
from twin.world.authorisation.answers import authorised_answers
from twin.world.authorisation.authorisation import WRITERS, Authorisation
from twin.world.aws_call import Asked, Call, Check, Done
from twin.world.aws_errors import AwsError, render
from twin.world.behaviors import ANSWERS, FOLLOWERS, READERS, WITNESSES
from twin.world.client_tokens import TOKENED, answered_before, keep_answer
from twin.world.credential_errors import credential_error, phrased
from twin.world.due import settle
from twin.world.ids import Ids
from twin.world.keys import KeyRing
from twin.world.other_accounts import owner_of
from twin.world.principals import Key, Principal, anonymous_principal, service_principal
from twin.world.reading import Reading, read, read_own
from twin.world.refusals import check_refusals
from twin.world.request_age import check_age
from twin.world.scene import Scene
from twin.world.stores.moto_store import MotoStore
from twin.world.stores.operations import parse_parameters
from twin.world.stores.results import parse_reply, parse_result, serialise
from twin.world.stores.sent_headers import SentRequest
from twin.world.stores.service_requests import service_request
from twin.world.trail import Recorded, Trail
from twin.world.trail.cloudtrail import CloudTrail
from twin.world.unsigned import CERTIFICATE, OPEN_ACTIONS, OPEN_OBJECT, PUBLIC_KEYS


class Gateway:
    """Every AWS call passes here, in one order; `faults` and `authorisers` may raise AwsError.

    `delayed` sums up by how many seconds the replies came late.
    """

    def __init__(
        self,
        *,
        store: MotoStore,
        keys: KeyRing,
        clock: Clock,
        ids: Ids,
        region: str,
        cloudtrail: CloudTrail,
        scene: Scene,
    ) -> None:
        self.store = store
        self.keys = keys
        self.trail = Trail()
        self.cloudtrail = cloudtrail
        self.scene = scene
        self.authorisation = Authorisation(keys, clock)
        self.authorised = authorised_answers(self.authorisation, cloudtrail.evidence)
        self.faults: list[Check] = []
        self.authorisers: list[Check] = [self.authorisation]
        self.delayed = 0.0
        self._clock = clock
        self._ids = ids
        self._region = region

    def handle(self, request: Request) -> Response:
        """Answer one AWS call, in the protocol in which it came."""
        self.cloudtrail.settle()
        self.store.seed_next()
        reading, broken = read(request, self._region)
        door = None
        try:
            reading, door = opened(request, reading)
        except AwsError as absent:
            broken = broken or absent
        visit = Visit(request, reading, door)
        service = visit.service
        self.cloudtrail.before(service, visit.operation)
        error: AwsError | None = None
        try:
            if broken is not None:
                raise broken
            response = self._answer(visit)
        except AwsError as refusal:
            error = phrased(refusal, visit.protocol)
            response = render(error, protocol=visit.protocol, service=service, request_id=self._ids.uuid())
        self._record(visit, response, error)
        if request.method == "HEAD":
            response.body = b""
        response.delay = visit.delay
        self.delayed += visit.delay
        return response

    def _answer(self, visit: "Visit") -> Response:
        principal = self._identify(visit)
        visit.identified(principal)
        call = visit.call(principal)
        try:
            for check in (*self.faults, *self.authorisers):
                check(call)
            if (owner := owner_of(call)) is not None:
                call.owner = visit.owner = owner
                visit.moto.headers.tell(owner)
            return self._carried_out(call, visit)
        finally:
            visit.delay = call.delay
            # After the store, which notes a use of its own under its own name of the service.
            if (signature := visit.reading.signature) is not None and principal.kind == "user":
                self.keys.mark_used(call, signature)

    def perform(
        self, operation: str, params: Mapping[str, Any], *, account: str, region: str, by: str
    ) -> dict[str, Any]:
        """Make the call `service:Operation` as a service of AWS, and return its result; AwsError when refused."""
        service, _, name = operation.partition(":")
        request = service_request(service, name, params, region=region, agent=by)
        visit = Visit(request, read_own(request, service=service, region=region))
        principal = service_principal(by, account)
        visit.identified(principal)
        call = visit.call(principal)
        error: AwsError | None = None
        self.store.seed_next()
        self.cloudtrail.before(service, name)
        try:
            for check in self.faults:
                check(call)
            response = self._carried_out(call, visit)
        except AwsError as refusal:
            error = refusal
            response = render(error, protocol=visit.protocol, service=service, request_id=self._ids.uuid())
        self._record(visit, response, error)
        if error is None and response.status >= 400:
            told = parse_reply(get_service_model(service).operation_model(name), visit.protocol, response)["Error"]
            error = AwsError(str(told["Code"]), str(told["Message"]), response.status)
        if error is not None:
            raise error
        if service in WRITERS:
            self.authorisation.changed()
        return parse_result(call, response)

    def _carried_out(self, call: Call, visit: "Visit") -> Response:
        """Refuse what AWS refuses; let behaviors answer, or the store; then let behaviors act on what was done."""
        settle(call)
        name = (call.service, call.operation)
        if name in TOKENED and (known := answered_before(call, self.scene)) is not None:
            return serialise(known, call, self._ids.uuid())
        check_refusals(call)
        answer = ANSWERS.get(name)
        result = answer(Asked(call), self.scene) if answer is not None and self._acts(answer, call) else None
        if result is not None:
            response = serialise(result, call, self._ids.uuid())
        else:
            response = self.store.answer(call, visit.route, visit.moto)
        if response.status < 400:
            for follow in FOLLOWERS.get(name, ()):
                replaced = follow(Done(call, response), self.scene) if self._acts(follow, call) else None
                if replaced is not None:
                    response = serialise(replaced, call, self._ids.uuid())
            if name in TOKENED:
                keep_answer(call, response, self.scene)
        return response

    def _acts(self, behavior: Callable[..., Any], call: Call) -> bool:
        """Tell whether a behavior acts here: one whose service is kept elsewhere cannot."""
        return call.service not in self.store.elsewhere and behavior.__module__ not in self.scene.idle

    def _identify(self, visit: "Visit") -> Principal:
        signature = visit.reading.signature
        if signature is None:
            return self._unsigned(visit)
        key = self.authorisation.key(signature.access_key_id, self.keys.find(signature.access_key_id))
        if key is None or not key.active:
            raise credential_error("unknown", visit.protocol)
        if key.credentials.session_token != signature.session_token:
            raise credential_error("token", visit.protocol)
        if key.expires is not None and key.expires <= self._clock.now():
            raise credential_error("expired", visit.protocol)
        visit.reading.verify(visit.request, key.credentials.secret_access_key)
        check_age(signature, self.scene.agenda.leader, visit.protocol)
        visit.key = key
        return key.principal

    def _unsigned(self, visit: "Visit") -> Principal:
        anonymous = anonymous_principal(self.keys.accounts[0])
        if visit.service == "s3" and visit.operation in OPEN_OBJECT:
            return anonymous
        path = urlsplit(visit.url).path
        if path.endswith(PUBLIC_KEYS) or (visit.service == "sns" and CERTIFICATE.match(path)):
            return anonymous
        if (visit.service, visit.operation) in OPEN_ACTIONS:
            return anonymous
        if _needs_no_signature(visit.service, visit.operation):
            return anonymous
        raise credential_error("missing", visit.protocol)

    def _record(self, visit: "Visit", response: Response, error: AwsError | None) -> None:
        seen = self.cloudtrail.witness(visit, response, error)
        entry, _ = seen[0]
        code = error.code if error else None
        principal, region, service, operation = visit.principal, visit.region, visit.service, visit.operation
        told = (entry.account, region, service, operation, response.status, code, entry.request_id)
        self.trail.add(Recorded(self._clock.now(), principal, *told))
        for event, takers in seen if entry.recordable else ():
            for witness in WITNESSES if not event.copied else READERS:
                if witness.__module__ not in self.scene.idle:
                    witness(self.scene, event, takers)


class Visit:
    """A request while the gateway finds out what it is."""

    __slots__ = (
        "delay", "door", "key", "moto", "operation", "owner", "parsed", "principal", "protocol", "reading", "region",
        "request", "route", "service", "url",
    )  # fmt: skip

    def __init__(self, request: Request, reading: Reading, door: AccessPoint | None = None) -> None:
        self.request = request
        self.door = door
        self.reading = reading
        self.url = reading.url
        self.region = reading.region
        self.service = reading.service
        self.protocol = reading.protocol
        self.route = reading.route
        self.operation = reading.operation
        self.principal: Principal | None = None
        self.key: Key | None = None
        self.owner: str | None = None
        self.delay = 0.0
        self.parsed: dict[str, Any] | None = None
        self.moto: SentRequest = reading.moto(request)

    def identified(self, principal: Principal) -> None:
        """Tell moto in which account the call acts."""
        self.principal = principal
        self.moto.headers.tell(principal.account)

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
            parse=self.parse,
            key=self.key,
            headers=self.reading.headers,
            door=self.door,
        )

    def parse(self) -> dict[str, Any]:
        """Return the typed parameters, parsed once for all who decide."""
        if self.parsed is None:
            self.parsed = parse_parameters(self.moto, self.service, self.operation)
        return self.parsed


def _needs_no_signature(service: str, operation: str) -> bool:
    try:
        model = get_service_model(service).operation_model(operation)
    except (UnknownServiceError, OperationNotFoundError):
        return False
    return model.auth_type in ("none", "smithy.api#noAuth") or "smithy.api#noAuth" in (model.auth or ())

"""CloudTrail as the world runs it: it sees each call, delivers what is due, and answers what the store cannot."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

from werkzeug.datastructures import Headers

from twin.clock import Clock
from twin.wire import Response
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError
from twin.world.principals import Key
from twin.world.source import LOOPBACK, SOURCE_HEADER
from twin.world.stores.moto_store import backends
from twin.world.trail.delivery import Delivery, LogFile
from twin.world.trail.evidence import WRITTEN, Evidence, Witnessed, micros_of
from twin.world.trail.facts import BODY_LIMIT, answered, data_type, read_only
from twin.world.trail.identity import CLOUDTRAIL, WEB_IDENTITY, stranger, user_identity, web_identity
from twin.world.trail.lookup import Lookup
from twin.world.trail.shared import other_account

if TYPE_CHECKING:
    from twin.world.gateway import Visit

KEPT_HEADERS = ("x-amz-", "content-type", "user-agent", "smithy-protocol")
REQUEST_IDS = ("x-amzn-requestid", "x-amz-request-id")
AHEAD = WRITTEN // 2
SECRET_HEADERS = ("x-amz-security-token", "x-amz-content-sha256")


class CloudTrail:
    """Joins evidence, delivery and lookup; the gateway tells it of each call before and after."""

    def __init__(self, *, seed: int | str, clock: Clock) -> None:
        self.evidence = Evidence(seed)
        self._clock = clock
        self._delivery = Delivery(self.evidence, seed)
        self._lookup = Lookup(self.evidence)
        self._identities: dict[tuple[str, str], dict[str, Any]] = {}

    def look_up(self, call: Call) -> dict[str, Any]:
        """Answer LookupEvents."""
        return self._lookup.answer(call, self._clock.now())

    def settle(self) -> None:
        """Deliver what is due by now."""
        self._delivery.settle(self._clock.now(), self._wrote)

    def write_ahead(self) -> None:
        """Write the events that wait for delivery, so that copies of this process find them written."""
        for number in self._delivery.waiting()[-AHEAD:]:
            self.evidence.text(number)

    def before(self, service: str, operation: str) -> None:
        """Note that a call comes, which may change a trail."""
        if service == "cloudtrail" and not read_only(service, operation):
            self._delivery.before_change()

    def witness(
        self, visit: "Visit", response: Response, error: AwsError | None
    ) -> list[tuple[Witnessed, list[Any]]]:  # fmt: skip
        """Put a call into the evidence, and again for another account whose resource it used; each with its trails."""
        now = self._clock.now()
        service, operation = visit.service, visit.operation
        entry = self._witnessed(visit, response, error, now)
        other = other_account(visit) if error is None and response.status < 400 else None
        if other is not None:
            entry = entry._replace(shared=entry.number)
        self.evidence.append(entry)
        changes = service == "cloudtrail" and not read_only(service, operation)
        seen = [(entry, self._delivery.changed(entry) if changes else self._delivery.noticed(entry))]
        if other is not None:
            copy = entry._replace(number=len(self.evidence), account=other, identity=stranger(entry.identity))
            self.evidence.append(copy)
            seen.append((copy, self._delivery.noticed(copy)))
        return seen

    def _witnessed(self, visit: "Visit", response: Response, error: AwsError | None, now: datetime) -> Witnessed:
        request, principal = visit.request, visit.principal
        service, operation = visit.service, visit.operation
        told = response.status >= 400 and error is None
        in_url = service == "s3" and data_type(service, operation) is not None
        headers, source = _kept(request.headers)
        # In the order of the fields: a call's name for each takes longer than all the rest.
        return Witnessed(
            len(self.evidence),
            micros_of(now),
            principal.account if principal else "",
            visit.region,
            service,
            operation,
            visit.protocol,
            request.method,
            visit.url,
            headers,
            "" if in_url else request.body.decode("latin-1") if len(request.body) <= BODY_LIMIT else None,
            response.status,
            (error.code, error.message) if error else None,
            list(response.headers) if told or service == "s3" else [],
            response.body.decode("latin-1") if told or _answers(service, operation, response) else None,
            _request_id(response),
            self._web_identity(operation, visit.key, response) or self._identity(visit.principal, visit.key),
            source,
        )

    def _web_identity(self, operation: str, key: Key | None, response: Response) -> dict[str, Any] | None:
        """Return whom an identity token named; None for any other call, and where the token was refused."""
        if operation != WEB_IDENTITY or key is not None or response.status != 200:
            return None
        return web_identity(response.body.decode())

    def _identity(self, principal: Any, key: Key | None) -> dict[str, Any]:
        if principal is None or key is None:
            return user_identity(principal, key)
        held = (key.credentials.access_key_id, principal.arn)
        if held not in self._identities:
            self._identities[held] = user_identity(principal, key)
        return self._identities[held]

    def _wrote(self, file: LogFile, account: str) -> None:
        trail = file.trail
        self.evidence.append(
            Witnessed(
                number=len(self.evidence),
                micros=micros_of(file.time),
                account=account,
                region=trail.region_name,
                service="s3",
                operation="PutObject",
                protocol="s3",
                method="PUT",
                url=f"https://{trail.bucket_name}.s3.{trail.region_name}.amazonaws.com/{file.key}",
                headers=[("x-amz-acl", "bucket-owner-full-control")],
                body="",
                status=200,
                error=None,
                reply_headers=[],
                reply=None,
                request_id=self.evidence.event_id(len(self.evidence)).replace("-", "")[:16].upper(),
                identity=CLOUDTRAIL,
                source=CLOUDTRAIL["invokedBy"],
            )
        )

    def status(self, call: Call) -> dict[str, Any] | None:
        """Answer GetTrailStatus; None for a trail that is not there."""
        trail = _find_trail(call, call.parse().get("Name", ""))
        if trail is None:
            return None
        held, kept = self._delivery.pending(trail), trail.status
        attempt = _text(held.attempted)
        status: dict[str, Any] = {
            "IsLogging": kept.is_logging,
            "LatestDeliveryError": held.error,
            "LatestDeliveryTime": held.delivered,
            "StartLoggingTime": _aware(kept.started),
            "StopLoggingTime": _aware(kept.stopped),
            "LatestDeliveryAttemptTime": attempt,
            "LatestNotificationAttemptTime": "",
            "LatestNotificationAttemptSucceeded": "",
            "LatestDeliveryAttemptSucceeded": _text(held.delivered),
            "TimeLoggingStarted": _text(_aware(kept.started)),
            "TimeLoggingStopped": _text(_aware(kept.stopped)),
        }
        return {name: value for name, value in status.items() if value is not None}

    def replace_selectors(self, call: Call) -> None:
        """Drop the selectors of the other kind, which the store would keep beside the new ones."""
        asked = call.parse()
        trail = _find_trail(call, asked.get("TrailName", ""))
        if trail is not None and asked.get("EventSelectors"):
            trail.advanced_event_selectors = []


def _find_trail(call: Call, name: str) -> Any:
    for region, backend in backends("cloudtrail")[call.account].items():
        for trail in backend.trails.values():
            if name == trail.arn or (name == trail.trail_name and (region == call.region or trail.is_multi_region)):
                return trail
    return None


def _answers(service: str, operation: str, response: Response) -> bool:
    return service != "s3" and answered(service, operation) and len(response.body) <= BODY_LIMIT


def _kept(headers: Headers) -> tuple[list[tuple[str, str]], str]:
    """Return the headers that are kept, and from where the call came."""
    kept, source = [], LOOPBACK
    for name, value in headers:
        what = _place(name)
        if what == "kept":
            kept.append((name, value))
        elif what == "source":
            source = value
    return kept, source


@lru_cache(1024)
def _place(name: str) -> Literal["kept", "source", "dropped"]:
    name = name.lower()
    if name == SOURCE_HEADER.lower():
        return "source"
    keeps = name.startswith(KEPT_HEADERS) and name not in SECRET_HEADERS and "customer-key" not in name
    return "kept" if keeps else "dropped"


def _request_id(response: Response) -> str:
    found = {name: value for sent, value in response.headers if (name := _id_name(sent))}
    return found.get(REQUEST_IDS[0]) or found.get(REQUEST_IDS[1], "")


@lru_cache(1024)
def _id_name(name: str) -> str:
    name = name.lower()
    return name if name in REQUEST_IDS else ""


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC, microsecond=0) if time is not None else None


def _text(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ") if time is not None else ""

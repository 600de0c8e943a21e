"""The PagerDuty account of the twin: one request in, one reply out, as its two APIs answer.

https://developer.pagerduty.com/docs/authentication: the REST API wants `Authorization: Token token=…`, the Events API
the key of an integration and nothing else.
"""

import importlib
from dataclasses import replace
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.wire import Request, Response
from twin.world.agenda import Agenda
from twin.world.equal import same
from twin.world.ids import Ids
from twin.world.saas.pagerduty.documented import documented, shape
from twin.world.saas.pagerduty.errors import EventError, RestError, invalid, not_found
from twin.world.saas.pagerduty.state import API, ROUTER, Account, Tell
from twin.world.saas.router import Endpoint, Hit, json_response
from twin.world.saas.stations import (
    Served,
    VendorCheck,
    VendorDenied,
    VendorFault,
    VendorPrincipal,
    call_of,
    unchecked,
)

AREAS = (
    "users", "teams", "schedules", "escalation_policies", "services", "incidents", "log_entries", "events",
    "cloudwatch_events", "any_events", "webhook_subscriptions",
)  # fmt: skip
for area in AREAS:
    importlib.import_module(f"twin.world.saas.pagerduty.{area}")

LOG = "log_entries"
EVENTS = ("/v2/", "/integration/", "/x-ere/")
SCHEME = "Token token="
PRIORITIES = ("P1", "P2", "P3", "P4", "P5")
# What PagerDuty documents and the twin does not have.
UNSUPPORTED = (
    "abilities", "addons", "alert_grouping_settings", "analytics", "audit", "automation_actions", "business_services",
    "change_events", "event_orchestrations", "extension_schemas", "extensions", "incident_workflows",
    "license_allocations", "licenses", "notifications", "paused_incident_reports", "response_plays", "rulesets",
    "service_dependencies", "standards", "status_dashboards", "status_pages", "tags", "templates", "vendors",
)  # fmt: skip
Found = tuple[Endpoint[Account], Hit] | HTTPException


class PagerDuty:
    """One account behind its APIs, with the token that exists from the start and no users.

    Rate limits are told in headers; they refuse only with `enforce_rate_limits`.
    """

    def __init__(self, *, agenda: Agenda, ids: Ids, subdomain: str, token: str, tell: Tell,
                 enforce_rate_limits: bool = False) -> None:  # fmt: skip
        self.account = Account(agenda, ids, subdomain, token, tell)
        self.account.limits.enforced = enforce_rate_limits
        for name in PRIORITIES:
            key = self.account.new_id()
            self.account.priorities[key] = {"id": key, "name": name, "summary": name, "description": ""}

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are PagerDuty's own errors, never exceptions."""
        return self.serve(request).response

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer one request and tell its log entries; `check` stands between the principal and the answer."""
        account, found = self.account, ROUTER.match(request)
        operation = "" if isinstance(found, HTTPException) else found[1].operation
        served, headers = Served(call_of("pagerduty", request, operation)), {}
        account.told = []
        try:
            if not served.call.path.startswith(EVENTS):
                headers = _admit(account, served)
            check(served.call)
            served.response = _answer(account, served, found)
        except EventError as refused:
            served.response, served.error = json_response(refused.status, refused.body()), refused.name
        except (RestError, VendorDenied, VendorFault) as stopped:
            told = _refused(stopped)
            served.error, served.fault = str(told.code), getattr(stopped, "kind", "")
            served.response = json_response(told.status, told.body())
            if told.code == TOO_MANY:
                headers = getattr(stopped, "headers", headers)
        for name, value in headers.items():
            served.response.headers[name] = value
        _addressed(served)
        served.events = [(LOG, entry) for entry in account.told]
        return served


def _addressed(served: Served) -> None:
    """Let the addresses of records be at the host that was asked: the client follows no other."""
    parts = urlsplit(served.call.request.url)
    here = f'"self":"{parts.scheme}://{parts.netloc}/'
    served.response.body = served.response.body.replace(f'"self":"{API}/'.encode(), here.encode())


TOO_MANY = 2020


class TooMany(RestError):
    """The 429, with the headers that say when to come again."""

    def __init__(self, headers: dict[str, str]) -> None:
        super().__init__(429, "Rate Limit Exceeded", TOO_MANY)
        self.headers = headers


def _admit(account: Account, served: Served) -> dict[str, str]:
    """Know the caller by its token and count the call; returns the headers that tell what is left."""
    given = served.call.request.headers.get("Authorization", "")
    if not given.startswith(SCHEME) or not same(account.token, given.removeprefix(SCHEME)):
        raise RestError(401, "Authentication Failed", 2006)
    served.call = replace(
        served.call, principal=VendorPrincipal("api-key", "REST API key", account.subdomain, "account")
    )
    within, headers = account.limits.spend("rest", "rest_per_minute", account.instant())
    if not within:
        raise TooMany(headers)
    return headers


def _answer(account: Account, served: Served, found: Found) -> Response:
    path = served.call.path
    told = "" if path.startswith(EVENTS) else documented(path)
    if not isinstance(found, HTTPException):
        rule = found[1].operation.partition(" ")[2]
        # A word of the vendor's own where ours has an id: nothing has that id.
        if told.count("{") < rule.count("<") and shape(told) != shape(rule) and told:
            raise invalid(f"{told} is documented by PagerDuty and not simulated here")
        return found[0](account, found[1])
    first = served.call.path.strip("/").partition("/")[0]
    if first in UNSUPPORTED:
        raise invalid(f"/{first} is documented by PagerDuty and not simulated here")
    if told and served.call.method != "PATCH":
        raise invalid(f"{served.call.method} {told} is not simulated here, though PagerDuty documents the path")
    if isinstance(found, MethodNotAllowed):
        raise RestError(405, "Method Not Allowed", 2001)
    raise not_found()


def _refused(stopped: RestError | VendorDenied | VendorFault) -> RestError:
    if isinstance(stopped, RestError):
        return stopped
    if isinstance(stopped, VendorDenied):
        return RestError(403, "Access Denied", 2010)
    code = TOO_MANY if stopped.status == 429 else 2000
    return RestError(stopped.status, stopped.message or "Internal Server Error", code)

"""The Okta org of the twin: one request in, one reply out, as the Management API answers."""

import importlib
from dataclasses import replace
from urllib.parse import urlsplit

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.okta.documented import documented, operation_name
from twin.world.saas.okta.errors import OktaError
from twin.world.saas.okta.genesis import found_org
from twin.world.saas.okta.lockout import settle
from twin.world.saas.okta.log_events import record_rate_limit
from twin.world.saas.okta.oauth_errors import Challenge, OAuthRefusal, Unredirectable
from twin.world.saas.okta.open_paths import needs_token
from twin.world.saas.okta.principal import identify
from twin.world.saas.okta.rate_limits import Spent
from twin.world.saas.okta.role_permissions import authorise
from twin.world.saas.okta.service_access import bearer_of
from twin.world.saas.okta.state import ROUTER, Caller, Org, Record
from twin.world.saas.router import Endpoint, Hit, json_response
from twin.world.saas.stations import (
    Served,
    VendorCall,
    VendorCheck,
    VendorDenied,
    VendorFault,
    VendorPrincipal,
    call_of,
    masked,
    unchecked,
)
from twin.world.saas.webhooks import Ask, nobody

AREAS = (
    "users", "lifecycle", "groups", "rules", "apps", "app_credentials", "assignments", "policies", "policy_rules",
    "authenticators", "zones", "authorization_servers", "server_keys", "scopes", "server_policies", "client_tokens",
    "discovery", "authorize", "token_endpoint", "introspection", "saml_sso", "org", "system_log", "behaviors",
    "service_grants", "client_roles", "credentials", "factors", "factor_verification", "sessions", "authn",
    "authn_factors", "authn_recovery", "roles", "policy_simulation", "event_hooks",
)  # fmt: skip
for area in AREAS:
    importlib.import_module(f"twin.world.saas.okta.{area}")

LOG = "logs"
# What Okta's own edge answers on 502, 503 and 504 is documented nowhere; the code of an internal error is assumed.
FAULT_CODES = {429: "E0000047"}
INTERNAL_ERROR, READ_ONLY, DENIED = "E0000009", "E0000010", "E0000006"

Found = tuple[Endpoint[Org], Hit] | HTTPException


class Okta:
    """One org behind its API; `token` is the API token that exists from the start.

    Rate limits are told in headers; they refuse only with `enforce_rate_limits`, since a clock that stands still
    would never open the next window.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        org_url: str,
        org_name: str,
        token: str,
        ask: Ask = nobody,
        enforce_rate_limits: bool = False,
    ) -> None:
        self.org: Org = found_org(clock=clock, ids=ids, url=org_url.rstrip("/"), name=org_name, token=token)
        self.org.ask = ask
        self.org.limits.enforced = enforce_rate_limits

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are Okta's own errors, never exceptions."""
        return self.serve(request).response

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer one request and tell its events; `check` stands between the principal and the answer."""
        org, found = self.org, ROUTER.match(request)
        served = Served(call_of("okta", request, _operation(request, found)))
        call = served.call
        _begin(org, call)
        spent = org.limits.spend(call.method, call.path, org.clock.now())
        headers = spent.headers()
        try:
            served.response = _answer(org, served, found, spent, check=check)
        except OAuthRefusal as stopped:
            served.response, served.error = json_response(stopped.status, stopped.body(), stopped.headers), stopped.code
        except Challenge as stopped:
            served.response, served.error = Response(stopped.refused.status), stopped.refused.code
            served.response.headers["WWW-Authenticate"] = stopped.header
        except Unredirectable as stopped:
            body = stopped.body("oae" + org.ids.word(22))
            served.response, served.error = json_response(400, body), stopped.refusal.code
        except (OktaError, VendorDenied, VendorFault) as stopped:
            refused = _refused(stopped)
            served.response, served.error = _refusal(org, refused), refused.code
            if isinstance(stopped, VendorFault):
                served.fault = stopped.kind
                headers |= _throttled(org, spent, stopped)
        _close(org, served, headers)
        return served


def _begin(org: Org, call: VendorCall) -> None:
    org.request_id, org.actor, org.told = org.ids.word(27), {}, []
    query = call.request.url.partition("?")[2].partition("#")[0]
    org.caller = Caller(call.source, call.user_agent, call.path, masked(f"{call.path}?{query}"))
    settle(org)


def _close(org: Org, served: Served, headers: dict[str, str]) -> None:
    reply = served.response
    for name, value in headers.items():
        reply.headers[name] = value
    reply.headers["X-Okta-Request-Id"] = org.request_id
    reply.headers["Date"] = f"{org.clock.now():%a, %d %b %Y %H:%M:%S} GMT"
    reply.headers.setdefault("Cache-Control", "no-cache, no-store")
    served.events = [(LOG, event) for event in org.told]


def _operation(request: Request, found: Found) -> str:
    if isinstance(found, HTTPException):
        return documented(request.method, urlsplit(request.url).path)
    return operation_name(found[1].operation)


def _answer(org: Org, served: Served, found: Found, spent: Spent, *, check: VendorCheck) -> Response:
    call = served.call
    if needs_token(call.request, call.path):
        org.actor = _caller(org, call, found)
        served.call = call = replace(call, principal=_principal(org.actor))
        authorise(org, org.actor, call.method, call.path)
    if spent.crossed:
        record_rate_limit(org, spent, spent.crossed)
    if not spent.within:
        raise OktaError("E0000047")
    check(call)
    if isinstance(found, HTTPException):
        raise _unroutable(call.operation, found)
    endpoint, hit = found
    hit.principal = org.actor
    return endpoint(org, hit)


def _caller(org: Org, call: VendorCall, found: Found) -> Record:
    """Return the API token or the service app that calls."""
    hit = Hit(call.request, {}, MultiDict()) if isinstance(found, HTTPException) else found[1]
    return bearer_of(org, hit, call.path) or identify(org, call.request)


def _principal(token: Record) -> VendorPrincipal:
    if "clientId" in token:
        return VendorPrincipal(str(token["clientId"]), str(token["name"]), str(token["clientId"]), "client")
    return VendorPrincipal(str(token["id"]), str(token["name"]), str(token["userId"]), "user")


def _refusal(org: Org, refused: OktaError) -> Response:
    return json_response(refused.status, refused.body("oae" + org.ids.word(22)))


def _refused(stopped: OktaError | VendorDenied | VendorFault) -> OktaError:
    if isinstance(stopped, OktaError):
        return stopped
    if isinstance(stopped, VendorDenied):
        return OktaError(DENIED, causes=[stopped.reason] if stopped.reason else [])
    return _failure(stopped)


def _failure(fault: VendorFault) -> OktaError:
    code = READ_ONLY if fault.kind == "read-only" else FAULT_CODES.get(fault.status, INTERNAL_ERROR)
    return OktaError(code, status=fault.status, summary=fault.message)


def _throttled(org: Org, spent: Spent, fault: VendorFault) -> dict[str, str]:
    """Return the headers of a fault: a throttled caller has nothing left until the window, or the fault, ends."""
    now = org.clock.now()
    if fault.status != 429:
        return {}
    reset = spent.reset if fault.retry_after is None else int(now.timestamp()) + fault.retry_after
    if org.limits.first_violation(spent.bucket, now):
        record_rate_limit(org, replace(spent, reset=reset), "violation")
    return {"X-Rate-Limit-Remaining": "0", "X-Rate-Limit-Reset": str(reset)}


def _unroutable(operation: str, missing: HTTPException) -> OktaError:
    if operation:
        return OktaError("E0000060", f"{operation} is documented by Okta and not simulated here")
    return OktaError("E0000022" if isinstance(missing, MethodNotAllowed) else "E0000008")

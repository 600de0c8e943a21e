"""The Auth0 tenant of the twin: one request in, one reply out, as its two APIs answer."""

import importlib
from dataclasses import replace
from urllib.parse import urlsplit

from werkzeug.exceptions import HTTPException, MethodNotAllowed

from twin.clock import Clock
from twin.wire import Request, Response
from twin.world.ids import Ids
from twin.world.saas.auth0.documented import PREFIX, documented, operation_name, operations
from twin.world.saas.auth0.errors import GrantError, ManagementError
from twin.world.saas.auth0.genesis import found_tenant
from twin.world.saas.auth0.log import record as log
from twin.world.saas.auth0.principal import check_scopes, identify
from twin.world.saas.auth0.query import check_query
from twin.world.saas.auth0.state import ROUTER, Record, Tenant
from twin.world.saas.router import Endpoint, Hit, json_response
from twin.world.saas.stations import (
    Served,
    VendorCall,
    VendorCheck,
    VendorDenied,
    VendorFault,
    VendorPrincipal,
    call_of,
    unchecked,
)

AREAS = (
    "clients", "connections", "resource_servers", "client_grants", "roles", "users", "actions", "tenant_settings",
    "signing_keys", "log", "token_endpoint", "sign_on",
)  # fmt: skip
for area in AREAS:
    importlib.import_module(f"twin.world.saas.auth0.{area}")

LOG = "logs"
Found = tuple[Endpoint[Tenant], Hit] | HTTPException


class Auth0:
    """One tenant behind its APIs, with the machine-to-machine client that exists from the start.

    Rate limits are told in headers; they refuse only with `enforce_rate_limits`, since a clock that stands still
    would never fill the bucket again.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        ids: Ids,
        domain: str,
        client_id: str,
        client_secret: str,
        enforce_rate_limits: bool = False,
    ) -> None:
        self.tenant = found_tenant(
            clock=clock, ids=ids, domain=domain, client_id=client_id, client_secret=client_secret
        )
        self.tenant.bucket.enforced = enforce_rate_limits

    def handle(self, request: Request) -> Response:
        """Answer one request; refusals are Auth0's own errors, never exceptions."""
        return self.serve(request).response

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer one request and tell its events; `check` stands between the principal and the answer."""
        tenant, found = self.tenant, ROUTER.match(request)
        name = _operation(request, found)
        served = Served(call_of("auth0", request, name))
        tenant.caller = {"ip": served.call.source, "agent": served.call.user_agent}
        tenant.told = []
        within, headers = tenant.bucket.spend(tenant.clock.now())
        try:
            served.response = _answer(tenant, served, found, check) if within else _too_many()
        except GrantError as refused:
            served.response, served.error = json_response(refused.status, refused.body()), refused.code
        except (ManagementError, VendorDenied, VendorFault) as stopped:
            told = _refused(stopped)
            served.error, served.fault = told.code or str(told.status), getattr(stopped, "kind", "")
            served.response = json_response(told.status, told.body())
            if told.status == 429:
                headers["x-ratelimit-remaining"] = "0"
        _told(tenant, served)
        for header, value in headers.items() if served.call.path.startswith(PREFIX) else ():
            served.response.headers[header] = value
        served.response.headers["Date"] = f"{tenant.clock.now():%a, %d %b %Y %H:%M:%S} GMT"
        served.events = [(LOG, event) for event in tenant.told]
        return served


def _too_many() -> Response:
    raise ManagementError(429, "Global limit has been reached", "too_many_requests")


def _operation(request: Request, found: Found) -> str:
    if isinstance(found, HTTPException):
        return documented(request.method, urlsplit(request.url).path)
    return operation_name(found[1].operation)


def _answer(tenant: Tenant, served: Served, found: Found, check: VendorCheck) -> Response:
    call = served.call
    claims: Record = {}
    if call.path.startswith(PREFIX):
        claims = identify(tenant, call.request)
        served.call = call = replace(call, principal=_principal(tenant, claims))
    check(call)
    if isinstance(found, HTTPException):
        raise _unroutable(call.operation, found)
    endpoint, hit = found
    if claims:
        check_scopes(claims, call.operation)
        check_query(hit, call.operation)
    hit.principal = claims
    return endpoint(tenant, hit)


def _principal(tenant: Tenant, claims: Record) -> VendorPrincipal:
    client = tenant.clients[claims["azp"]]
    return VendorPrincipal(client["client_id"], client["name"], tenant.domain, "tenant")


def _unroutable(operation: str, missing: HTTPException) -> ManagementError:
    if operation:
        return ManagementError(400, f"{operation} is documented by Auth0 and not simulated here", "not_simulated")
    return ManagementError(405 if isinstance(missing, MethodNotAllowed) else 404, "Not Found")


def _refused(stopped: ManagementError | VendorDenied | VendorFault) -> ManagementError:
    if isinstance(stopped, ManagementError):
        return stopped
    if isinstance(stopped, VendorDenied):
        return ManagementError(403, stopped.reason or "Forbidden", "insufficient_scope")
    code = "too_many_requests" if stopped.status == 429 else "internal_error"
    return ManagementError(stopped.status, stopped.message or "An internal error occurred", code)


def _told(tenant: Tenant, served: Served) -> None:
    """Log a call of the management API that changed something, or was to."""
    call: VendorCall = served.call
    if call.method == "GET" or not call.path.startswith(PREFIX) or call.principal is None:
        return
    words = operations().get(call.operation, {}).get("summary") or call.operation
    failed = served.response.status >= 400
    about = {"client_id": call.principal.id, "client_name": call.principal.name}
    details: Record = {"request": {"method": call.method.lower(), "path": call.path, "channel": "api"}}
    details["response"] = {"statusCode": served.response.status}
    log(tenant, "fapi" if failed else "sapi", words, **about, details=details)

"""The Datadog organization of the twin: one request in, one reply out.

https://docs.datadoghq.com/api/latest/authentication/: intake and validation want `DD-API-KEY`, all else
`DD-APPLICATION-KEY` besides.
"""

import importlib
from dataclasses import replace

from werkzeug.exceptions import HTTPException

from twin.wire import Request
from twin.world.equal import same
from twin.world.saas.datadog.errors import DatadogError, invalid
from twin.world.saas.datadog.state import ROUTER, Organization
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

AREAS = ("metrics", "monitors", "downtimes", "downtime_resources", "events", "logs", "pager_services")
for area in AREAS:
    importlib.import_module(f"twin.world.saas.datadog.{area}")

KEY_ALONE = (
    "GET /api/v1/validate", "POST /api/v1/series", "POST /api/v2/series", "POST /api/v2/logs", "POST /api/v1/events",
)  # fmt: skip
Found = tuple[Endpoint[Organization], Hit] | HTTPException


class Datadog:
    """One organization behind its API, with the two keys that exist from the start."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization

    def serve(self, request: Request, check: VendorCheck = unchecked) -> Served:
        """Answer one request; `check` stands between the principal and the answer."""
        org, found = self.organization, ROUTER.match(request)
        operation = "" if isinstance(found, HTTPException) else found[1].operation
        served, headers = Served(call_of("datadog", request, operation)), dict[str, str]()
        try:
            _admit(org, served)
            within, headers = org.limits.spend(operation, org.now())
            _limited(within=within)
            check(served.call)
            if isinstance(found, HTTPException):
                raise _unroutable(served)
            served.response = found[0](org, found[1])
        except (DatadogError, VendorDenied, VendorFault) as stopped:
            told = _refused(stopped)
            served.error, served.fault = str(told.status), getattr(stopped, "kind", "")
            served.response = json_response(told.status, told.body())
        for name, value in headers.items():
            served.response.headers[name] = value
        return served


def _admit(org: Organization, served: Served) -> None:
    headers = served.call.request.headers
    api, app = headers.get("DD-API-KEY", ""), headers.get("DD-APPLICATION-KEY", "")
    good = same(org.api_key, api)
    alone = f"{served.call.method} {served.call.path}" in KEY_ALONE
    if not good or (not alone and not same(org.app_key, app)):
        raise DatadogError(403, "Forbidden")
    served.call = replace(served.call, principal=VendorPrincipal("api-key", "API key", "twin", "account"))


def _limited(*, within: bool) -> None:
    if not within:
        raise DatadogError(429, "Too many requests")


def _unroutable(served: Served) -> DatadogError:
    if served.call.path.startswith(("/api/v1/", "/api/v2/")):
        return invalid(f"{served.call.method} {served.call.path} is not simulated here")
    return DatadogError(404, "Not found")


def _refused(stopped: DatadogError | VendorDenied | VendorFault) -> DatadogError:
    if isinstance(stopped, DatadogError):
        return stopped
    if isinstance(stopped, VendorDenied):
        return DatadogError(403, stopped.reason or "Forbidden")
    return DatadogError(stopped.status, stopped.message or "Internal error")

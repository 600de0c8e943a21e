"""The tenant's log: one entry per call or grant, by the vendor's type codes.

https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes
"""

from datetime import timedelta
from typing import Any

from twin.wire import Response
from twin.world.saas.auth0.errors import ManagementError
from twin.world.saas.auth0.paging import fields, page
from twin.world.saas.auth0.query import refused
from twin.world.saas.auth0.rate_limits import FIGURES
from twin.world.saas.auth0.state import ROUTER, Record, Tenant, stamp
from twin.world.saas.router import Hit, json_response

KEPT = timedelta(days=int(FIGURES["log_days"]["value"]))
# Codes that this server logs; the log of a tenant on the free plan holds no reads of the management API.
TYPES = {
    "sapi": "Success API Operation",
    "fapi": "Failed API Operation",
    "s": "Success Login",
    "f": "Failed Login",
    "fp": "Failed Login (Incorrect Password)",
    "fu": "Failed Login (Invalid Email/Username)",
    "seacft": "Success Exchange",
    "feacft": "Failed Exchange",
    "seccft": "Success Exchange",
    "feccft": "Failed Exchange",
    "sepft": "Success Exchange",
    "fepft": "Failed Exchange",
    "sertft": "Success Exchange",
    "fertft": "Failed Exchange",
    "ferrt": "Failed Exchange",
    "srrt": "Success Revocation",
    "slo": "Success Logout",
}


def record(tenant: Tenant, kind: str, description: str, **about: Any) -> None:
    """Append an entry of a type by the current caller."""
    if kind not in TYPES:
        raise KeyError(kind)
    number = f"900{tenant.clock.now():%Y%m%d%H%M%S}{len(tenant.logs):06d}{tenant.ids.hex(10)}"
    entry: Record = {"date": tenant.now(), "type": kind, "description": description}
    entry |= {"ip": tenant.caller["ip"], "user_agent": tenant.caller["agent"], "log_id": number, "_id": number}
    entry |= {"isMobile": False, **{name: value for name, value in about.items() if value}}
    tenant.logs.append(entry)
    tenant.told.append(entry)


@ROUTER.route("GET", "/api/v2/logs")
def list_logs(tenant: Tenant, hit: Hit) -> Response:
    """List entries, the newest first by pages, and from an entry on in the order of time by checkpoint."""
    oldest = stamp(tenant.clock.now() - KEPT)
    tenant.logs = [entry for entry in tenant.logs if entry["date"] >= oldest]
    rows = [entry for entry in tenant.logs if _matches(hit.query.get("q", ""), entry)]
    if "from" in hit.query or "take" in hit.query:
        return _after(hit, rows)
    if hit.query.get("sort", "date:-1") != "date:1":
        rows = rows[::-1]
    return page(hit, rows, dict, "logs", counted=True, checkpoints=False)


def _after(hit: Hit, rows: list[Record]) -> Response:
    known = [entry["log_id"] for entry in rows]
    place = hit.query.get("from", "")
    if place and place not in known:
        raise refused("the log is not known")
    start = known.index(place) + 1 if place else 0
    take = int(hit.query.get("take") or 50)
    return json_response(200, [fields(hit, entry) for entry in rows[start : start + take]])


def _matches(query: str, entry: Record) -> bool:
    """Tell whether an entry meets a query of terms `field:value` that are all to hold; other forms are refused."""
    for term in query.split(" AND ") if query else []:
        name, colon, value = term.strip().partition(":")
        if not colon or not name.replace("_", "").isalnum():
            raise ManagementError(
                400, f"The twin reads queries of terms field:value, not {query}", "invalid_query_string"
            )
        if str(entry.get(name, "")) != value.strip('"'):
            return False
    return True


@ROUTER.route("GET", "/api/v2/logs/<log_id>")
def get_log(tenant: Tenant, hit: Hit) -> Response:
    """Return one entry."""
    for entry in tenant.logs:
        if entry["log_id"] == hit.path["log_id"]:
            return json_response(200, entry)
    raise ManagementError(404, "Log not found.", "log_not_found")

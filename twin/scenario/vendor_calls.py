"""Calls to others than AWS as scenarios write them: `okta GET /api/v1/…`, `postgres query` with a `statement`."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.resources.call import Call, cloudflare, dashboard, github, okta
from twin.resources.http_check import METHODS
from twin.scenario.postgres import EXECUTE, QUERY

POSTGRES = "postgres"
VENDORS = {"cloudflare": cloudflare, "dashboard": dashboard, "github": github, "okta": okta}


def vendor_call(text: str, params: Mapping[str, Any] | None = None) -> Call | None:
    """Return the call that a text means; None for one of AWS's, `service:Operation`."""
    vendor, _, rest = text.partition(" ")
    if vendor == POSTGRES:
        return Call(POSTGRES, "", rest, dict(params or {}))
    if vendor not in VENDORS:
        return None
    method, _, path = rest.partition(" ")
    given = params or {}
    return VENDORS[vendor](method, path, given.get("json"), given.get("query"), pages=bool(given.get("pages")))


def call_problems(text: str, params: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with a vendor's call; a path may begin with a name that stands for one."""
    call = vendor_call(text, params)
    assert call is not None
    if call.system == POSTGRES:
        return list(_of_postgres(call))
    wrong = [] if call.operation in METHODS else [f"{call.operation} is no HTTP method"]
    return wrong if call.service.startswith(("/", "${")) else [*wrong, f"{call.service!r} is no path"]


def _of_postgres(call: Call) -> Iterator[str]:
    if call.operation not in (QUERY, EXECUTE):
        yield f"a database is called by `postgres {QUERY}` or `postgres {EXECUTE}`"
    if "statement" not in call.params or call.params.keys() - {"host", "statement"}:
        yield "a database is sent a `statement`, and told a `host` where the login has none"

"""Calls to vendors other than AWS as scenarios write them: `okta GET /api/v1/…`, `cloudflare GET /zones/…`."""

from collections.abc import Mapping
from typing import Any

from twin.resources.call import Call, cloudflare, dashboard, github, okta
from twin.resources.http_check import METHODS

VENDORS = {"cloudflare": cloudflare, "dashboard": dashboard, "github": github, "okta": okta}


def vendor_call(text: str, params: Mapping[str, Any] | None = None) -> Call | None:
    """Return the call that a text means; None for one of AWS's, `service:Operation`."""
    vendor, _, rest = text.partition(" ")
    if vendor not in VENDORS:
        return None
    method, _, path = rest.partition(" ")
    given = params or {}
    return VENDORS[vendor](method, path, given.get("json"), given.get("query"), pages=bool(given.get("pages")))


def call_problems(text: str) -> list[str]:
    """Return what is wrong with a vendor's call; a path may begin with a name that stands for one."""
    call = vendor_call(text)
    assert call is not None
    wrong = [] if call.operation in METHODS else [f"{call.operation} is no HTTP method"]
    return wrong if call.service.startswith(("/", "${")) else [*wrong, f"{call.service!r} is no path"]

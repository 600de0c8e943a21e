"""What all Auth0 types share: list reads, facts, and where each type carries the mark of its owner.

Clients carry it in `client_metadata`, connections in `metadata`, roles at the end of their description, actions in the
last line of their code. APIs, grants and bindings have no free text: they are known by their natural keys.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from twin.resources.call import Steps, auth0
from twin.resources.facts import facts

GONE = ("404",)
API = "/api/v2"


def fact(name: str) -> Any:
    """Return a documented fact of Auth0's."""
    return facts("auth0", "auth0")[name]


def listing(path: str, *, absent: tuple[str, ...] = (), **query: Any) -> Steps[list[dict[str, Any]]]:
    """Read all pages of a list; it is empty where what it is of may be `absent`."""
    items = yield auth0("GET", f"{API}{path}", query={"include_totals": "true", **query}, pages=True, absent=absent)
    return list(items or ())


def metadata(value: Any) -> Mapping[str, str]:
    """Return metadata as the tenant keeps it, without the keys that were taken out."""
    return {key: text for key, text in (value or {}).items() if text is not None}


def url_fault(url: str, *, native: bool = False) -> str | None:
    """Return what keeps a URL from being a safe place to return to, or None."""
    parts = urlsplit(url)
    if parts.scheme in ("http", "https"):
        local = parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not parts.hostname or not (parts.scheme == "https" or local):
            return "is no https URL, and http is for localhost alone"
    elif not (native and "." in parts.scheme):
        return "is no https URL"
    if parts.fragment:
        return "has a fragment"
    return "has a wildcard" if "*" in url else None

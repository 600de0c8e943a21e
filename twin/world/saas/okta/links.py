"""Absolute links back to the host that was asked, as Okta writes them into `_links`."""

from typing import Any
from urllib.parse import urlsplit

from twin.world.saas.router import Hit


def base(hit: Hit) -> str:
    """Return scheme and host of the request, without a trailing slash."""
    parts = urlsplit(hit.request.url)
    return f"{parts.scheme}://{parts.netloc}"


def link(href: str, *allow: str) -> dict[str, Any]:
    """Return a link, with the methods it allows if any are given."""
    return {"href": href, "hints": {"allow": list(allow)}} if allow else {"href": href}


def lifecycle(href: str, status: str) -> dict[str, Any]:
    """Return the link of the transition that is open: deactivate when active, activate otherwise."""
    verb = "deactivate" if status == "ACTIVE" else "activate"
    return {verb: link(f"{href}/lifecycle/{verb}", "POST")}

"""What the edge says by itself: blocks, challenges, redirects and the errors of the way to the origin."""

from dataclasses import dataclass, field
from typing import Any

from twin.semantics.edge.outcome import Lines
from twin.semantics.edge.reference import fact

PLAIN = ("text/plain; charset=UTF-8",)


@dataclass(frozen=True)
class Reply:
    """An answer before the edge adds its own headers; `code` is Cloudflare's error code, if it has one."""

    status: int
    headers: Lines = field(default_factory=dict)
    body: bytes = b""
    code: int = 0
    by: str = "edge"


def error(status: int, code: int) -> Reply:
    """Return an error of Cloudflare's, as a client that asks for no HTML gets it.

    https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/
    """
    return Reply(status, {"content-type": PLAIN}, f"error code: {code}".encode(), code)


def failed(failure: str) -> Reply:
    """Return the error of a way to the origin that failed."""
    status, code = fact("origin_failures")[failure]
    return error(status, code)


def redirect(status: int, to: str) -> Reply:
    """Send the visitor elsewhere."""
    return Reply(status, {"location": (to,), "content-type": ("text/html",)})


def challenge() -> Reply:
    """Return a challenge page: 403 with the header by which clients know it.

    https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/
    """
    return Reply(403, {"content-type": ("text/html; charset=UTF-8",), "cf-mitigated": ("challenge",)})


def block(parameters: dict[str, Any], *, limited: bool) -> Reply:
    """Return the answer of a block: 403 with error 1020, 429 with error 1015 for a rate limit, or the rule's own.

    https://developers.cloudflare.com/ruleset-engine/rules-language/actions/
    """
    own = parameters.get("response")
    if own:
        kind = (own["content_type"],)
        return Reply(own["status_code"], {"content-type": kind}, own["content"].encode(), 1015 if limited else 1020)
    return error(429, 1015) if limited else error(403, 1020)

"""The stations that every call to a vendor passes, as AWS's do: principal, fault, authorise, answer, record."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, Protocol
from urllib.parse import urlsplit

from twin.wire import Request, Response
from twin.world.source import LOOPBACK, SOURCE_HEADER

# Parameters that prove who somebody is, for as long as they are good.
SECRETS = re.compile(r"([?&](?:sessionToken|login_ticket|code|token|id_token_hint|client_secret|code_verifier)=)[^&#]*")
FAULTS = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class VendorPrincipal:
    """The API token that a call carries, without its secret, and who owns it: a user or an account."""

    id: str
    name: str
    owner: str
    owner_kind: str


@dataclass(frozen=True, slots=True)
class VendorCall:
    """A call as those see it who decide about it; `operation` is the vendor's own name, empty for none of its paths.

    `principal` is None where the vendor asks for no credentials, and for calls whose credentials were refused.
    """

    vendor: str
    method: str
    path: str
    operation: str
    principal: VendorPrincipal | None
    source: str
    user_agent: str
    request: Request = field(repr=False)


class VendorFault(Exception):
    """A failure of the vendor's own: 429, 500, 502, 503 or 504, which its server answers in its own shape.

    `kind` names the fault for the evidence; `retry_after` is in seconds, `message` replaces the vendor's usual words.
    """

    def __init__(self, status: int, kind: str, *, message: str = "", retry_after: int | None = None) -> None:
        if status not in FAULTS:
            raise ValueError(f"a vendor's fault has one of the statuses {FAULTS}, not {status}")
        super().__init__(f"{status} {kind}")
        self.status = status
        self.kind = kind
        self.message = message
        self.retry_after = retry_after


class VendorDenied(Exception):
    """A call that its principal may not make; the vendor's server answers its own 403."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


# A fault or an authoriser: it raises VendorFault or VendorDenied, or lets the call pass.
VendorCheck = Callable[[VendorCall], None]


@dataclass(slots=True)
class Served:
    """A call with its reply and all that the vendor's logs say of it: pairs of the log's path and the event."""

    call: VendorCall
    response: Response = field(default_factory=lambda: Response(500))
    error: str = ""
    fault: str = ""
    events: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


class Server(Protocol):
    """A vendor's server: one call in, its reply and its events out."""

    def serve(self, request: Request, check: VendorCheck) -> Served:
        """Answer a call; `check` stands between the principal and the answer."""
        ...


def unchecked(_call: VendorCall) -> None:
    """Let every call pass."""


def call_of(vendor: str, request: Request, operation: str) -> VendorCall:
    """Return a call whose principal is not known yet."""
    return VendorCall(
        vendor=vendor,
        method=request.method,
        path=urlsplit(request.url).path,
        operation=operation,
        principal=None,
        source=_address(request.headers.get(SOURCE_HEADER, LOOPBACK)),
        user_agent=request.headers.get("User-Agent", ""),
        request=request,
    )


def masked(url: str) -> str:
    """Return an address without the secrets that its query may hold."""
    return SECRETS.sub(r"\1***", url)


@lru_cache(256)
def _address(given: str) -> str:
    """Return an address as it is usually written; whoever names none calls from the loopback."""
    try:
        return str(ip_address(given.strip()))
    except ValueError:
        return LOOPBACK

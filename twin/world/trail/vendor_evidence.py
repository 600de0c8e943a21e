"""The second copy of what happened at the SaaS vendors: every call with its events, out of everybody's reach."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

from twin.world.saas.stations import Served, masked
from twin.world.trail.ledger import Ledger

# The log of each vendor that has all of its events; `events` reads it unless told otherwise.
LOGS = {
    "okta": "logs", "cloudflare": "logs/audit", "auth0": "logs", "pagerduty": "log_entries", "datadog": "events",
    "github": "audit-log",
}  # fmt: skip


class VendorWitnessed(NamedTuple):
    """One call as it ended; `events` are pairs of the vendor's log and the event in JSON, `micros` counts from 1970.

    `principal` is the id of the API token, empty when the credentials were refused or none are needed; `fault` is the
    kind of the fault that answered.
    """

    number: int
    micros: int
    vendor: str
    method: str
    url: str
    operation: str
    principal: str
    source: str
    user_agent: str
    status: int
    error: str
    fault: str
    events: list[tuple[str, str]]

    @property
    def time(self) -> datetime:
        """The instant of the call."""
        return datetime.fromtimestamp(self.micros // 1_000_000, UTC).replace(microsecond=self.micros % 1_000_000)


class VendorEvidence(Ledger[VendorWitnessed]):
    """All calls to all SaaS vendors of a world in order, whatever becomes of the vendors' own logs.

    Nothing that a request can ask reaches it: only scenarios and the twin itself read it. Bodies are not kept, since
    they carry passwords and tokens; the events are the vendor's own, which leave those out.
    """

    def __init__(self) -> None:
        super().__init__(VendorWitnessed)

    def witness(self, served: Served, now: datetime) -> None:
        """Add a call that was answered."""
        call = served.call
        self.append(
            VendorWitnessed(
                number=len(self),
                micros=int(now.timestamp()) * 1_000_000 + now.microsecond,
                vendor=call.vendor,
                method=call.method,
                url=masked(call.request.url),
                operation=call.operation,
                principal=call.principal.id if call.principal else "",
                source=call.source,
                user_agent=call.user_agent,
                status=served.response.status,
                error=served.error,
                fault=served.fault,
                # As text at once, so that nobody who holds the event can change the copy.
                events=[(log, json.dumps(event, separators=(",", ":"))) for log, event in served.events],
            )
        )

    def since(self, start: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """Yield vendor, log and event of every call from a number on, oldest first."""
        for entry in self.calls(start):
            yield from ((entry.vendor, log, json.loads(text)) for log, text in entry.events)

    def events(self, vendor: str, *, log: str = "") -> Iterator[dict[str, Any]]:
        """Yield a vendor's events as its log shows them, oldest first; `log` names another log (`audit_logs`)."""
        wanted = log or LOGS[vendor]
        for entry in self.calls():
            if entry.vendor == vendor:
                yield from (json.loads(text) for name, text in entry.events if name == wanted)

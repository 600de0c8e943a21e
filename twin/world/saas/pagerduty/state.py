"""The true state of one PagerDuty account: plain dictionaries that pickle, in the vendor's field names."""

import string
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.rate_limits import Windows
from twin.world.saas.router import Router

Record = dict[str, Any]
Tell = Callable[..., object]
API = "https://api.pagerduty.com"
COLLECTIONS = {
    "user": "users", "team": "teams", "schedule": "schedules", "escalation_policy": "escalation_policies",
    "service": "services", "incident": "incidents", "maintenance_window": "maintenance_windows",
    "priority": "priorities",
}  # fmt: skip


@dataclass(slots=True)
class Account:
    """One account; each table maps an id to a record, fields that begin with # are never shown.

    `tell` hears what happens in it (`pagerduty.incident.triggered`); timers stand on the agenda. `told` holds the log
    entries of the current request, `deliveries` are the webhooks that nobody took yet.
    """

    agenda: Agenda
    ids: Ids
    subdomain: str
    token: str = field(repr=False)
    tell: Tell
    users: dict[str, Record] = field(default_factory=dict)
    teams: dict[str, Record] = field(default_factory=dict)
    schedules: dict[str, Record] = field(default_factory=dict)
    policies: dict[str, Record] = field(default_factory=dict)
    services: dict[str, Record] = field(default_factory=dict)
    incidents: dict[str, Record] = field(default_factory=dict)
    windows: dict[str, Record] = field(default_factory=dict)
    priorities: dict[str, Record] = field(default_factory=dict)
    subscriptions: dict[str, Record] = field(default_factory=dict)
    deliveries: dict[str, Record] = field(default_factory=dict)
    entries: list[Record] = field(default_factory=list)
    limits: Windows = field(default_factory=Windows)
    told: list[Record] = field(default_factory=list)

    def instant(self) -> datetime:
        """Return the instant."""
        return self.agenda.now()

    def now(self) -> str:
        """Return the instant as PagerDuty writes it."""
        return stamp(self.instant())

    def new_id(self) -> str:
        """Return an id in PagerDuty's shape."""
        return "P" + self.ids.word(6, string.ascii_uppercase + string.digits)

    def table(self, kind: str) -> dict[str, Record]:
        """Return the table of a kind of record."""
        tables = {
            "user": self.users, "team": self.teams, "schedule": self.schedules, "escalation_policy": self.policies,
            "service": self.services, "incident": self.incidents, "maintenance_window": self.windows,
            "priority": self.priorities,
        }  # fmt: skip
        return tables[kind]

    def integrations(self) -> list[tuple[Record, Record]]:
        """Return every integration with its service."""
        return [(one, service) for service in self.services.values() for one in service["#integrations"]]


ROUTER: Router[Account] = Router()


def stamp(instant: datetime) -> str:
    """Write an instant as `2026-11-22T10:00:00Z`."""
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def find(account: Account, kind: str, key: str) -> Record:
    """Return the record of an id, or raise the 404."""
    table = account.table(kind)
    if key not in table:
        raise not_found()
    return table[key]


def reference(account: Account, kind: str, key: str) -> Record:
    """Return what other records show of a record."""
    record = account.table(kind).get(key, {})
    name = record.get("title") or record.get("name") or record.get("summary")
    page = f"https://{account.subdomain}.pagerduty.com/{COLLECTIONS[kind]}/{key}"
    address = f"{API}/{COLLECTIONS[kind]}/{key}"
    return {"id": key, "type": f"{kind}_reference", "summary": name, "self": address, "html_url": page}


def whole(account: Account, kind: str, record: Record) -> Record:
    """Return a record as it is shown by itself."""
    head = reference(account, kind, record["id"]) | {"type": kind}
    return head | {name: value for name, value in record.items() if not name.startswith("#")}


def pointed(account: Account, kind: str, value: Any, said: str) -> str:
    """Return the id that a reference of a request names; 400 when it names nothing that is there."""
    key = value.get("id") if isinstance(value, dict) else None
    if not isinstance(key, str) or key not in account.table(kind):
        raise invalid(f"{said} not found")
    return key

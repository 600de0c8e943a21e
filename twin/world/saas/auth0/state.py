"""The true state of one Auth0 tenant: plain dictionaries that pickle, in the vendor's field names."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twin.clock import Clock
from twin.world.ids import Ids
from twin.world.saas.auth0.errors import not_found
from twin.world.saas.auth0.rate_limits import Bucket
from twin.world.saas.router import Router

Record = dict[str, Any]


@dataclass(slots=True)
class Tenant:
    """One tenant; each table maps an id to a record, fields that begin with # are never shown.

    `role_permissions` and `user_permissions` hold pairs of an API's identifier and a permission's name. `told` holds
    the log's events of the current request.
    """

    clock: Clock
    ids: Ids
    domain: str
    secret: str = ""
    settings: Record = field(default_factory=dict)
    clients: dict[str, Record] = field(default_factory=dict)
    connections: dict[str, Record] = field(default_factory=dict)
    resource_servers: dict[str, Record] = field(default_factory=dict)
    client_grants: dict[str, Record] = field(default_factory=dict)
    roles: dict[str, Record] = field(default_factory=dict)
    role_permissions: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict)
    role_users: dict[str, dict[str, None]] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)
    user_permissions: dict[str, dict[tuple[str, str], None]] = field(default_factory=dict)
    actions: dict[str, Record] = field(default_factory=dict)
    bindings: dict[str, list[Record]] = field(default_factory=dict)
    keys: list[Record] = field(default_factory=list)
    logs: list[Record] = field(default_factory=list)
    codes: dict[str, Record] = field(default_factory=dict)
    tickets: dict[str, Record] = field(default_factory=dict)
    refresh: dict[str, Record] = field(default_factory=dict)
    opaque: dict[str, Record] = field(default_factory=dict)
    bucket: Bucket = field(default_factory=Bucket)
    caller: Record = field(default_factory=dict)
    told: list[Record] = field(default_factory=list)

    @property
    def issuer(self) -> str:
        """Return the issuer of the tenant's tokens."""
        return f"https://{self.domain}/"

    @property
    def api(self) -> str:
        """Return the identifier of the tenant's own management API."""
        return f"https://{self.domain}/api/v2/"

    def now(self) -> str:
        """Return the instant as Auth0 writes it."""
        return stamp(self.clock.now())

    def seconds(self) -> int:
        """Return the instant in seconds since 1970."""
        return int(self.clock.now().timestamp())

    def server_of(self, identifier: str) -> Record | None:
        """Return the API of an identifier."""
        return next((one for one in self.resource_servers.values() if one["identifier"] == identifier), None)


ROUTER: Router[Tenant] = Router()


def stamp(instant: datetime) -> str:
    """Write an instant as `2026-11-22T10:00:00.000Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def find(table: dict[str, Record], key: str, kind: str, code: str) -> Record:
    """Return the record with that id, or raise the 404 that names its kind."""
    if key not in table:
        raise not_found(kind, code)
    return table[key]


def shown(record: Record) -> Record:
    """Return a record without what is never shown."""
    return {name: value for name, value in record.items() if not name.startswith("#")}

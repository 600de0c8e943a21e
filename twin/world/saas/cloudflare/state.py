"""What the Cloudflare server remembers: plain data, so that a world can be pickled, forked and compared."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from twin.clock import Clock
from twin.world.ids import Ids
from twin.world.saas.cloudflare.envelope import refusal
from twin.world.saas.router import Hit


@dataclass(slots=True)
class Token:
    """An API token; of its secret only the SHA-256 is kept."""

    id: str
    owner: str  # "user" or "account"
    name: str
    digest: str
    policies: list[dict[str, Any]]
    status: str
    issued_on: datetime
    modified_on: datetime
    condition: dict[str, Any] | None = None
    expires_on: datetime | None = None
    not_before: datetime | None = None
    last_used_on: datetime | None = None


@dataclass(slots=True)
class Setting:
    """The value of a zone setting that was changed, and when."""

    value: Any
    modified_on: datetime


@dataclass(slots=True)
class Zone:
    """A zone with its settings and DNS records; a record is the vendor's own JSON object."""

    id: str
    name: str
    type: str
    plan: str
    name_servers: list[str]
    created_on: datetime
    modified_on: datetime
    status: str = "pending"
    paused: bool = False
    activated_on: datetime | None = None
    vanity_name_servers: list[str] = field(default_factory=list)
    settings: dict[str, Setting] = field(default_factory=dict)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    load_balancers: dict[str, dict[str, Any]] = field(default_factory=dict)
    packs: dict[str, dict[str, Any]] = field(default_factory=dict)
    universal: bool = True


@dataclass(slots=True)
class AccessState:
    """Access: applications, their policies by application, groups, identity providers, service tokens.

    Of a service token's secret only the SHA-256 is kept; `ids` makes ids of its own, so that others stay as they are.
    """

    ids: Ids
    apps: dict[str, dict[str, Any]] = field(default_factory=dict)
    policies: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    providers: dict[str, dict[str, Any]] = field(default_factory=dict)
    service_tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)


@dataclass(slots=True)
class AuditTrail:
    """Both audit logs, oldest first: `changes` is version 1, an entry per effect, `actions` version 2, one per call.

    `ids` names entries and requests; the ids of resources do not depend on how often somebody asked.
    """

    ids: Ids
    changes: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """One account of the vendor's, with everything in it.

    `rulesets` maps a scope (`zones/<id>` or `accounts/<id>`) to rulesets by id, and each of those to its versions,
    oldest first. `windows` count calls for the API's rate limit, by user. `health` tells what monitors found: by pool
    and origin, `up`, `reason` and `at`. `purges` are calls that the edge has not carried out yet: zone name and body.
    """

    clock: Clock
    ids: Ids
    account_id: str
    account_name: str
    user_id: str
    user_email: str
    zone_plan: str
    created_on: datetime
    name_servers: list[str]
    audit: AuditTrail
    access: AccessState
    account_settings: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    zones: dict[str, Zone] = field(default_factory=dict)
    rulesets: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    monitors: dict[str, dict[str, Any]] = field(default_factory=dict)
    pools: dict[str, dict[str, Any]] = field(default_factory=dict)
    health: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    purges: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    windows: dict[str, dict[str, Any]] = field(default_factory=dict)

    def zone(self, hit: Hit) -> Zone:
        """Return the zone that the path names; refuse when there is none."""
        zone = self.zones.get(hit.path["zone_id"])
        if zone is None:
            raise refusal("unknown-zone")
        return zone

    def require_account(self, hit: Hit) -> None:
        """Refuse a path that names somebody else's account."""
        if hit.path["account_id"] != self.account_id:
            raise refusal("authentication")

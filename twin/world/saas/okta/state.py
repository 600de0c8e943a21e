"""The true state of one Okta org: plain dictionaries that pickle, and the few words every area needs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from twin.clock import Clock
from twin.world.ids import Ids
from twin.world.saas.okta.errors import not_found
from twin.world.saas.okta.oauth_state import OAuthState
from twin.world.saas.okta.rate_limits import RateLimits
from twin.world.saas.router import Router
from twin.world.saas.webhooks import Ask, nobody

Record = dict[str, Any]
MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Caller:
    """From where the current request comes and what it asks for, as the System Log tells it."""

    ip: str
    agent: str
    path: str
    url: str


NOBODY = Caller("127.0.0.1", "", "", "")


@dataclass(slots=True)
class Org:
    """One org; each table maps an id to a record in the vendor's field names, without links.

    `grants` maps an app to the scopes of the management API that it was granted; `hook_batches` are requests to event
    hooks that nobody took yet, `ask` calls an address and waits for what it answers.
    `members` maps group to user to the sources of the membership: `manual` or the ids of group rules. `told` holds the
    events of the current request. `revoked` maps a user to the instant before which their OAuth tokens are dead,
    `risks` to their risk level, `places` a network to where it is, `devices` a device's token to what is known of it
    (`registered`, `managed`, `assurances`, `platform`); `outbox` is the mail and the messages that the org
    sent. `due` are the changes that the org makes by itself; `at` is the instant of the one that it is making.
    """

    clock: Clock
    ids: Ids
    url: str
    name: str
    id: str = ""
    settings: Record = field(default_factory=dict)
    secret: str = ""
    user_type: str = ""
    tokens: dict[str, Record] = field(default_factory=dict)
    users: dict[str, Record] = field(default_factory=dict)
    groups: dict[str, Record] = field(default_factory=dict)
    members: dict[str, dict[str, set[str]]] = field(default_factory=dict)
    group_rules: dict[str, Record] = field(default_factory=dict)
    apps: dict[str, Record] = field(default_factory=dict)
    app_groups: dict[str, dict[str, Record]] = field(default_factory=dict)
    app_users: dict[str, dict[str, Record]] = field(default_factory=dict)
    policies: dict[str, Record] = field(default_factory=dict)
    policy_rules: dict[str, dict[str, Record]] = field(default_factory=dict)
    authenticators: dict[str, Record] = field(default_factory=dict)
    zones: dict[str, Record] = field(default_factory=dict)
    servers: dict[str, Record] = field(default_factory=dict)
    scopes: dict[str, dict[str, Record]] = field(default_factory=dict)
    claims: dict[str, dict[str, Record]] = field(default_factory=dict)
    server_policies: dict[str, dict[str, Record]] = field(default_factory=dict)
    server_rules: dict[str, dict[str, Record]] = field(default_factory=dict)
    oauth: OAuthState = field(default_factory=OAuthState)
    behaviors: dict[str, Record] = field(default_factory=dict)
    factors: dict[str, dict[str, Record]] = field(default_factory=dict)
    pushes: dict[str, Record] = field(default_factory=dict)
    transactions: dict[str, Record] = field(default_factory=dict)
    sessions: dict[str, Record] = field(default_factory=dict)
    one_time: dict[str, Record] = field(default_factory=dict)
    roles: dict[str, dict[str, Record]] = field(default_factory=dict)
    group_roles: dict[str, dict[str, Record]] = field(default_factory=dict)
    client_roles: dict[str, dict[str, Record]] = field(default_factory=dict)
    grants: dict[str, dict[str, Record]] = field(default_factory=dict)
    event_hooks: dict[str, Record] = field(default_factory=dict)
    hook_batches: dict[str, Record] = field(default_factory=dict)
    ask: Ask = nobody
    sign_ins: dict[str, list[Record]] = field(default_factory=dict)
    risks: dict[str, str] = field(default_factory=dict)
    places: dict[str, Record] = field(default_factory=dict)
    devices: dict[str, Record] = field(default_factory=dict)
    revoked: dict[str, str] = field(default_factory=dict)
    outbox: list[Record] = field(default_factory=list)
    due: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)
    limits: RateLimits = field(default_factory=RateLimits)
    actor: Record = field(default_factory=dict)
    caller: Caller = NOBODY
    told: list[Record] = field(default_factory=list)
    request_id: str = ""
    at: str = ""

    def mint(self, prefix: str) -> str:
        """Return a new id of 20 characters that starts with the prefix of its class."""
        return prefix + self.ids.word(20 - len(prefix))

    def now(self) -> str:
        """Return the instant as Okta writes it: UTC with milliseconds."""
        return self.at or stamp(self.clock.now())

    def later(self, seconds: float) -> str:
        """Return the instant so many seconds from now."""
        return stamp(self.clock.now() + timedelta(seconds=seconds))

    def new(self, prefix: str, /, **fields: Any) -> Record:
        """Return a record with an id and its two timestamps."""
        instant = self.now()
        return {"id": self.mint(prefix), **fields, "created": instant, "lastUpdated": instant}

    def touch(self, record: Record) -> None:
        """Mark a record as changed now."""
        record["lastUpdated"] = self.now()


ROUTER: Router[Org] = Router()


def stamp(instant: datetime) -> str:
    """Write an instant as `2026-11-22T10:00:00.000Z`."""
    return f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z"


def find(table: dict[str, Record], key: str, kind: str) -> Record:
    """Return the record with that id, or raise the 404 that names its class."""
    if key not in table:
        raise not_found(kind, key)
    return table[key]

"""The world: one `handle(request) -> response` for every host of every vendor."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import RLock
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.clock import Clock, VirtualClock
from twin.wire import Request, Response
from twin.world.agenda import Agenda, Entry
from twin.world.delays import Provisioning
from twin.world.ids import Ids
from twin.world.principals import Credentials
from twin.world.scene import Scene
from twin.world.vendors import (
    OKTA_HOSTS,
    OKTA_PATHS,
    CloudflareAccount,
    OktaOrg,
    Vendor,
    Vendors,
    cloudflare_account,
    okta_org,
)

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HEALTH = "/_twin/health"


class World:
    """The twin's world. moto's state is global to the process, so a new world closes the one before it.

    `handle` may be called from many threads; calls are answered one at a time. `clock` leads the world's own, the
    agenda: what is due by its now is done before each call, and by `settle`. With `provisioning` "instant" what is
    created can be used at once; "real" has it take its time, as at the vendors.

    `gateway` holds AWS with its trail, faults and authorisers; `evidence` every AWS call, beyond the reach of
    anybody inside the org; `vendors` holds the same of Cloudflare and Okta; `cloudflare` and `okta` tell the account
    and the API token with which those vendors start.
    """

    _open: ClassVar["World | None"] = None
    closed: bool

    def __init__(
        self,
        seed: int | str = 0,
        clock: Clock | None = None,
        *,
        accounts: tuple[str, ...] = (DEFAULT_ACCOUNT,),
        region: str = DEFAULT_REGION,
        cloudflare: CloudflareAccount | None = None,
        okta: OktaOrg | None = None,
        provisioning: Provisioning = "instant",
    ) -> None:
        if not accounts or any(not (a.isdigit() and len(a) == 12) for a in accounts):
            raise ValueError(f"AWS accounts are named by 12 digits: {accounts!r}")
        self._take_place()
        self._lock = RLock()
        self.seed = seed
        self.clock = self.agenda = Agenda(clock or VirtualClock(EPOCH))
        self.scene = Scene(seed=seed, agenda=self.agenda, provisioning=provisioning)
        self.accounts = tuple(accounts)
        self.region = region
        self.closed = False
        self.ids = Ids(seed)
        self._build_aws()
        self.cloudflare = cloudflare or cloudflare_account(seed)
        self.okta = okta or okta_org(seed)
        self.vendors = Vendors(seed=seed, clock=self.clock, cloudflare=self.cloudflare, okta=self.okta)
        self.scene.elsewhere = self.vendors.cloudflare_records

    def _take_place(self) -> None:
        if World._open is not None:
            World._open.closed = True
        World._open = self

    def _build_aws(self) -> None:
        # moto takes half a second to import, which a world's caller pays only when it makes one.
        from twin.world.gateway import Gateway
        from twin.world.keys import KeyRing
        from twin.world.stores.moto_store import MotoStore
        from twin.world.trail.cloudtrail import CloudTrail

        _load()
        store = MotoStore(self.seed, self.clock)
        self.keys = KeyRing(self.accounts, seed=self.seed, clock=self.clock)
        store.session_tokens(self.keys.session_token)
        cloudtrail = CloudTrail(seed=self.seed, clock=self.clock)
        self.evidence = cloudtrail.evidence
        self.gateway = self.scene.gateway = Gateway(
            store=store,
            keys=self.keys,
            clock=self.clock,
            ids=self.ids,
            region=self.region,
            cloudtrail=cloudtrail,
            scene=self.scene,
        )
        self.agenda.perform = self._perform

    def _perform(self, entry: Entry) -> None:
        from twin.world.behaviors import TASKS

        self.gateway.store.seed_next()
        TASKS[entry.task](self.scene, **entry.told)

    def resume(self, leader: Clock) -> None:
        """Become the world of this process after a journey; what the stores held was put back."""
        _load()
        self._take_place()
        self.agenda.leader = leader
        self.agenda.perform = self._perform
        self.scene.gateway = self.gateway
        self.gateway.store.mount(self.agenda)
        self.gateway.store.session_tokens(self.keys.session_token)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep the world from moving: calls wait until this ends."""
        with self._lock:
            yield

    def handle(self, request: Request) -> Response:
        """Answer a request to any vendor; a host that nobody here answers for is refused by name."""
        with self._lock:
            return self._handle(request)

    def settle(self) -> None:
        """Do what is due by the clock's now: what is on the agenda, and log files reach the buckets of their trails."""
        with self._lock:
            self.agenda.run()
            self.gateway.cloudtrail.settle()

    def _handle(self, request: Request) -> Response:
        if self.closed:
            raise RuntimeError("this world is closed")
        self.agenda.run()
        parts = urlsplit(request.url)
        if parts.path == HEALTH:
            return self._health()
        vendor = self._vendor(request, parts.hostname or "", parts.path)
        if vendor is None:
            return _misdirected(parts.netloc)
        if vendor == "aws":
            return self.gateway.handle(request)
        return self.vendors.handle(vendor, request)

    def _vendor(self, request: Request, host: str, path: str) -> Vendor | Literal["aws"] | None:
        authorization = request.headers.get("Authorization", "")
        if authorization.startswith(("AWS4-", "AWS ")) or "X-Amz-Algorithm=" in request.url:
            return "aws"
        if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
            return "aws"
        if host == "api.cloudflare.com" or path.startswith("/client/v4"):
            return "cloudflare"
        if host.endswith(OKTA_HOSTS) or authorization.startswith("SSWS") or path.startswith(OKTA_PATHS):
            return "okta"
        return "aws" if self._unsigned_aws(request, path) else None

    def _unsigned_aws(self, request: Request, path: str) -> bool:
        from twin.world.stores.moto_store import bucket_exists
        from twin.world.unsigned import unsigned_service

        return unsigned_service(request) is not None or bucket_exists(path.lstrip("/").partition("/")[0])

    def served(self, url: str) -> None:
        """Tell the world where it is served: from then on it calls endpoints on this machine."""
        from twin.world.outbox import Outbox

        self.scene.served_at = url
        self.scene.outbox = Outbox(self._run)

    def _run(self, function: Callable[[], None]) -> None:
        with self._lock:
            if not self.closed:
                function()

    def credentials(self, account: str | None = None) -> Credentials:
        """Return the bootstrap administrator's credentials of an account; by default of the first."""
        return self.keys.root(account or self.accounts[0])

    def _health(self) -> Response:
        state = {"schema": 1, "ready": True, "seed": self.seed, "accounts": list(self.accounts), "region": self.region}
        return Response(200, Headers([("Content-Type", "application/json")]), json.dumps(state).encode())

    def close(self) -> None:
        """Empty the store; the world answers no more."""
        from twin.world.stores.moto_store import reset_moto

        self.closed = True
        if World._open is self:
            World._open = None
            reset_moto()


def _load() -> None:
    """Import the files that are found by being there."""
    from twin.world.behaviors import load_behaviors
    from twin.world.due import load_habits
    from twin.world.refusals import load_rules

    load_rules()
    load_habits()
    load_behaviors()


def _misdirected(netloc: str) -> Response:
    host = netloc or "(none)"
    text = f"The twin has no answer for host {host}: the request is none of AWS, Cloudflare or Okta."
    body = json.dumps({"code": "TwinMisdirectedRequest", "message": text}).encode()
    return Response(421, Headers([("Content-Type", "application/json")]), body)

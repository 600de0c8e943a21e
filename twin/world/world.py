"""The world: one `handle(request) -> response` for every host of every vendor."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from threading import RLock
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.clock import Clock, VirtualClock
from twin.wire import Request, Response
from twin.world.agenda import Agenda, Entry
from twin.world.delays import Provisioning
from twin.world.ids import Ids
from twin.world.principals import Credentials
from twin.world.reach import Reach
from twin.world.saas.accounts import (
    Auth0Tenant,
    CloudflareAccount,
    DatadogOrganization,
    GithubOrganization,
    OktaOrg,
    PagerDutyAccount,
    Vendor,
    auth0_tenant,
    cloudflare_account,
    datadog_organization,
    github_organization,
    okta_org,
    pagerduty_account,
)
from twin.world.saas.cloudflare.dashboard import dashboard
from twin.world.saas.entries import ENTRIES
from twin.world.scene import Scene
from twin.world.sigv2 import SIGNED_QUERY
from twin.world.vendors import Vendors

DEFAULT_ACCOUNT = "123456789012"
DEFAULT_REGION = "us-east-1"
EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
HEALTH = "/_twin/health"
METERED_TASKS = frozenset(("autoscaling", "ec2", "eks", "kms", "nat", "rds", "secretsmanager"))
"""The first words of tasks that change what is paid for."""


class World:
    """The twin's world. moto's state is global to the process, so a new world closes the one before it.

    `handle` may be called from many threads; calls are answered one at a time. `clock` leads the world's own, the
    agenda: what is due by its now is done before each call, and by `settle`. With `provisioning` "instant" what is
    created can be used at once; "real" has it take its time, as at the vendors.

    `faults` breaks and heals it.

    `gateway` holds AWS with its trail, faults and authorisers; `evidence` every AWS call, beyond the reach of
    anybody inside the org; `vendors` holds the same of Cloudflare and Okta; `cloudflare` and `okta` tell the account
    and the API token with which those vendors start; `edge` is Cloudflare before the org's sites. `localstack` is the
    address of a LocalStack that keeps some of AWS's services (`stores/groups.json` says which); it is empty before
    and after.
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
        auth0: Auth0Tenant | None = None,
        pagerduty: PagerDutyAccount | None = None,
        datadog: DatadogOrganization | None = None,
        github: GithubOrganization | None = None,
        provisioning: Provisioning = "instant",
        localstack: str | None = None,
    ) -> None:
        if not accounts or any(not (a.isdigit() and len(a) == 12) for a in accounts):
            raise ValueError(f"AWS accounts are named by 12 digits: {accounts!r}")
        World.end()
        self._lock = RLock()
        self.seed = seed
        self.clock = self.agenda = Agenda(clock or VirtualClock(EPOCH))
        self.scene = Scene(seed=seed, agenda=self.agenda, provisioning=provisioning)
        self.accounts = tuple(accounts)
        self.region = region
        self.closed = False
        self.ids = Ids(seed)
        self._build_aws(localstack)
        World._open = self
        self.cloudflare = cloudflare or cloudflare_account(seed)
        self.okta = okta or okta_org(seed)
        self.auth0 = auth0 or auth0_tenant(seed)
        self.datadog = datadog or datadog_organization(seed)
        self.pagerduty = pagerduty or pagerduty_account(seed)
        self.github = github or github_organization(seed)
        self.scene.reach = Reach(self.scene, {})
        self.vendors = Vendors(
            seed=seed,
            clock=self.agenda,
            accounts={vendor: getattr(self, vendor) for vendor in ENTRIES},
            tell=self.scene.emit,
            ask=self.scene.reach.ask,
        )
        self.scene.vendors = self.vendors
        self.vendors.faults.append(self.faults.check_vendor)
        self._build_edge()
        self.scene.elsewhere = self.edge.records
        self.vendors.listeners.append(self.edge.told)

    def _build_edge(self) -> None:
        from twin.world.edge import Edge

        self.edge = self.scene.edge = Edge(self.scene)

    @classmethod
    def end(cls) -> None:
        """Close the world that is open in this process, if one is."""
        if cls._open is not None:
            cls._open.close()

    def _build_aws(self, localstack: str | None) -> None:
        # moto takes half a second to import, which a world's caller pays only when it makes one.
        from twin.world.behaviors import modules_of
        from twin.world.gateway import Gateway
        from twin.world.injection import Faults
        from twin.world.keys import KeyRing
        from twin.world.stores.choice import open_store
        from twin.world.stores.groups import behaving_in
        from twin.world.trail.cloudtrail import CloudTrail

        _load()
        places = [(account, self.region) for account in self.accounts]
        store = open_store(self.seed, self.clock, localstack, places)
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
        self.gateway.authorisation.reach = self._handle
        self.faults = self.scene.faults = Faults(self.scene)
        self.gateway.faults.append(self.faults.check)
        self.agenda.perform = self._perform
        self.scene.idle = modules_of(self.lacking(), behaving_in(store.elsewhere))

    def lacking(self) -> dict[str, str]:
        """Tell which capabilities this world lacks for the place where some services are kept, each with the reason."""
        from twin.world.capabilities import capabilities
        from twin.world.stores.groups import lacking

        return lacking(capabilities(), self.gateway.store.elsewhere)

    def _perform(self, entry: Entry) -> None:
        from twin.world.behaviors import TASKS
        from twin.world.failures import FaultRefusal

        self.gateway.store.seed_next()
        self.scene.meter.settle(self.scene, entry.time)
        try:
            TASKS[entry.task](self.scene, **entry.told)
        except FaultRefusal as refusal:
            # A service that could not do its work, as the fault wants it; any other error is a mistake of ours.
            self.scene.emit("task.refused", task=entry.task, told=dict(entry.told), code=refusal.code)
        if (service := entry.task.partition(".")[0]) in METERED_TASKS:
            self.scene.meter.touch_all(service, entry.time)

    def resume(self, leader: Clock) -> None:
        """Become the world of this process after a journey; what the stores held was put back."""
        _load()
        World._open = self
        self.agenda.leader = leader
        self.agenda.perform = self._perform
        self.scene.gateway = self.gateway
        self.gateway.store.mount(self.agenda)
        self.gateway.store.session_tokens(self.keys.session_token)

    @property
    def stirred(self) -> int:
        """How many calls and tasks there were: while it stays the same, what AWS would answer does."""
        return self.gateway.store.calls

    def load(self, services: Iterable[str]) -> None:
        """Load what the first call to each of these services would, so that copies of this process find it there."""
        from twin.world.stores.moto_routes import load_routes
        from twin.world.stores.rest_routes import load_operations

        for service in services:
            load_routes(service)
            load_operations(service)

    @contextmanager
    def still(self) -> Iterator[None]:
        """Keep the world from moving: calls wait until this ends."""
        with self._lock:
            yield

    @contextmanager
    def unnumbered(self) -> Iterator[None]:
        """Count no call meanwhile, so that what only reads leaves no trace in the ids of what is made later."""
        store = self.gateway.store
        sources = [ids.random for ids in (self.ids, self.vendors.okta().ids)]
        calls, drawn = store.calls, [source.getstate() for source in sources]
        try:
            yield
        finally:
            store.calls = calls
            for source, state in zip(sources, drawn, strict=True):
                source.setstate(state)

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
        self.scene.meter.settle(self.scene, self.clock.now())
        host, path, netloc = _place(request.url)
        if path == HEALTH:
            return self._health()
        vendor = self._vendor(request, host, path)
        if vendor is None:
            answered = self.faults.answer(request) or self.edge.handle(request) or dashboard(request)
            return answered or _misdirected(netloc)
        if vendor == "aws":
            return self.gateway.handle(request)
        if request.method not in ("GET", "HEAD"):
            account = self.cloudflare.account_id if vendor == "cloudflare" else self.okta.url
            self.scene.meter.touch(vendor, account, region="global", now=self.clock.now())
        return self.vendors.handle(vendor, request)

    def _vendor(self, request: Request, host: str, path: str) -> Vendor | Literal["aws"] | None:
        authorization = request.headers.get("Authorization", "")
        if authorization.startswith(("AWS4-", "AWS ")) or SIGNED_QUERY.search(request.url):
            return "aws"
        if host.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")):
            return "aws"
        if self.edge.serves(host):
            return None
        if vendor := self.vendors.called(authorization, host, path, datadog_key="DD-API-KEY" in request.headers):
            return vendor
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

    def keys_told(self) -> dict[str, Any]:
        """Return what lets a client in everywhere: AWS's bootstrap key, and what each vendor's clients need."""
        root = self.credentials()
        return {
            "access_key_id": root.access_key_id,
            "secret_access_key": root.secret_access_key,
            **self.vendors.keys(),
        }

    def _health(self) -> Response:
        state = {"schema": 1, "ready": True, "seed": self.seed, "accounts": list(self.accounts), "region": self.region}
        return Response(200, Headers([("Content-Type", "application/json")]), json.dumps(state).encode())

    def close(self) -> None:
        """Empty the store; the world answers no more."""
        self.closed = True
        if World._open is self:
            World._open = None
            self.gateway.store.close()


def _load() -> None:
    """Import the files that are found by being there."""
    from twin.world.authorisation.asks import load_askers
    from twin.world.behaviors import load_behaviors
    from twin.world.due import load_habits
    from twin.world.faults import kinds
    from twin.world.metering.held import load_readers
    from twin.world.refusals import load_rules
    from twin.world.stores.moto_data import read_once

    read_once()
    load_askers()
    load_rules()
    load_habits()
    load_behaviors()
    load_readers()
    kinds()


@lru_cache(1024)
def _place(url: str) -> tuple[str, str, str]:
    """Return the host, the path, and the host with its port as written."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.path, parts.netloc


def _misdirected(netloc: str) -> Response:
    host = netloc or "(none)"
    known = "AWS, Cloudflare, Okta, Auth0, PagerDuty, Datadog or GitHub"
    text = f"The twin has no answer for host {host}: the request is none of {known}."
    body = json.dumps({"code": "TwinMisdirectedRequest", "message": text}).encode()
    return Response(421, Headers([("Content-Type", "application/json")]), body)

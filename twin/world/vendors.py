"""The vendor servers of our own that the world mounts, and the account that each one holds at the start."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

from twin.wire import Request, Response
from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.stations import Served, Server, VendorCall, VendorCheck
from twin.world.trail.vendor_evidence import VendorEvidence

if TYPE_CHECKING:
    from twin.world.saas.cloudflare.state import State, Zone
    from twin.world.saas.datadog.state import Organization
    from twin.world.saas.github.state import Hub
    from twin.world.saas.okta.state import Org
    from twin.world.saas.pagerduty.state import Account, Tell

Vendor = Literal["auth0", "cloudflare", "datadog", "github", "okta", "pagerduty"]
OKTA_PATHS = re.compile(r"/api/v1|/oauth2|/\.well-known|/app/[^/]+/[^/]+/sso/saml$")
AUTH0_PATHS = re.compile(
    r"/api/v2/|/oauth/|/userinfo$|/authorize$|/co/authenticate$|/v2/logout$|/\.well-known/jwks\.json$"
)
PAGERDUTY_PATHS = re.compile(r"/v2/(change/)?enqueue$|/integration/[^/]+/enqueue$|/x-ere/[^/]+$")
AUTH0_HOST = ".auth0.com"
DATADOG_PATHS = re.compile(
    r"/api/v1/(validate|series|query|monitor|downtime|events|integration/pagerduty)(/|$)"
    r"|/api/v2/(series$|downtime(/|$)|logs/events(/|$))"
)
DATADOG_HOSTS = (".datadoghq.com", ".datadoghq.eu", ".ddog-gov.com")
PAGERDUTY_HOST = ".pagerduty.com"
GITHUB_HOSTS = ("api.github.com", "token.actions.githubusercontent.com", "pipelines.actions.githubusercontent.com")
GITHUB_PATHS = re.compile(
    r"/(repos|orgs|users)/[^/]+|/(user|rate_limit|user/repos)$|/_apis/idtoken/|/\.well-known/jwks$"
)
GITHUB_TOKENS = re.compile(r"(?:token|bearer) (?:github_pat_|gh[a-z]_)", re.IGNORECASE)
OKTA_HOSTS = (".okta.com", ".oktapreview.com", ".okta-emea.com")


@dataclass(frozen=True, slots=True)
class CloudflareAccount:
    """The Cloudflare account of a world, with the API token that exists from the start.

    Enforced rate limits refuse as the clock says, as Okta's do.
    """

    account_id: str
    name: str
    token: str = field(repr=False)
    zone_plan: str = "free"
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class Auth0Tenant:
    """The Auth0 tenant of a world, with the machine-to-machine client that exists from the start."""

    domain: str
    client_id: str
    client_secret: str = field(repr=False)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class OktaOrg:
    """The Okta org of a world, with the API token that exists from the start.

    Enforced rate limits refuse as the clock says: where it stands still, a window never ends.
    """

    url: str
    name: str
    token: str = field(repr=False)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class PagerDutyAccount:
    """The PagerDuty account of a world, with the REST API key that exists from the start."""

    subdomain: str
    token: str = field(repr=False)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class GithubOrganization:
    """The organisation at GitHub that a world starts with, its owner with a token, and its members."""

    login: str
    owner: str
    token: str = field(repr=False)
    members: tuple[str, ...] = ()
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class DatadogOrganization:
    """The Datadog organization of a world, with the API key and the application key that exist from the start."""

    api_key: str = field(repr=False)
    app_key: str = field(repr=False)
    enforce_rate_limits: bool = False


def _plain(host: str) -> bool:
    """Tell whether a host is a machine's own address or name, which says nothing of whom a request is for."""
    return "." not in host or host.replace(".", "").isdigit() or ":" in host


def cloudflare_account(seed: int | str) -> CloudflareAccount:
    """Return the account of a seed."""
    ids = Ids(f"cloudflare-account:{seed}")
    return CloudflareAccount(ids.hex(), "Twin", ids.word(40))


def okta_org(seed: int | str) -> OktaOrg:
    """Return the org of a seed."""
    return OktaOrg("https://twin.okta.com", "Twin", "00" + Ids(f"okta-org:{seed}").word(40))


def auth0_tenant(seed: int | str) -> Auth0Tenant:
    """Return the tenant of a seed."""
    ids = Ids(f"auth0-tenant:{seed}")
    return Auth0Tenant("twin.us.auth0.com", ids.word(32), ids.word(64))


def pagerduty_account(seed: int | str) -> PagerDutyAccount:
    """Return the account of a seed."""
    return PagerDutyAccount("twin", Ids(f"pagerduty-account:{seed}").word(20))


def github_organization(seed: int | str, login: str = "twin", members: tuple[str, ...] = ()) -> GithubOrganization:
    """Return the organisation of a seed."""
    ids = Ids(f"github-organization:{seed}")
    return GithubOrganization(login, f"{login}-owner", f"github_pat_{ids.word(22)}_{ids.word(59)}", members)


def datadog_organization(seed: int | str) -> DatadogOrganization:
    """Return the organization of a seed."""
    ids = Ids(f"datadog-organization:{seed}")
    return DatadogOrganization(ids.hex(32), ids.hex(40))


class Vendors:
    """The servers, each made at its first request; ids of one do not move another's.

    `faults` and `authorisers` see every call once its principal is known, and may raise VendorFault or VendorDenied;
    `listeners` are told of every call once it is answered; `evidence` holds every call with its events, beyond the
    reach of anybody inside the org. `tell` hears what PagerDuty does by itself.
    """

    def __init__(self, *, seed: int | str, clock: Agenda, cloudflare: CloudflareAccount, okta: OktaOrg,
                 auth0: Auth0Tenant, pagerduty: PagerDutyAccount, datadog: DatadogOrganization,
                 github: GithubOrganization, tell: "Tell") -> None:  # fmt: skip
        self.faults: list[VendorCheck] = []
        self.authorisers: list[VendorCheck] = []
        self.listeners: list[Callable[[Served], None]] = []
        self.evidence = VendorEvidence()
        self._seed = seed
        self._clock = clock
        self._cloudflare = cloudflare
        self._okta = okta
        self._auth0 = auth0
        self._pagerduty = pagerduty
        self._datadog = datadog
        self._github = github
        self._tell = tell
        self._made: dict[Vendor, Server] = {}

    def handle(self, vendor: Vendor, request: Request) -> Response:
        """Answer a request to one vendor and put it into the evidence."""
        served = self._server(vendor).serve(request, self._check)
        self.evidence.witness(served, self._clock.now())
        for listener in self.listeners:
            listener(served)
        return served.response

    def cloudflare_state(self) -> "State | None":
        """Return what the Cloudflare server holds; None before its first call."""
        made = self._made.get("cloudflare")
        if made is None:
            return None
        from twin.world.saas.cloudflare.server import Cloudflare

        assert isinstance(made, Cloudflare)
        return made.state

    def called(self, authorization: str, host: str, path: str, *, datadog_key: bool = False) -> Vendor | None:
        """Tell for which vendor a request is: by its host, or by its path where the host is a machine's own.

        `datadog_key` says that it bears a key of Datadog's, whose log intake has a path that is Auth0's too.
        """
        if host == "api.cloudflare.com" or path.startswith("/client/v4"):
            return "cloudflare"
        if host.endswith(PAGERDUTY_HOST) or authorization.startswith("Token token="):
            return "pagerduty"
        if host in GITHUB_HOSTS or GITHUB_TOKENS.match(authorization) or (_plain(host) and GITHUB_PATHS.match(path)):
            return "github"
        plainly = datadog_key or (not authorization and DATADOG_PATHS.match(path))
        if host.endswith(DATADOG_HOSTS) or (_plain(host) and plainly):
            return "datadog"
        if _plain(host) and PAGERDUTY_PATHS.match(path):
            return "pagerduty"
        if host.endswith(AUTH0_HOST) or host == self._auth0.domain or (_plain(host) and AUTH0_PATHS.match(path)):
            return "auth0"
        own = host.endswith(OKTA_HOSTS) or host == urlsplit(self._okta.url).hostname
        if own or authorization.startswith("SSWS") or (_plain(host) and OKTA_PATHS.match(path)):
            return "okta"
        return None

    def made(self, vendor: Vendor) -> Server | None:
        """Return a vendor's server; None before its first request."""
        return self._made.get(vendor)

    def zones(self) -> list["Zone"]:
        """Return the zones that Cloudflare serves."""
        state = self.cloudflare_state()
        return list(state.zones.values()) if state is not None else []

    def cloudflare_records(self, name: str) -> list[dict[str, Any]] | None:
        """Return Cloudflare's DNS records of a name; None when it serves no zone that the name is in."""
        for zone in self.zones():
            if name == zone.name or name.endswith(f".{zone.name}"):
                return [record for record in zone.records.values() if record["name"] == name]
        return None

    def okta(self) -> "Org":
        """Return the true state of the Okta org: for who acts as its people, answers their phones, reads their mail."""
        from twin.world.saas.okta.server import Okta

        made = self._server("okta")
        assert isinstance(made, Okta)
        return made.org

    def datadog(self) -> "Organization":
        """Return the true state of the Datadog organization: for its evaluations and what they tell."""
        from twin.world.saas.datadog.server import Datadog

        made = self._server("datadog")
        assert isinstance(made, Datadog)
        return made.organization

    def github(self) -> "Hub":
        """Return the true state of GitHub: for its timers, its runners, and for who acts as its people."""
        from twin.world.saas.github.server import Github

        made = self._server("github")
        assert isinstance(made, Github)
        return made.hub

    def pagerduty(self) -> "Account":
        """Return the true state of the PagerDuty account: for its timers, and for who answers its pages."""
        from twin.world.saas.pagerduty.server import PagerDuty

        made = self._server("pagerduty")
        assert isinstance(made, PagerDuty)
        return made.account

    def _check(self, call: VendorCall) -> None:
        for check in (*self.faults, *self.authorisers):
            check(call)

    def _server(self, vendor: Vendor) -> Server:
        if vendor not in self._made:
            self._made[vendor] = self._make(vendor)
        return self._made[vendor]

    def _make(self, vendor: Vendor) -> Server:
        ids = Ids(f"{vendor}:{self._seed}")
        if vendor == "cloudflare":
            from twin.world.saas.cloudflare.server import Cloudflare

            held = self._cloudflare
            return Cloudflare(
                clock=self._clock,
                ids=ids,
                account_id=held.account_id,
                account_name=held.name,
                zone_plan=held.zone_plan,
                token=held.token,
                enforce_rate_limits=held.enforce_rate_limits,
            )
        if vendor == "auth0":
            from twin.world.saas.auth0.server import Auth0

            tenant = self._auth0
            return Auth0(
                clock=self._clock,
                ids=ids,
                domain=tenant.domain,
                client_id=tenant.client_id,
                client_secret=tenant.client_secret,
                enforce_rate_limits=tenant.enforce_rate_limits,
            )
        if vendor == "datadog":
            from twin.world.saas.datadog.server import Datadog
            from twin.world.saas.datadog.state import Organization

            keys = self._datadog
            made = Datadog(Organization(self._clock, ids, keys.api_key, keys.app_key, self._tell))
            made.organization.limits.enforced = keys.enforce_rate_limits
            return made
        if vendor == "github":
            from twin.world.saas.github.genesis import first_hub
            from twin.world.saas.github.server import Github

            begun = self._github
            hub = first_hub(begun, agenda=self._clock, ids=ids, origin=f"github:{self._seed}", tell=self._tell)
            return Github(hub, enforce_rate_limits=begun.enforce_rate_limits)
        if vendor == "pagerduty":
            from twin.world.saas.pagerduty.server import PagerDuty

            account = self._pagerduty
            return PagerDuty(
                agenda=self._clock,
                ids=ids,
                subdomain=account.subdomain,
                token=account.token,
                tell=self._tell,
                enforce_rate_limits=account.enforce_rate_limits,
            )
        from twin.world.saas.okta.server import Okta

        org = self._okta
        return Okta(
            clock=self._clock,
            ids=ids,
            org_url=org.url,
            org_name=org.name,
            token=org.token,
            enforce_rate_limits=org.enforce_rate_limits,
        )

"""The vendors whose servers a world mounts: for each one how a request for it is known, and how its server is made."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twin.world.agenda import Agenda
from twin.world.ids import Ids
from twin.world.saas.accounts import (
    Auth0Tenant,
    CloudflareAccount,
    DatadogOrganization,
    GithubOrganization,
    OktaOrg,
    PagerDutyAccount,
    Vendor,
)
from twin.world.saas.stations import Server
from twin.world.saas.webhooks import Ask

GITHUB_HOSTS = ("api.github.com", "token.actions.githubusercontent.com", "pipelines.actions.githubusercontent.com")
GITHUB_TOKENS = re.compile(r"(?:token|bearer) (?:github_pat_|gh[a-z]_)", re.IGNORECASE)
GITHUB_PATHS = re.compile(
    r"/(repos|orgs|users)/[^/]+|/(user|rate_limit|user/repos)$|/_apis/idtoken/|/\.well-known/jwks$"
)
DATADOG_HOSTS = (".datadoghq.com", ".datadoghq.eu", ".ddog-gov.com")
DATADOG_PATHS = re.compile(
    r"/api/v1/(validate|series|query|monitor|downtime|events|integration/pagerduty)(/|$)"
    r"|/api/v2/(series$|downtime(/|$)|logs/events(/|$))"
)
PAGERDUTY_PATHS = re.compile(r"/v2/(change/)?enqueue$|/integration/[^/]+/enqueue$|/x-ere/[^/]+$")
AUTH0_PATHS = re.compile(
    r"/api/v2/|/oauth/|/userinfo$|/authorize$|/co/authenticate$|/v2/logout$|/\.well-known/jwks\.json$"
)
OKTA_HOSTS = (".okta.com", ".oktapreview.com", ".okta-emea.com")
OKTA_PATHS = re.compile(r"/api/v1|/oauth2|/\.well-known|/app/[^/]+/[^/]+/sso/saml$")


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a request tells for whom it is; `datadog_key` says that it bears a key of Datadog's.

    `plain` says that the host is a machine's own address or name, which tells nothing.
    """

    authorization: str
    host: str
    path: str
    datadog_key: bool

    @property
    def plain(self) -> bool:
        """Tell whether the host says nothing of whom the request is for."""
        return "." not in self.host or self.host.replace(".", "").isdigit() or ":" in self.host


@dataclass(frozen=True, slots=True)
class Start:
    """What every server begins with: the world's clock, ids of its own, the seed, whom it tells, how it asks others."""

    clock: Agenda
    ids: Ids
    seed: int | str
    tell: Callable[..., object]
    ask: Ask


@dataclass(frozen=True, slots=True)
class Entry:
    """One vendor: `known` by host or credentials, `likely` by its path where the host tells nothing, and `make`."""

    known: Callable[[Asked, Any], bool]
    likely: Callable[[Asked], bool]
    make: Callable[[Start, Any], Server]


def _cloudflare(start: Start, held: CloudflareAccount) -> Server:
    from twin.world.saas.cloudflare.server import Cloudflare

    return Cloudflare(
        clock=start.clock,
        ids=start.ids,
        account_id=held.account_id,
        account_name=held.name,
        zone_plan=held.zone_plan,
        token=held.token,
        enforce_rate_limits=held.enforce_rate_limits,
    )


def _pagerduty(start: Start, held: PagerDutyAccount) -> Server:
    from twin.world.saas.pagerduty.server import PagerDuty

    return PagerDuty(
        agenda=start.clock,
        ids=start.ids,
        subdomain=held.subdomain,
        token=held.token,
        tell=start.tell,
        enforce_rate_limits=held.enforce_rate_limits,
    )


def _github(start: Start, held: GithubOrganization) -> Server:
    from twin.world.saas.github.genesis import first_hub
    from twin.world.saas.github.server import Github

    origin = f"github:{start.seed}"
    hub = first_hub(held, agenda=start.clock, ids=start.ids, origin=origin, tell=start.tell)
    return Github(hub, enforce_rate_limits=held.enforce_rate_limits)


def _datadog(start: Start, held: DatadogOrganization) -> Server:
    from twin.world.saas.datadog.server import Datadog
    from twin.world.saas.datadog.state import Organization

    made = Datadog(Organization(start.clock, start.ids, held.api_key, held.app_key, start.tell))
    made.organization.limits.enforced = held.enforce_rate_limits
    return made


def _auth0(start: Start, held: Auth0Tenant) -> Server:
    from twin.world.saas.auth0.server import Auth0

    return Auth0(
        clock=start.clock,
        ids=start.ids,
        domain=held.domain,
        client_id=held.client_id,
        client_secret=held.client_secret,
        enforce_rate_limits=held.enforce_rate_limits,
    )


def _okta(start: Start, held: OktaOrg) -> Server:
    from twin.world.saas.okta.server import Okta

    return Okta(
        clock=start.clock,
        ids=start.ids,
        org_url=held.url,
        org_name=held.name,
        token=held.token,
        ask=start.ask,
        enforce_rate_limits=held.enforce_rate_limits,
    )


# Asked in this order: which is known, then which is likely. With a token, Datadog's paths are Auth0's or Okta's.
ENTRIES: dict[Vendor, Entry] = {
    "cloudflare": Entry(
        lambda asked, _: asked.host == "api.cloudflare.com" or asked.path.startswith("/client/v4"),
        lambda asked: False,
        _cloudflare,
    ),
    "pagerduty": Entry(
        lambda asked, _: asked.host.endswith(".pagerduty.com") or asked.authorization.startswith("Token token="),
        lambda asked: bool(PAGERDUTY_PATHS.match(asked.path)),
        _pagerduty,
    ),
    "github": Entry(
        lambda asked, _: asked.host in GITHUB_HOSTS or bool(GITHUB_TOKENS.match(asked.authorization)),
        lambda asked: bool(GITHUB_PATHS.match(asked.path)),
        _github,
    ),
    "datadog": Entry(
        lambda asked, _: asked.host.endswith(DATADOG_HOSTS) or (asked.plain and asked.datadog_key),
        lambda asked: not asked.authorization and bool(DATADOG_PATHS.match(asked.path)),
        _datadog,
    ),
    "auth0": Entry(
        lambda asked, held: asked.host.endswith(".auth0.com") or asked.host == held.domain,
        lambda asked: bool(AUTH0_PATHS.match(asked.path)),
        _auth0,
    ),
    "okta": Entry(
        lambda asked, held: (
            asked.host.endswith(OKTA_HOSTS)
            or asked.host == urlsplit(held.url).hostname
            or asked.authorization.startswith("SSWS")
        ),
        lambda asked: bool(OKTA_PATHS.match(asked.path)),
        _okta,
    ),
}

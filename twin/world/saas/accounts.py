"""The account that a world holds at each vendor at the start, and the keys that open it."""

from dataclasses import dataclass, field, fields
from typing import Any, Literal

from twin.world.ids import Ids

Vendor = Literal["auth0", "cloudflare", "datadog", "github", "okta", "pagerduty"]
# Marks what a client has to know of an account to be let in.
KEY = {"key": True}


@dataclass(frozen=True, slots=True)
class CloudflareAccount:
    """The Cloudflare account of a world, with the API token that exists from the start.

    Enforced rate limits refuse as the clock says, as Okta's do.
    """

    account_id: str
    name: str
    token: str = field(repr=False, metadata=KEY)
    zone_plan: str = "free"
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class Auth0Tenant:
    """The Auth0 tenant of a world, with the machine-to-machine client that exists from the start."""

    domain: str = field(metadata=KEY)
    client_id: str = field(metadata=KEY)
    client_secret: str = field(repr=False, metadata=KEY)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class OktaOrg:
    """The Okta org of a world, with the API token that exists from the start.

    Enforced rate limits refuse as the clock says: where it stands still, a window never ends.
    """

    url: str = field(metadata=KEY)
    name: str
    token: str = field(repr=False, metadata=KEY)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class PagerDutyAccount:
    """The PagerDuty account of a world, with the REST API key that exists from the start."""

    subdomain: str
    token: str = field(repr=False, metadata=KEY)
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class GithubOrganization:
    """The organisation at GitHub that a world starts with: an owner with a token, members, private repositories."""

    login: str
    owner: str
    token: str = field(repr=False, metadata=KEY)
    members: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    enforce_rate_limits: bool = False


@dataclass(frozen=True, slots=True)
class DatadogOrganization:
    """The Datadog organization of a world, with the API key and the application key that exist from the start."""

    api_key: str = field(repr=False, metadata=KEY)
    app_key: str = field(repr=False, metadata=KEY)
    enforce_rate_limits: bool = False


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


def github_organization(
    seed: int | str, login: str = "twin", members: tuple[str, ...] = (), repositories: tuple[str, ...] = ()
) -> GithubOrganization:
    """Return the organisation of a seed."""
    ids = Ids(f"github-organization:{seed}")
    token = f"github_pat_{ids.word(22)}_{ids.word(59)}"
    return GithubOrganization(login, f"{login}-owner", token, members, repositories)


def datadog_organization(seed: int | str) -> DatadogOrganization:
    """Return the organization of a seed."""
    ids = Ids(f"datadog-organization:{seed}")
    return DatadogOrganization(ids.hex(32), ids.hex(40))


def keys_of(vendor: Vendor, account: Any) -> dict[str, str]:
    """Return what lets a client into an account, each under the vendor's name and its own: `okta_token`."""
    return {f"{vendor}_{one.name}": getattr(account, one.name) for one in fields(account) if "key" in one.metadata}

"""The whole org, as its owner means it."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from twin.spec.model.access import Delivery, Iam
from twin.spec.model.audit import Audit, Backup
from twin.spec.model.compute import Compute
from twin.spec.model.customers import Customers
from twin.spec.model.data import Data, Encryption
from twin.spec.model.edge import Dns, Edge
from twin.spec.model.governance import Billing, Organization
from twin.spec.model.network import Network
from twin.spec.model.observability import Observability
from twin.spec.model.on_call import OnCall
from twin.spec.model.overrides import Override
from twin.spec.model.region import PlacedName, Region, zones
from twin.spec.model.section import Problem, Section
from twin.spec.model.state import State
from twin.spec.model.values import AccountId, Domain, Email, HexId, Name, Text, Url
from twin.spec.model.waivers import Waiver
from twin.spec.model.workforce import Workforce
from twin.spec.suggest import suggestion


class Identity(Section):
    """Who the org is."""

    name: Name
    """Its short name, which begins the names of what it owns."""
    domain: Domain
    """Its domain."""
    contact: Email
    """Who answers for it."""
    tags: dict[Text, Text] = Field(default_factory=dict)
    """Tags put on everything."""


class AwsAccount(Section):
    """The AWS account that is meant."""

    account: AccountId
    """Its id, in quotes: twelve digits."""
    alias: Name
    """Its alias, which a live apply asks for."""
    region: Region
    """The region of everything regional."""


class CloudflareAccount(Section):
    """The Cloudflare account that is meant."""

    account: HexId
    """Its id."""
    plan: Literal["free", "pro", "business", "enterprise"] = "free"
    """The zone's plan, which sets its limits."""


class OktaOrg(Section):
    """The Okta org that is meant."""

    org_url: Url
    """Its address, such as https://example.okta.com."""
    plan: Literal["integrator", "paid"] = "paid"
    """Its plan: `integrator`, the free one for developers, has 10 active users."""


class Auth0Tenant(Section):
    """The Auth0 tenant that is meant."""

    domain: Domain
    """Its own domain, such as example.us.auth0.com: not a custom one, which the management API does not go by."""


class PagerDutyAccount(Section):
    """The PagerDuty account that is meant."""

    subdomain: Name
    """The first part of its address, as in example.pagerduty.com."""


class DatadogOrganization(Section):
    """The Datadog organization that is meant."""

    site: Domain = "datadoghq.com"
    """The site that it is on, such as datadoghq.eu."""


class GithubOrganization(Section):
    """The GitHub organisation that is meant."""

    organization: Text
    """Its name, as in github.com/NAME."""


class Org(Section):
    """The spec of an org in one environment."""

    version: Literal[1]
    """The version of this format."""
    org: Identity
    """Who the org is."""
    aws: AwsAccount
    """The AWS account that is meant."""
    cloudflare: CloudflareAccount | None = None
    """The Cloudflare account that is meant."""
    okta: OktaOrg | None = None
    """The Okta org that is meant."""
    auth0: Auth0Tenant | None = None
    """The Auth0 tenant that is meant."""
    pagerduty: PagerDutyAccount | None = None
    """The PagerDuty account that is meant."""
    datadog: DatadogOrganization | None = None
    """The Datadog organization that is meant."""
    github: GithubOrganization | None = None
    """The GitHub organisation that is meant."""
    workforce: Workforce | None = None
    """Workforce identity."""
    customers: Customers | None = None
    """Customer identity."""
    iam: Iam = Iam()
    """AWS identities that are not people."""
    network: Network | None = None
    """The network."""
    encryption: Encryption = Encryption()
    """Keys."""
    data: Data = Data()
    """The data platform."""
    compute: Compute = Compute()
    """What runs."""
    edge: Edge | None = None
    """The Cloudflare zone."""
    dns: Dns = Dns()
    """Names in AWS."""
    audit: Audit = Audit()
    """What is recorded, detected and told."""
    on_call: OnCall | None = None
    """Who is on call."""
    observability: Observability = Observability()
    """What watches besides AWS."""
    backup: Backup | None = None
    """Backups."""
    delivery: Delivery = Delivery()
    """How changes reach the account."""
    organization: Organization | None = None
    """AWS Organizations."""
    billing: Billing = Billing()
    """What it may cost."""
    regions: dict[Region, dict[str, Any]] = Field(default_factory=dict)
    """What stands in other Regions too: a patch on the network, keys, data, compute and private names of this one."""
    state: State = State()
    """Where the state of the real accounts is kept."""
    resources: dict[str, dict[PlacedName, dict[str, Any]]] = Field(default_factory=dict)
    """Raw resources for what no section covers: type (`twin types`) → name, with `@REGION` in another one → fields."""
    overrides: dict[Text, Override] = Field(default_factory=dict)
    """What holds for single resources: address, in which `*` stands for any text → what holds."""
    waivers: tuple[Waiver, ...] = ()
    """Findings of `twin check` that are meant."""

    def problems(self) -> Iterator[Problem]:
        """Refuse sections that do not fit each other."""
        if self.aws.region in self.regions:
            yield Problem("TW0214", ("regions", self.aws.region), f"{self.aws.region} is the org's own Region")
        for type_, named in self.resources.items():
            for name in named:
                if name.partition("@")[2] == self.aws.region:
                    message = f"{self.aws.region} is the org's own Region, of which no name says so"
                    yield Problem("TW0214", ("resources", type_, name), message, f"write `{name.partition('@')[0]}`")
        yield from self.account_problems()
        yield from self.network_problems()
        yield from self.role_problems()
        yield from self.wave_problems()
        yield from self.responder_problems()

    def wave_problems(self) -> Iterator[Problem]:
        """Yield Regions in the order of waves in which nothing of the org stands."""
        placed = {name.partition("@")[2] for named in self.resources.values() for name in named}
        known = sorted({self.aws.region, *self.regions, *(placed - {""})})
        waves = self.delivery.promotion.waves
        for number, region in enumerate(waves.regions if waves else ()):
            if region not in known:
                place = ("delivery", "promotion", "waves", "regions", number)
                yield Problem("TW0301", place, f"nothing stands in {region}", suggestion(region, known))

    def account_problems(self) -> Iterator[Problem]:
        """Yield vendors that are used but not named."""
        if self.edge and not self.cloudflare:
            yield Problem("TW0301", ("edge",), "the edge needs a Cloudflare account", "add `cloudflare: {account: …}`")
        if self.workforce and not self.okta:
            yield Problem("TW0301", ("workforce",), "the workforce needs an Okta org", "add `okta: {org_url: …}`")
        if self.customers and self.customers.auth0 and not self.auth0:
            place = ("customers", "auth0")
            yield Problem("TW0301", place, "its parts need an Auth0 tenant", "add `auth0: {domain: …}`")
        if self.on_call and not self.pagerduty:
            advice = "add `pagerduty: {subdomain: …}`"
            yield Problem("TW0301", ("on_call",), "people on call need a PagerDuty account", advice)
        if self.observability.datadog and not self.datadog:
            place = ("observability", "datadog")
            yield Problem("TW0301", place, "its monitors need a Datadog organization", "add `datadog: {site: …}`")
        if self.delivery.pipeline and not self.github:
            place = ("delivery", "pipeline")
            yield Problem("TW0301", place, "a pipeline needs a GitHub organisation", "add `github: {organization: …}`")

    def responder_problems(self) -> Iterator[Problem]:
        """Yield people on call of whom nothing says how PagerDuty knows them."""
        known = self.workforce.people if self.workforce else {}
        for name, one in self.on_call.people.items() if self.on_call else ():
            lacks = [field for field in ("name", "email") if getattr(one, field) is None]
            if lacks and name not in known:
                told = " and ".join(f"`{field}`" for field in lacks)
                message = f"{name} lacks {told}, and `workforce.people` has nobody of that name"
                yield Problem("TW0105", ("on_call", "people", name), message, f"add {told}")

    def network_problems(self) -> Iterator[Problem]:
        """Yield what the network cannot be in this region, or cannot carry."""
        if not self.network:
            return
        offered = zones()[self.aws.region]
        if self.network.azs > offered:
            message = f"{self.network.azs} zones, but {self.aws.region} offers {offered}"
            yield Problem("TW0305", ("network", "azs"), message, f"use at most {offered}, or another region")
        eks = self.compute.eks
        if eks and eks.service_cidr and eks.service_cidr.overlaps(self.network.cidr):
            message = f"{eks.service_cidr} overlaps the VPC's block {self.network.cidr}"
            yield Problem("TW0302", ("compute", "eks", "service_cidr"), message)

    def role_problems(self) -> Iterator[Problem]:
        """Yield names that two kinds of identity share, as references could mean either."""
        people = self.workforce.roles if self.workforce else {}
        kinds: dict[tuple[str, ...], Any] = {
            ("workforce", "roles"): people,
            ("iam", "roles"): self.iam.roles,
            ("iam", "users"): self.iam.users,
            ("delivery", "roles"): self.delivery.roles,
            ("compute", "workers"): self.compute.workers,
        }
        count = Counter(name for names in kinds.values() for name in names)
        first: dict[str, str] = {}
        for path, names in kinds.items():
            for name in names:
                if count[name] > 1 and name in first:
                    message = f"`{name}` is already the name of an identity in {first[name]}"
                    yield Problem("TW0304", (*path, name), message, "give one of the two another name")
                first.setdefault(name, ".".join(path))

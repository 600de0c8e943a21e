"""A world in this process for the accounts that a spec names, and the way into it for the applier."""

from dataclasses import replace

from twin.clock import Clock
from twin.engine.connect import Endpoints
from twin.resources.scope import Scope
from twin.world.delays import Provisioning
from twin.world.saas.accounts import (
    Auth0Tenant,
    OktaOrg,
    auth0_tenant,
    cloudflare_account,
    github_organization,
    okta_org,
    pagerduty_account,
)
from twin.world.world import World


def make_world(
    scope: Scope,
    *,
    seed: int,
    clock: Clock,
    localstack: str | None = None,
    provisioning: Provisioning = "instant",
    others: tuple[str, ...] = (),
) -> World:
    """Make an empty world; accounts that the scope does not name get the seed's own; `others` are more of AWS's.

    `localstack` is the address of a LocalStack that keeps some of AWS's services; TargetError when it cannot. With
    `provisioning` "real", what is created takes its documented time.
    """
    own, org, tenant = cloudflare_account(seed), okta_org(seed), auth0_tenant(seed)
    return World(
        seed,
        clock,
        accounts=tuple(dict.fromkeys((scope.account, *others))),
        region=scope.region,
        cloudflare=replace(own, account_id=scope.cloudflare_account or own.account_id, zone_plan=scope.cloudflare_plan),
        okta=OktaOrg(scope.okta_url or org.url, org.name, org.token),
        pagerduty=replace(pagerduty_account(seed), subdomain=scope.pagerduty or "twin"),
        auth0=Auth0Tenant(scope.auth0_domain or tenant.domain, tenant.client_id, tenant.client_secret),
        github=github_organization(
            seed, scope.github_organization or "twin", _names(scope.github_members), _names(scope.github_repositories)
        ),
        localstack=localstack,
        provisioning=provisioning,
    )


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def endpoints(world: World) -> Endpoints:
    """Return the way into a world, without a socket."""
    return Endpoints(**world.keys_told(), handle=world.handle, place=lambda: len(world.evidence))

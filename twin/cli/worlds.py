"""Makes the world for a spec: its AWS account, its Cloudflare account, its Okta org."""

from twin.clock import Clock, WallClock
from twin.world.vendors import CloudflareAccount, OktaOrg, cloudflare_account, okta_org
from twin.world.world import World


def make_world(
    account: str, region: str, cloudflare: str, okta_url: str, seed: int, clock: Clock | None = None
) -> World:
    """Make a world; accounts that the spec does not name get the seed's own."""
    own, org = cloudflare_account(seed), okta_org(seed)
    return World(
        seed,
        clock or WallClock(),
        accounts=(account,),
        region=region,
        cloudflare=CloudflareAccount(cloudflare or own.account_id, own.name, own.token),
        okta=OktaOrg(okta_url or org.url, org.name, org.token),
    )

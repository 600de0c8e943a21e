"""A zone as the edge sees it: what Cloudflare's endpoints would tell of it, with the health that monitors found."""

from typing import Any

from twin.semantics.edge import Zone
from twin.semantics.edge.configuration import Access
from twin.world.saas.cloudflare.certificate_packs import packs_of
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.settings import setting_value
from twin.world.saas.cloudflare.state import State
from twin.world.saas.cloudflare.state import Zone as Held

SETTINGS = (
    "ssl",
    "min_tls_version",
    "tls_1_3",
    "always_use_https",
    "browser_cache_ttl",
    "cache_level",
    "development_mode",
    "security_header",
    "cname_flattening",
)


def zone_of(state: State, name: str) -> Held | None:
    """Return the active zone that a host name is in, the longest one; None when there is none."""
    held = [zone for zone in state.zones.values() if zone.status == "active" and _within(name, zone.name)]
    return max(held, key=lambda zone: len(zone.name), default=None)


def _within(name: str, zone: str) -> bool:
    return name == zone or name.endswith(f".{zone}")


def configuration(state: State, zone: Held) -> Zone:
    """Return a zone for the edge's decisions."""
    return Zone(
        name=zone.name,
        plan=zone.plan,
        settings={name: setting_value(state, zone, name) for name in SETTINGS},
        records=tuple(zone.records.values()),
        rulesets=_latest(state, f"zones/{zone.id}"),
        account_rulesets=_latest(state, f"accounts/{state.account_id}"),
        balancers=tuple(zone.load_balancers.values()),
        pools=state.pools,
        health={pool: {name: seen["up"] for name, seen in origins.items()} for pool, origins in state.health.items()},
        packs=tuple(packs_of(state, zone)),
        access=access_of(state),
        paused=zone.paused,
    )


def _latest(state: State, scope: str) -> tuple[dict[str, Any], ...]:
    return tuple(versions[-1] for versions in state.rulesets.get(scope, {}).values())


def access_of(state: State) -> Access:
    """Return the account's Access: applications with their policies, groups and service tokens."""
    held = state.access
    tokens = {
        token["client_id"]: {
            "id": token["id"],
            "name": token["name"],
            "expires_at": token["expires"],
            "secret": token["digest"],
        }
        for token in held.service_tokens.values()
    }
    apps = tuple({**app, "policies": list(held.policies.get(app["id"], {}).values())} for app in held.apps.values())
    return Access(apps, held.groups, tokens, f"{reference('access', 'team')}.cloudflareaccess.com")

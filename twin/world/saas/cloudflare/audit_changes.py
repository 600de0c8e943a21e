"""What a call changed: the resources of its area before and after, side by side."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from twin.world.saas.cloudflare.access_service_tokens import shown_service_token
from twin.world.saas.cloudflare.accounts import shown_account
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.settings import setting_value
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.cloudflare.tokens import shown_token
from twin.world.saas.cloudflare.zones import shown_zone
from twin.world.saas.router import Hit

READS = ("GET", "HEAD", "OPTIONS")


class Held(NamedTuple):
    """A token as the API shows it; `mark` tells two states apart that look the same, its secret being changed."""

    shown: Any
    mark: str


# Resources by id: the vendor's JSON, or a Held. Rows are replaced when they change, so a copy of the table is enough.
Holding = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Area:
    """A family of resources that is audited: its name, and the words of version 1 for what happens to them."""

    name: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One effect on one resource: `add`, `set` or `delete`; what was not there before or after is None."""

    verb: str
    id: str
    old: Any
    new: Any


@cache
def area_of(operation: str) -> Area | None:
    """Return the area that an operation changes; None for one that only reads."""
    method, _, path = operation.partition(" ")
    if method in READS:
        return None
    for entry in reference("audit", "areas"):
        if path == entry["prefix"] or path.startswith(entry["prefix"] + "/"):
            return Area(entry["area"], entry["words"])
    return None


def holding(area: Area, state: State, hit: Hit) -> Holding:
    """Return the resources of an area that a call can change, as they are now."""
    return HOLDINGS[area.name](state, hit)


def changes(before: Holding, after: Holding) -> Iterator[Change]:
    """Yield the difference: what went, then what changed, then what came."""
    for key, held in before.items():
        if key not in after:
            yield Change("delete", key, _shown(held), None)
    differing = [key for key, held in after.items() if held is not before.get(key) and held != before.get(key)]
    for key in differing:
        if key in before:
            yield Change("set", key, _shown(before[key]), _shown(after[key]))
    for key in differing:
        if key not in before:
            yield Change("add", key, None, _shown(after[key]))


def _shown(held: Any) -> Any:
    return held.shown if isinstance(held, Held) else held


def _zone(state: State, hit: Hit) -> Zone | None:
    return state.zones.get(hit.path.get("zone_id", ""))


def _records(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    return dict(zone.records) if zone else {}


def _balancers(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    return dict(zone.load_balancers) if zone else {}


def _settings(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    names = reference("zone_settings", "settings")
    return {name: setting_value(state, zone, name) for name in names} if zone else {}


def _rulesets(state: State, hit: Hit) -> Holding:
    zone_id = hit.path.get("zone_id")
    scope = f"zones/{zone_id}" if zone_id else f"accounts/{state.account_id}"
    held = state.rulesets.get(scope, {})
    return {key: {**all_[-1], "versions": [one["version"] for one in all_]} for key, all_ in held.items()}


def _zones(state: State, hit: Hit) -> Holding:
    wanted = hit.path.get("zone_id")
    return {key: shown_zone(state, zone) for key, zone in state.zones.items() if wanted in (None, key)}


def _tokens(state: State, hit: Hit) -> Holding:
    wanted = hit.path.get("token_id")
    return {
        key: Held(shown_token(state, token), token.digest)
        for key, token in state.tokens.items()
        if wanted in (None, key)
    }


def _certificates(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    return {**zone.packs, "universal": {"enabled": zone.universal}} if zone else {}


def _purges(state: State, hit: Hit) -> Holding:
    """A purge leaves nothing to compare but the count of purges that wait for the edge."""
    zone = _zone(state, hit)
    return {zone.id: len(state.purges)} if zone else {}


def _access(state: State, _hit: Hit) -> Holding:
    held = state.access
    policies = {key: row for rows in held.policies.values() for key, row in rows.items()}
    tokens = {key: Held(shown_service_token(row), row["digest"]) for key, row in held.service_tokens.items()}
    return {**held.apps, **policies, **held.groups, **held.providers, **tokens}


HOLDINGS: Mapping[str, Callable[[State, Hit], Holding]] = {
    "dns_records": _records,
    "settings": _settings,
    "load_balancers": _balancers,
    "rulesets": _rulesets,
    "zones": _zones,
    "monitors": lambda state, _hit: dict(state.monitors),
    "pools": lambda state, _hit: dict(state.pools),
    "tokens": _tokens,
    "certificates": _certificates,
    "purges": _purges,
    "access": _access,
    "accounts": lambda state, _hit: {state.account_id: shown_account(state)},
}

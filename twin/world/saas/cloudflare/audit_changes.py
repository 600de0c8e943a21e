"""What a call changed: the resources of its area before and after, side by side."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from twin.world.saas.cloudflare.accounts import shown_account
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.settings import setting_value
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.cloudflare.tokens import shown_token
from twin.world.saas.cloudflare.zones import shown_zone
from twin.world.saas.router import Hit

READS = ("GET", "HEAD", "OPTIONS")


class Held(NamedTuple):
    """A resource as the API shows it; `mark` tells states apart that look the same, such as a token's two secrets."""

    shown: Any
    mark: str = ""


Holding = Mapping[str, Held]


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
            yield Change("delete", key, held.shown, None)
    for verb in ("set", "add"):
        for key, held in after.items():
            old = before.get(key)
            if (verb == "add") == (old is None) and held != old:
                yield Change(verb, key, old.shown if old else None, held.shown)


def _zone(state: State, hit: Hit) -> Zone | None:
    return state.zones.get(hit.path.get("zone_id", ""))


def _plain(rows: Mapping[str, Any] | None) -> Holding:
    return {key: Held(row) for key, row in (rows or {}).items()}


def _records(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    return _plain(zone.records if zone else None)


def _balancers(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    return _plain(zone.load_balancers if zone else None)


def _settings(state: State, hit: Hit) -> Holding:
    zone = _zone(state, hit)
    names = reference("zone_settings", "settings") if zone else ()
    return _plain({name: setting_value(state, zone, name) for name in names} if zone else None)


def _rulesets(state: State, hit: Hit) -> Holding:
    zone_id = hit.path.get("zone_id")
    scope = f"zones/{zone_id}" if zone_id else f"accounts/{state.account_id}"
    held = state.rulesets.get(scope, {})
    return _plain({key: {**all_[-1], "versions": [one["version"] for one in all_]} for key, all_ in held.items()})


def _zones(state: State, hit: Hit) -> Holding:
    wanted = hit.path.get("zone_id")
    return _plain({key: shown_zone(state, zone) for key, zone in state.zones.items() if wanted in (None, key)})


def _tokens(state: State, hit: Hit) -> Holding:
    wanted = hit.path.get("token_id")
    return {
        key: Held(shown_token(state, token), token.digest)
        for key, token in state.tokens.items()
        if wanted in (None, key)
    }


HOLDINGS: Mapping[str, Callable[[State, Hit], Holding]] = {
    "dns_records": _records,
    "settings": _settings,
    "load_balancers": _balancers,
    "rulesets": _rulesets,
    "zones": _zones,
    "monitors": lambda state, _hit: _plain(state.monitors),
    "pools": lambda state, _hit: _plain(state.pools),
    "tokens": _tokens,
    "accounts": lambda state, _hit: {state.account_id: Held(shown_account(state))},
}

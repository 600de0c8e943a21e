"""Which of the records of one name and type Route 53 answers with, by their routing and their health.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html
"""

import json
from collections.abc import Callable, Sequence
from functools import cache
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

MULTIVALUE = 8


class UnknownRegionError(ValueError):
    """A Region whose place is not known."""


class Place(NamedTuple):
    """Where a Region is: degrees, country and continent."""

    latitude: float
    longitude: float
    country: str
    continent: str


@cache
def _places() -> dict[str, Place]:
    told = json.loads((Path(__file__).parent / "regions.json").read_text())["regions"]
    return {name: Place(*values) for name, values in told.items()}


def place_of(region: str) -> Place:
    """Return where a Region is; UnknownRegionError when that is not known."""
    try:
        return _places()[region]
    except KeyError as unknown:
        raise UnknownRegionError(region) from unknown


def distance(one: str, other: str) -> float:
    """Return the kilometres between two Regions."""
    a, b = place_of(one), place_of(other)
    lat, lon = radians(b.latitude - a.latitude) / 2, radians(b.longitude - a.longitude) / 2
    return 12_742 * asin(sqrt(sin(lat) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(lon) ** 2))


def choose(
    records: Sequence[Any], *, healthy: Callable[[Any], bool], resolver_region: str, chance: Random
) -> list[Any]:
    """Return the records that answer: one, or several of multivalue records. `chance` decides between weights.

    A record has `failover`, `weight`, `region`, `geo_location` or `multi_value_answer`; a simple one has none.
    """
    if not records:
        return []
    first = records[0]
    if first.failover:
        return [_failover(records, healthy)]
    if first.multi_value_answer:
        fit = [record for record in records if healthy(record)] or list(records)
        return fit if len(fit) <= MULTIVALUE else chance.sample(fit, MULTIVALUE)
    if first.weight is not None:
        return [_weighted(records, healthy, chance)]
    if first.region:
        fit = [record for record in records if healthy(record)] or list(records)
        return [min(fit, key=lambda record: (distance(record.region, resolver_region), record.set_identifier))]
    if first.geo_location:
        return _located(records, healthy, resolver_region)
    return [first]


def _failover(records: Sequence[Any], healthy: Callable[[Any], bool]) -> Any:
    """Return the primary unless it alone is unhealthy: when both are, Route 53 answers as if both were healthy."""
    ordered = sorted(records, key=lambda record: record.failover != "PRIMARY")
    return next((record for record in ordered if healthy(record)), ordered[0])


def _weighted(records: Sequence[Any], healthy: Callable[[Any], bool], chance: Random) -> Any:
    """Choose by weight among the healthy; those of weight 0 only when no other is, all when none is."""
    heavy = [record for record in records if int(record.weight)]
    fit = [record for record in heavy if healthy(record)]
    fit = fit or [record for record in records if not int(record.weight) and healthy(record)] or heavy or list(records)
    weights = [int(record.weight) for record in fit]
    return chance.choices(fit, weights if any(weights) else None)[0]


def _located(records: Sequence[Any], healthy: Callable[[Any], bool], resolver_region: str) -> list[Any]:
    """Return the most specific healthy record for where the resolver is; none when there is no default either."""
    place = place_of(resolver_region)
    wanted = (("CountryCode", place.country), ("ContinentCode", place.continent), ("CountryCode", "*"))
    found = [
        record
        for field, value in wanted
        for record in records
        if record.geo_location.get(field) == value and not record.geo_location.get("SubdivisionCode")
    ]
    return [next((record for record in found if healthy(record)), found[0])] if found else []

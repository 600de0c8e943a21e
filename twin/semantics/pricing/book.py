"""The price book: dated prices of every service, read from this package's data and from what a user puts over it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from twin.data_files import read_yaml
from twin.semantics.pricing.plans import AccountPlan, FreeTier, account_plan, free_tier
from twin.semantics.pricing.price import Price, Tier
from twin.semantics.pricing.usage import Where

REGIONS = "regions.yaml"
FREE = "free_tiers.yaml"
HOME = "us-east-1"


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a vendor: `name` is Cost Explorer's, `code` the one of price lists and of AWS/Billing."""

    key: str
    vendor: str
    name: str
    code: str
    category: str
    subcategory: str


@dataclass(frozen=True)
class PriceBook:
    """Prices by service and usage, newest first, with free tiers, the Regions' factors and the accounts' plans."""

    services: Mapping[str, Service]
    prices: Mapping[tuple[str, str], tuple[Price, ...]]
    free: tuple[FreeTier, ...]
    factors: Mapping[str, Decimal]
    prefixes: Mapping[str, str]
    names: Mapping[str, str]
    plans: Mapping[str, AccountPlan] = field(default_factory=dict)
    _covering: dict[tuple[str, str], tuple[FreeTier, ...]] = field(default_factory=dict, repr=False, compare=False)

    def price(self, service: str, usage: str, region: str, *, day: date) -> Price | None:
        """Return what a usage costs in a Region on a day; None when the book does not say.

        The Region's own price comes first. Where none was read, the home Region's times the Region's factor is assumed.
        """
        held = [price for price in self.prices.get((service, usage), ()) if price.since <= day]
        own = next((price for price in held if not price.regions or region in price.regions), None)
        home = next((price for price in held if HOME in price.regions), None)
        factor = self.factors.get(region)
        if own is not None or home is None or factor is None:
            return own
        tiers = tuple(replace(tier, usd=tier.usd * factor) for tier in home.tiers)
        return replace(home, tiers=tiers, read="assumed")

    def free_for(self, where: Where) -> tuple[FreeTier, ...]:
        """Return the free tiers from which a usage draws."""
        key = (where.service, where.usage)
        if key not in self._covering:
            self._covering[key] = tuple(tier for tier in self.free if tier.covers(where))
        return self._covering[key]

    def plan(self, account: str) -> AccountPlan:
        """Return the plan of an account; one that nothing is said of pays, and is older than any free tier."""
        return self.plans.get(account) or AccountPlan()

    def usage_type(self, usage: str, region: str) -> str:
        """Return a usage as bills name it: with the Region's prefix, which the home Region has not."""
        prefix = self.prefixes.get(region, "")
        return f"{prefix}-{usage}" if prefix else usage

    def with_overrides(self, written: Mapping[str, Any]) -> "PriceBook":
        """Return the book with a user's prices before ours, their accounts' plans, and their Regions' factors."""
        services, prices = dict(self.services), dict(self.prices)
        for key, document in (written.get("services") or {}).items():
            if key not in services:
                services[key] = _service(key, {"vendor": "other", "name": key, **document})
            for usage, found in _prices(document.get("groups") or ()).items():
                prices[key, usage] = (*found, *prices.get((key, usage), ()))
        plans = {account: account_plan(told) for account, told in (written.get("accounts") or {}).items()}
        factors = {region: Decimal(str(factor)) for region, factor in (written.get("regions") or {}).items()}
        return replace(
            self, services=services, prices=prices, plans={**self.plans, **plans}, factors={**self.factors, **factors}
        )


@cache
def standard_book() -> PriceBook:
    """Return the book of this package."""
    folder = files(__package__) / "data"
    services: dict[str, Service] = {}
    prices: dict[tuple[str, str], tuple[Price, ...]] = {}
    regions = read_yaml((folder / REGIONS).read_text(encoding="utf-8"))
    for file in sorted(folder.iterdir(), key=lambda f: f.name):
        if file.name in (REGIONS, FREE) or not file.name.endswith(".yaml"):
            continue
        key = file.name.removesuffix(".yaml")
        document = read_yaml(file.read_text(encoding="utf-8"))
        services[key] = _service(key, document)
        prices |= {(key, usage): found for usage, found in _prices(document["groups"]).items()}
    free = read_yaml((folder / FREE).read_text(encoding="utf-8"))
    return PriceBook(
        services=services,
        prices=prices,
        free=tuple(free_tier(name, told) for name, told in free.items()),
        factors={region: Decimal(str(told["factor"])) for region, told in regions.items()},
        prefixes={region: told["prefix"] for region, told in regions.items() if told.get("prefix")},
        names={region: told["name"] for region, told in regions.items() if told.get("name")},
    )


def _service(key: str, document: Mapping[str, Any]) -> Service:
    name = str(document["name"])
    return Service(
        key, str(document["vendor"]), name, str(document.get("code", name)), str(document.get("category", "Other")),
        str(document.get("subcategory", "Other (Other)")),
    )  # fmt: skip


def _prices(groups: Iterable[Mapping[str, Any]]) -> dict[str, tuple[Price, ...]]:
    """Return the prices of some groups by usage, the newest first."""
    found: dict[str, list[Price]] = {}
    for group in groups:
        for usage, written in group["prices"].items():
            told = {**group, **written} if isinstance(written, dict) else {**group, "usd": written}
            found.setdefault(str(usage), []).append(_price(told))
    return {usage: tuple(sorted(prices, key=lambda p: p.since, reverse=True)) for usage, prices in found.items()}


def _price(told: Mapping[str, Any]) -> Price:
    tiers = tuple(
        Tier(Decimal(str(tier["usd"])), None if tier.get("to") is None else Decimal(str(tier["to"])))
        for tier in told.get("tiers") or ({"usd": told["usd"]},)
    )
    since = told.get("from") or date.min
    return Price(
        unit=str(told["unit"]),
        tiers=tiers,
        source=str(told.get("source", "")),
        read=str(told.get("read", "assumed")),
        since=since if isinstance(since, date) else date.fromisoformat(str(since)),
        per=told.get("per", "second"),
        least=int(told.get("least", 0)),
        grace=int(told.get("grace", 0)),
        regions=frozenset(told.get("regions", ())),
    )

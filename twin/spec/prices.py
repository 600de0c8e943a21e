"""A user's own prices: a file that goes over the price book, checked with the line of each mistake."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from twin.diagnostics import Diagnostic
from twin.errors import SpecError
from twin.spec import document as documents
from twin.spec.located import Located
from twin.spec.problems import place
from twin.spec.suggest import suggestion

KINDS = ("float", "constrained-float", "Price")
"""What pydantic puts into the path of a value that may be of two kinds."""


class Part(BaseModel):
    """A part of a prices file; unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, populate_by_name=True)


class Tier(Part):
    """USD per unit up to a quantity in the month."""

    usd: float = Field(ge=0)
    to: float | None = Field(default=None, gt=0)


class Price(Part):
    """A price, or its tiers."""

    usd: float | None = Field(default=None, ge=0)
    tiers: tuple[Tier, ...] = ()
    source: str = ""
    read: str = "own"

    @model_validator(mode="after")
    def one_of_both(self) -> "Price":
        """A price is one figure or tiers, the last of which has no end."""
        if (self.usd is None) == (not self.tiers):
            raise ValueError("give either `usd` or `tiers`")
        if self.tiers and (self.tiers[-1].to is not None or any(tier.to is None for tier in self.tiers[:-1])):
            raise ValueError("every tier but the last has its end `to`")
        return self


class Group(Part):
    """Prices with one unit; `prices` by usage, as `twin cost --by usage` names them."""

    unit: str
    prices: dict[str, Annotated[float, Field(ge=0)] | Price] = Field(min_length=1)
    from_: date | None = Field(default=None, alias="from")
    """The first day on which they hold."""
    per: Literal["second", "hour", "month"] = "second"
    """How held time counts."""
    least: int = Field(default=0, ge=0)
    """Seconds that are billed at least."""
    regions: tuple[str, ...] = ()
    """Where they hold; everywhere when empty."""
    source: str = ""
    read: str = "own"


class Service(Part):
    """The prices of a service; `name` and `vendor` for one that the book has not."""

    name: str | None = None
    vendor: str | None = None
    groups: tuple[Group, ...] = Field(min_length=1)


class Account(Part):
    """How an account pays."""

    created: date | None = None
    """When it was made: before 2025-07-15 it has the 12-month free tier, from then on credits."""
    credits: float = Field(default=0, ge=0)
    credits_end: date | None = None


class Prices(Part):
    """A file of prices."""

    services: dict[str, Service] = Field(default_factory=dict)
    accounts: dict[str, Account] = Field(default_factory=dict)
    regions: dict[str, float] = Field(default_factory=dict)
    """Factors on the home Region's prices, for Regions without prices of their own."""


def read_prices(path: Path) -> Mapping[str, Any]:
    """Return a file's prices as the price book takes them; SpecError has every mistake with its line."""
    document = documents.read(path)
    if document.root is None or document.diagnostics:
        raise SpecError(document.diagnostics or [Diagnostic("TW0111", f"{path} holds nothing")])
    try:
        found = Prices.model_validate(document.root.plain())
    except ValidationError as error:
        raise SpecError(_diagnose(error, document.root)) from None
    return found.model_dump(by_alias=True, exclude_none=True)


def _diagnose(error: ValidationError, root: Located) -> list[Diagnostic]:
    found: dict[tuple[Any, ...], Diagnostic] = {}
    for item in error.errors():
        path = tuple(step for step in item["loc"] if isinstance(step, str | int) and step not in KINDS)
        code, help_ = "TW0201", None
        message = f"{'.'.join(map(str, path))}: {item['msg'].removeprefix('Value error, ')}"
        if item["type"] == "extra_forbidden":
            code, message = "TW0104", f"unknown key `{path[-1]}`"
            help_ = suggestion(str(path[-1]), _known(len(path)))
        found.setdefault(path, Diagnostic(code, message, place(root, path), help_))
    return list(found.values())


def _known(depth: int) -> list[str]:
    """Return the keys of the part at a depth: of the file, a service or an account, a group, a price."""
    parts: list[tuple[type[Part], ...]] = [(Prices,), (), (Service, Account), (), (Group,), (), (Price,)]
    models = parts[depth - 1] if depth <= len(parts) else (Tier,)
    return [field.alias or name for model in models for name, field in model.model_fields.items()]

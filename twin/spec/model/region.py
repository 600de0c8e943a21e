"""AWS regions and how many availability zones each offers, read from one data file."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated

from twin.address import PLACED
from twin.spec.model.form import Form, refusal
from twin.spec.model.values import name
from twin.spec.suggest import suggestion


@cache
def zones() -> dict[str, int]:
    """Return the number of availability zones by region name."""
    table = tomllib.loads((files("twin.spec") / "regions.toml").read_text(encoding="utf-8"))
    return {name: int(entry["zones"]) for name, entry in table["region"].items()}


def region(text: str) -> str:
    """Read a region's name."""
    if text not in zones():
        raise refusal("TW0215", f"there is no AWS region named `{text}`", suggestion(text, zones()))
    return text


Region = Annotated[str, Form(region, {"examples": ["eu-west-1"]})]


def placed_name(text: str) -> str:
    """Read a name that may have another Region behind it, as in `jobs@us-west-2`."""
    own, at, place = text.partition("@")
    name(own)
    if at:
        region(place)
    return text


PlacedName = Annotated[str, Form(placed_name, {"pattern": f"^{PLACED.pattern}$"})]

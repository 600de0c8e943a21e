"""What a store holds that costs: read by one file per service, found by being there."""

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from twin.world.scene import Scene


class Place(NamedTuple):
    """Where a reader looks: a store's service, an account (of any vendor), and a Region, or a bucket's name."""

    service: str
    account: str
    region: str


class Held(NamedTuple):
    """Something that costs while it is there: `service` and `usage` name its price."""

    resource: str
    service: str
    usage: str
    amount: float = 1
    tags: tuple[tuple[str, str], ...] = ()
    region: str = ""


Reader = Callable[["Scene", Place], Iterable[Held]]
READERS: dict[str, Reader] = {}
TOUCHES: dict[str, tuple[str, ...]] = {
    "autoscaling": ("ec2",),
    "eks": ("eks", "ec2"),
    "elbv2": ("elbv2", "ec2"),
    "nat": ("ec2",),
    "rds": ("rds", "secretsmanager"),
}
"""The places that a call to a service changes, where they are not its own alone."""


def reads(service: str) -> Callable[[Reader], Reader]:
    """Bind the function that reads what a service holds in a place."""

    def bind(function: Reader) -> Reader:
        if service in READERS:
            raise ValueError(f"{service} is read twice")
        READERS[service] = function
        return function

    return bind


@cache
def load_readers() -> None:
    """Import every file of the package of readers."""
    from twin.world.metering import readers

    for module in pkgutil.iter_modules(readers.__path__):
        importlib.import_module(f"{readers.__name__}.{module.name}")


def touched(service: str) -> Iterator[str]:
    """Yield the services whose holdings a call to a service may change."""
    yield from TOUCHES.get(service, (service,) if service in READERS else ())


def tag_pairs(tags: Any) -> tuple[tuple[str, str], ...]:
    """Return tags in one form: moto keeps them as a mapping, or as a list of keys and values."""
    if isinstance(tags, Mapping):
        return tuple(sorted((str(key), str(value)) for key, value in tags.items()))
    return tuple(sorted((str(t.get("Key", t.get("key"))), str(t.get("Value", t.get("value")))) for t in tags or ()))

"""Which store keeps which services, and what the place can and cannot do: as tables, and as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class StoreHealth:
    """A store: its version, where it is, and how it is."""

    name: str
    version: str
    place: str
    state: str
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Kept:
    """A group of services that refer to each other, the store that keeps them, and why there."""

    group: str
    store: str
    services: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Examination:
    """What `twin doctor` found about a target."""

    target: str
    running: str | None
    stores: tuple[StoreHealth, ...]
    groups: tuple[Kept, ...]
    capabilities: Mapping[str, str]
    """What the target can do beyond keeping configuration, each with its meaning."""
    lacking: Mapping[str, str]
    """What it cannot, each with the reason."""

    @property
    def healthy(self) -> bool:
        """Tell whether every store answers."""
        return all(store.healthy for store in self.stores)


def document(found: Examination) -> dict[str, Any]:
    """Return what was found as plain data."""
    return {"schema": SCHEMA, "healthy": found.healthy, **asdict(found)}


def tables(found: Examination) -> Iterator[Table]:
    """Yield the tables for a terminal."""
    stores = _table("store", "version", "where", "state")
    for store in found.stores:
        stores.add_row(store.name, store.version, store.place, store.state)
    yield stores
    groups = _table("group", "store", "services")
    for kept in found.groups:
        groups.add_row(kept.group, kept.store, ", ".join(kept.services) or "all others")
    yield groups
    able = _table("capability", "")
    for name in sorted({*found.capabilities, *found.lacking}):
        able.add_row(name, f"lacking: {found.lacking[name]}" if name in found.lacking else found.capabilities[name])
    yield able


def _table(*columns: str) -> Table:
    return Table(*columns, box=None, padding=(0, 2, 0, 0))

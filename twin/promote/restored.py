"""Whether an account is what it was: two readings of it, held against each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twin.engine.refresh import refresh
from twin.engine.state import Store
from twin.engine.target import Target
from twin.resources.canonical import canonical, text
from twin.resources.declaration import Desired
from twin.resources.resource import Observed

SHORTEST = 8


@dataclass(frozen=True, slots=True)
class Reading:
    """Every object of an account that is ours, or that is meant, by address; what else there is, by type and id."""

    named: Mapping[str, Observed]
    others: frozenset[tuple[str, str]]


def read(desired: Desired, target: Target, store: Store) -> Reading:
    """Read a whole account."""
    snapshot = refresh(desired, target, store.load(), every_type=True)
    named = {str(i.owner): i for found in snapshot.objects.values() for i in found if i.owner is not None}
    named |= {str(address): item for address, item in snapshot.matched.items()}
    known = {(address.rpartition(".")[0], item.id) for address, item in named.items()}
    there = {(type_, i.id) for type_, found in snapshot.objects.items() for i in found if not i.builtin}
    return Reading(named, frozenset(there - known))


def differences(was: Reading, now: Reading) -> Iterator[str]:
    """Yield what is not as it was; an object that had to be made anew may have another id, wherever that stands."""
    anew = dict(_anew(was, now))
    for address in sorted(was.named.keys() | now.named.keys()):
        if address not in now.named:
            yield f"{address} is gone"
        elif address not in was.named:
            yield f"{address} is there"
        else:
            yield from _fields(address, _written(was.named[address], anew), canonical(now.named[address].fields))
    for type_, id_ in sorted(now.others - was.others):
        yield f"{type_} {id_} is there"
    for type_, id_ in sorted(was.others - now.others):
        if id_ not in anew:
            yield f"{type_} {id_} is gone"


def _fields(address: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    for name in sorted(was.keys() | now.keys()):
        if text(was.get(name)) != text(now.get(name)):
            yield f"{address}: {name} was {text(was.get(name))} and is {text(now.get(name))}"


def _anew(was: Reading, now: Reading) -> Iterator[tuple[str, str]]:
    """Yield the ids of objects that were made anew, with the new ones."""
    for address in was.named.keys() & now.named.keys():
        old, new = was.named[address], now.named[address]
        for name, value in old.outputs.items():
            if isinstance(value, str) and len(value) >= SHORTEST and new.outputs.get(name, value) != value:
                yield value, str(new.outputs[name])


def _written(item: Observed, anew: Mapping[str, str]) -> Any:
    """Return an object's fields with the ids of today."""

    def write(value: Any) -> Any:
        if isinstance(value, str):
            for old, new in anew.items():
                value = value.replace(old, new)
            return value
        if isinstance(value, dict):
            return {write(key): write(one) for key, one in value.items()}
        return [write(one) for one in value] if isinstance(value, list) else value

    return write(canonical(item.fields))

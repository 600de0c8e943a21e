"""An org that was built once is kept, and stands up again without a call: same wishes and seed, same world."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from twin.engine.shelf import Shelf, program
from twin.engine.state import State
from twin.errors import UsageError
from twin.resources.declaration import Desired
from twin.resources.resource import Sensitive
from twin.resources.scope import Scope
from twin.scenario.rehearsal import Rehearsal, build, target_of
from twin.scenario.timeline import Timeline
from twin.world import snapshot
from twin.world.world import World


def stand(
    desired: Desired,
    scope: Scope,
    *,
    seed: int,
    read_secret: Callable[[str], str],
    shelf: Shelf | None,
    accounts: tuple[str, ...] = (),
) -> Rehearsal:
    """Return the org on an embedded twin, from the shelf when it stands there, else built and put there."""
    if shelf is None:
        return build(desired, scope, seed=seed, read_secret=read_secret, accounts=accounts)
    digest = _digest(desired, scope, (seed, *accounts), read_secret)
    try:
        kept = snapshot.restore(shelf.get(digest), shelf.key, Timeline)
    except (FileNotFoundError, UsageError):
        # Not there, or of another version or key: built anew, and then it is.
        rehearsal = build(desired, scope, seed=seed, read_secret=read_secret, accounts=accounts)
        beside = {"names": dict(rehearsal.names), "state": rehearsal.state}
        shelf.put(digest, snapshot.save(rehearsal.world, shelf.key, beside=beside))
        return rehearsal
    told = kept.beside
    return _led(kept.world, scope, desired, names=told["names"], state=told["state"], read_secret=read_secret)


def found(kept: bytes, key: bytes) -> Rehearsal:
    """Return a kept twin as it stands, whoever built what is on it: of that no spec and no name is known.

    UsageError for what is no snapshot of this key and version.
    """
    world = snapshot.restore(kept, key, Timeline).world
    scope = Scope("", "", world.accounts[0], region=world.region)
    return _led(world, scope, Desired(), names={}, state=State(known=True), read_secret=_no_secret)


def _no_secret(source: str) -> str:
    raise UsageError(f"a twin that no spec built has no secret {source}")


def _led(
    world: World, scope: Scope, desired: Desired, *, names: Mapping[str, Any], state: State,
    read_secret: Callable[[str], str],
) -> Rehearsal:  # fmt: skip
    timeline = world.agenda.leader
    assert isinstance(timeline, Timeline)
    timeline.lead(world)
    return Rehearsal(target_of(world, scope), timeline, names, world, desired, state, read_secret)


def _digest(desired: Desired, scope: Scope, world: tuple[int | str, ...], read_secret: Callable[[str], str]) -> str:
    """Return what a world depends on as one text: what is wanted, the secrets' values, seed and accounts, our files."""
    wanted = {
        str(d.address): [
            d.values,
            [
                read_secret(source)
                for n in sorted(type(d.resource).marked(Sensitive))
                if (source := getattr(d.resource, n))
            ],
        ]
        for d in desired
    }
    text = json.dumps([snapshot.versions(), program(), asdict(scope), world, wanted], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()

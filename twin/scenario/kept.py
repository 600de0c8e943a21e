"""An org that was built once is kept, and stands up again without a call: same wishes and seed, same world."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import twin
from twin.engine.state import State
from twin.errors import UsageError
from twin.resources.declaration import Desired
from twin.resources.resource import Sensitive
from twin.resources.scope import Scope
from twin.scenario.rehearsal import Rehearsal, build, target_of
from twin.scenario.timeline import Timeline
from twin.world import snapshot
from twin.world.world import World

# A scenario's org, and one for each of its variants that patches the spec.
KEPT = 24


@dataclass(frozen=True, slots=True)
class Shelf:
    """Where worlds are kept, and the key with which they are sealed."""

    folder: Path
    key: bytes

    def path(self, digest: str) -> Path:
        """Return the file of a world."""
        return self.folder / f"{digest}.world"

    def put(self, digest: str, kept: bytes) -> None:
        """Keep a world, for its user's eyes only; the oldest beyond the last few are dropped."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        new = self.folder / f"{digest}.{os.getpid()}.new"
        new.unlink(missing_ok=True)
        new.touch(mode=0o600)
        new.write_bytes(kept)
        new.replace(self.path(digest))
        worlds = sorted(self.folder.glob("*.world"), key=lambda file: file.stat().st_mtime, reverse=True)
        for old in worlds[KEPT:]:
            old.unlink(missing_ok=True)


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
        kept = snapshot.restore(shelf.path(digest).read_bytes(), shelf.key, Timeline)
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
    text = json.dumps([snapshot.versions(), _stamp(), asdict(scope), world, wanted], sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _stamp() -> list[tuple[str, int, int]]:
    """Return the files of the program with their sizes and times: another program may build another world."""
    root = Path(twin.__file__).parent
    stats = (
        (path, path.stat()) for path in sorted(root.rglob("*")) if path.suffix in (".py", ".yaml", ".json", ".toml")
    )
    return [(str(path.relative_to(root)), stat.st_size, stat.st_mtime_ns) for path, stat in stats]

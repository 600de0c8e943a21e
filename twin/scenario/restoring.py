"""Puts parts of an org back as its spec has them, with a responder's own rights."""

import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from twin.engine.apply import Means, apply
from twin.engine.plan import Change
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.errors import TargetError
from twin.resources.aws.api import AwsSystem
from twin.resources.declaration import Desired


def restore(
    desired: Desired,
    state: State,
    parts: Sequence[str],
    keys: Mapping[str, str] | None,
    *,
    target: Target,
    read_secret: Callable[[str], str],
) -> list[str]:
    """Apply the spec to what stands under some addresses or types; returns what was changed there.

    TargetError when it was refused.
    """
    system = target.systems["aws"]
    assert isinstance(system, AwsSystem)
    if keys is not None:
        system = system.acting_as(keys["access_key_id"], keys["secret_access_key"], keys.get("session_token"))
    # One call after the other, so that the same run makes them in the same order.
    acting = replace(target, systems={**target.systems, "aws": system}, concurrency=1)
    planned = plan(Request(desired, refresh(desired, acting, state), state, acting)).plan
    kept = replace(planned, changes=tuple(one for change in planned.changes for one in _kept(change, parts)))
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        outcome = apply(kept, acting, Store(Path(folder)), Means(lambda _: None, read_secret))
    if not outcome.good:
        name, why = next(iter(outcome.failed.items()))
        raise TargetError(f"{name}: {why}")
    return [f"{change.action} {change.key}" for change in kept.pending]


def _kept(change: Change, parts: Sequence[str]) -> list[Change]:
    """Return a change that is wanted; of what is not, that it stays as it is."""
    name = str(change.address)
    if not change.writes or any(name == part or name.startswith(f"{part}.") for part in parts):
        return [change]
    return [replace(change, action="no-op")] if change.id is not None and not change.surplus else []

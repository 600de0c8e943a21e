"""Carries a plan out on an embedded twin that holds what its accounts hold."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from twin.engine.apply import Means, apply
from twin.engine.inverse import Before, after, before
from twin.engine.plan import Plan
from twin.engine.planner import Request
from twin.engine.planner import plan as decide
from twin.engine.refresh import refresh
from twin.engine.shelf import Shelf
from twin.engine.state import Store
from twin.errors import TargetError
from twin.resources.declaration import Desired
from twin.scenario.fork import in_forks
from twin.scenario.kept import stand
from twin.scenario.rehearsal import Rehearsal
from twin.scenario.stand_ins import cut_short, made_up, moved, standing_in

SEED = 0
BACK, FORTH = "way back", "the plan"


@dataclass(frozen=True, slots=True)
class Return:
    """A plan that was carried out, or taken back after a wave; what is `left` to do should be nothing."""

    wave: str
    changes: int
    left: tuple[str, ...]

    def told(self) -> dict[str, Any]:
        """Return it as an attestation says it."""
        return {"wave": self.wave, "changes": self.changes, "restored": not self.left}


def arrival(plan: Plan, *, read_secret: Callable[[str], str], shelf: Shelf | None) -> Return:
    """Carry a plan out on a twin of what stands now; TargetError when that cannot be built there.

    What it leads to is what its own changes tell, so that a plan of a part is carried out as that.
    """
    plan = standing_in(plan)
    desired = moved(after(plan), plan)
    was, stood, back = on_twin(plan, desired, read_secret, shelf)
    compare({(c.key, c.action) for c in back.pending}, {(was.name(c.key), c.action) for c in plan.pending})
    (found,) = in_forks([partial(_arrive, back, desired, stood)])
    return found


def on_twin(
    plan: Plan, desired: Desired, read_secret: Callable[[str], str], shelf: Shelf | None
) -> tuple[Before, Rehearsal, Plan]:
    """Stand up what a plan's accounts hold, and plan towards its wishes there.

    Secrets that what is wanted does not name are made up: where they were may be gone.
    """
    was = before(plan)
    if was.lost:
        told = "; ".join(f"{key}: {why}" for key, why in was.lost.items())
        raise TargetError(f"what stands there cannot be built on a twin: {told}")
    secrets = made_up(desired, read_secret, SEED)
    stood = stand(was.desired, plan.scope, seed=SEED, read_secret=secrets, shelf=shelf)
    stood = replace(stood, state=cut_short(stood.state, plan))
    request = Request(desired, refresh(desired, stood.target, stood.state), stood.state, stood.target, plan.spec_digest)
    return was, stood, replace(decide(request).plan, undoes=plan.undoes)


def compare(there: set[tuple[str, str]], here: set[tuple[str, str]]) -> None:
    """TargetError where steps on the twin are others than those of the plan."""
    if there != here:
        odd = sorted({f"{action} {key}" for key, action in there ^ here})
        raise TargetError(f"on the twin the plan does something else: {', '.join(odd)}")


def _arrive(back: Plan, desired: Desired, stood: Rehearsal) -> Return:
    """Carry a way back out, and look what is left to do."""
    with tempfile.TemporaryDirectory(prefix="twin-") as folder:
        store = Store(Path(folder))
        store.save(stood.state)
        done = apply(back, stood.target, store, Means(stood.timeline.sleep, stood.read_secret))
        state = store.load()
        again = decide(Request(desired, refresh(desired, stood.target, state), state, stood.target)).plan
        left = [f"{key}: {why}" for key, why in done.failed.items()]
        left += [f"{change.key} is still to {change.action}" for change in again.pending]
        return Return(BACK if back.undoes else FORTH, len(back.pending), tuple(left))

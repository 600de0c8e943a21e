"""The undisturbed run of an applier: what each end of it would leave behind, and where each of its changes begins."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from twin.engine.state import Store, fold
from twin.errors import TargetError
from twin.explore.course import Course, Send, Walk, digest_of, knowledge
from twin.resources.call import Call


@dataclass(frozen=True)
class Ground:
    """What the undisturbed run passes: its calls, how often each end of it occurs, and what it has to do from where."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    joints: set[tuple[str, str]] = field(default_factory=set)
    histories: set[str] = field(default_factory=set)


def carry_out(course: Course, store: Store) -> None:
    """Carry a course out undisturbed; TargetError when something of it fails."""
    outcome = Walk(course).run(store, lambda _, send: send(), lambda: None)
    if not outcome.good:
        raise TargetError(f"what stands before could not be built: {next(iter(outcome.failed.values()))}")


def survey(course: Course, store: Store) -> Ground:
    """Carry a course out undisturbed, and note what each end would leave and where each change begins."""
    walk, ground = Walk(course), Ground()

    def note() -> None:
        ground.histories.add(walk.sent)
        ground.joints.add((walk.sent, walk.rest(store.load())))

    def watch(_: Call, send: Send) -> Any:
        ground.ends[left_of(walk, store)] += 1
        reply = send()
        ground.ends[left_of(walk, store)] += 1
        return reply

    walk.run(store, watch, note)
    note()
    return ground


def left_of(walk: Walk, store: Store) -> tuple[str, str]:
    """Name all on which the next run depends: what was sent to the world, and what the folder says."""
    return walk.sent, digest_of(knowledge(store.load()))


def left_failed(walk: Walk, store: Store) -> tuple[str, str]:
    """Name what a run leaves behind that stops because the vendor fails now."""
    assert walk.applier is not None
    state, (key, action) = store.load(), walk.doing
    address = next(c.address for c in walk.applier.plan.pending if c.key == key)
    made = address in walk.applier.accepted
    fold(state, {"address": str(address), "action": action, "phase": "failed", "made": made})
    return walk.sent, digest_of(knowledge(state))

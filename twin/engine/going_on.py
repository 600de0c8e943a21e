"""What is left of a plan of which an earlier run has carried out some waves: the same plan goes on where it stopped."""

from dataclasses import dataclass, replace
from typing import Any

from twin.engine.difference import differences
from twin.engine.plan import Change, Plan, Wave
from twin.engine.planner import Identity, blind, identity, observed_digest
from twin.engine.protection import told
from twin.engine.refresh import Snapshot
from twin.engine.staleness import looked_at
from twin.engine.state import State, Store
from twin.engine.target import Target
from twin.errors import StaleError
from twin.resources.catalogue import catalogue
from twin.resources.reference import Reference, resolve


def rest_of(plan: Plan, target: Target, store: Store) -> Plan:
    """Return what is left of a plan in waves that a run here has begun, the plan itself where nothing of it is done.

    What is done is told by the state and by the target alike: an object that is not as the plan makes it is not done.
    StaleError where a replacement stopped half-way.
    """
    if not plan.waves or not any(run.plan == plan.digest for run in store.history.runs()):
        return plan
    state = store.load()
    snapshot = looked_at(plan, target, state)
    seen = _Seen(snapshot, state, {(type_, one.id, region) for type_, region, one in snapshot.standing()})
    kept, done = list[Change](), set[str]()
    for change in plan.changes:
        made = seen.made(change)
        if made is not None or seen.gone(change):
            done.add(change.key)
        if made is not None or not seen.gone(change):
            kept.append(made or change)
    if not done:
        return plan
    waves = tuple(Wave(w.name, tuple(s for s in w.steps if s[0] not in done), w.radius) for w in plan.waves)
    ids = {(change.address.type, change.id) for change in kept if change.id}
    return replace(
        plan, changes=tuple(kept), waves=tuple(wave for wave in waves if wave.steps),
        observed_digest=observed_digest(snapshot, ids), goes_on=plan.digest,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the target and the state tell of a plan's changes, in their order."""

    snapshot: Snapshot
    state: State
    standing: set[Identity]

    def gone(self, change: Change) -> bool:
        """Tell whether a removal is done."""
        return change.action == "delete" and identity(change.address, change.id) not in self.standing

    def made(self, change: Change) -> Change | None:
        """Return what a change has made, as something that stays as it is; None where it is not done."""
        found, entry = self.snapshot.matched.get(change.address), self.state.entries.get(change.address)
        if change.action not in ("create", "update", "replace") or found is None or entry is None:
            return None
        if found.id != entry.id or (change.action == "replace" and found.id == change.id):
            return None
        class_ = catalogue()[change.address.type]
        wanted = {name: resolve(value, self._value) for name, value in change.fields.items()}
        unowned = class_.TAGGED and found.owner != change.address
        if unowned or differences(class_, wanted, found, entry):
            return None
        if change.action == "replace" and identity(change.address, change.id) in self.standing:
            raise StaleError(f"the plan is stale: {change.key} is replaced, and the old one is still there; plan again")
        return Change(
            change.address, "no-op", found.id, wanted, dict(found.fields), dict(found.outputs), file=change.file,
            line=change.line, last=blind(self.state, change.address), protect=change.protect,
            guarded=told(self.state.protected, change),
        )  # fmt: skip

    def _value(self, reference: Reference) -> Any:
        found = self.snapshot.matched.get(reference.address)
        return {**found.fields, **found.outputs}.get(reference.attribute) if found is not None else None

"""What a twin has in place of what only a plan's accounts have: unowned objects, old secrets, creations cut short."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

from twin.address import Address
from twin.engine.inverse import before
from twin.engine.plan import Change, Plan
from twin.engine.planner import CUT_SHORT
from twin.engine.state import State
from twin.resources.declaration import Desired
from twin.resources.resource import Sensitive

LENGTH = 24
"""Of a secret that is made up; assumed to be within what every vendor takes as one."""


def standing_in(plan: Plan) -> Plan:
    """Return a plan in which what it takes over bears another address of ours before it: a twin has nothing unowned."""
    keys = {str(address) for change in plan.changes for address in (change.address, change.before)}

    def claimed(change: Change) -> Change:
        if not change.claims or change.former is not None:
            return change
        name, at, region = change.address.name.partition("@")
        former = Address(change.address.type, f"{name}-unclaimed{at}{region}")
        return change if str(former) in keys else replace(change, former=str(former))

    return replace(plan, changes=tuple(map(claimed, plan.changes)))


def moved(desired: Desired, plan: Plan) -> Desired:
    """Return wishes that name the addresses that the plan's objects had before it."""
    found = Desired()
    found.protections = list(desired.protections)
    found.declarations = dict(desired.declarations)
    for change in plan.changes:
        if change.former is not None and change.address in found.declarations:
            there = found.declarations[change.address]
            treatment = replace(there.treatment, former=Address.parse(change.former))
            found.declarations[change.address] = replace(there, treatment=treatment)
    return found


def cut_short(state: State, plan: Plan) -> State:
    """Return a state in which the creations that were cut short before a plan have not ended."""
    cut = {change.address for change in plan.changes if change.reason.startswith(CUT_SHORT)}
    former = {change.before for change in plan.changes if change.address in cut}
    entries = {address: entry for address, entry in state.entries.items() if address not in cut | former}
    return replace(state, entries=entries, pending=state.pending | cut)


def unnamed(plan: Plan, desired: Desired) -> set[str]:
    """Return the sources of secrets of what stood before a plan that what is wanted does not name."""
    return _sources(before(plan).desired) - _sources(desired)


def made_up(desired: Desired, read_secret: Callable[[str], str], seed: int) -> Callable[[str], str]:
    """Return a reader of the secrets that are wanted; any other one is drawn from its source, for it may be gone."""
    named = _sources(desired)

    def read(source: str) -> str:
        if source in named:
            return read_secret(source)
        return hashlib.sha256(f"{seed}:{source}".encode()).hexdigest()[:LENGTH]

    return read


def _sources(desired: Desired) -> set[str]:
    found = (getattr(d.resource, name) for d in desired for name in type(d.resource).marked(Sensitive))
    return {source for source in found if source is not None}

"""What a plan may not do: remove or replace what the spec protects, unless it is told so by name."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace

from twin.engine.check import Found
from twin.engine.plan import Change
from twin.errors import UsageError
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired
from twin.resources.resource import Problem

LOSES = ("delete", "replace")


def protection_problems(changes: Iterable[Change], desired: Desired, overridden: Collection[str]) -> Iterator[Found]:
    """Yield the removals and replacements of what is protected; UsageError where nothing is that is overridden."""
    lost = [c for c in changes if c.action in LOSES]
    for text in overridden:
        if not any(str(c.address) == text and desired.protection(c.address) for c in lost):
            raise UsageError(f"--unprotect {text}: the plan removes or replaces nothing protected of that address")
    for change in lost:
        found = desired.protection(change.address)
        if found is None or str(change.address) in overridden:
            continue
        why, at = found
        stub = Declaration(change.address, catalogue()[change.address.type].model_construct(), at)
        message = f"{change.address} is protected ({why}) and the plan would {change.action} it: {change.reason}"
        yield stub, Problem("TW0743", message, None, f"when it must go: --unprotect {change.address}")


def overridden(changes: Iterable[Change], desired: Desired) -> list[Change]:
    """Return the changes, each loss of what is protected with a note that its protection was overridden."""
    noted = []
    for change in changes:
        found = desired.protection(change.address) if change.action in LOSES else None
        note = f"{change.reason}; protected ({found[0]}), overridden" if found else change.reason
        noted.append(replace(change, reason=note))
    return noted

"""What a plan may not do: remove or replace what is protected, unless it is told so by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from twin.address import Address
from twin.engine.check import Found
from twin.engine.plan import Change
from twin.errors import UsageError
from twin.resources.catalogue import catalogue
from twin.resources.declaration import Declaration, Desired, Path
from twin.resources.resource import Problem

LOSES = ("delete", "replace")


@dataclass(frozen=True, slots=True)
class Protection:
    """What the spec protects, and what it protected when it was applied last."""

    desired: Desired
    remembered: Mapping[Address, str]
    kept: Mapping[Address, str] = field(default_factory=dict)
    """What stays protected although these wishes, which no spec made, say nothing of it."""
    held: Mapping[Address, str] = field(default_factory=dict)
    """What the state protects now, whatever comes of it."""

    def of(self, change: Change) -> tuple[str, Path] | None:
        """Return why a change's object is protected and where the spec says so; None when it is not."""
        found = self.desired.protection(change.address)
        if found is not None:
            return found
        why = told(self.remembered, change)
        return (f"{why}; so said the spec that was applied last", ()) if why else None

    def problems(self, changes: Iterable[Change], overridden: Collection[str]) -> Iterator[Found]:
        """Yield the losses of what is protected; UsageError where nothing is that is overridden."""
        lost = [(change, found) for change in changes if change.action in LOSES and (found := self.of(change))]
        for text in overridden:
            if not any(str(change.address) == text for change, _ in lost):
                raise UsageError(f"--unprotect {text}: the plan removes or replaces nothing protected of that address")
        for change, (why, at) in lost:
            if str(change.address) not in overridden:
                stub = Declaration(change.address, catalogue()[change.address.type].model_construct(), at)
                message = (
                    f"{change.address} is protected ({why}) and the plan would {change.action} it: {change.reason}"
                )
                yield stub, Problem("TW0743", message, None, f"when it must go: --unprotect {change.address}")

    def noted(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield the changes with why they are and were protected, losses with a note that this was overridden."""
        for change in changes:
            said: dict[str, Any] = {}
            if guarded := told(self.held, change):
                said["guarded"] = guarded
            if change.action in LOSES and (found := self.of(change)):
                said |= {"reason": f"{change.reason}; protected ({found[0]}), overridden", "freed": found[0]}
            if change.action != "delete" and (protect := self._stays(change)):
                said["protect"] = protect
            yield replace(change, **said) if said else change

    def _stays(self, change: Change) -> str:
        """Return why what a change leaves there is protected from then on; nothing when it is not."""
        said = self.desired.protection(change.address)
        return said[0] if said else told(self.kept, change)


def told(reasons: Mapping[Address, str], change: Change) -> str:
    """Return the reason told of a change's object under its address, or under the one that it had before."""
    return next((reasons[address] for address in (change.address, change.before) if address in reasons), "")


def lasting(change: Change, held: Mapping[Address, str]) -> str:
    """Return why a change's object is protected from then on: as the plan says, or as somebody said since it was made.

    `held` is what the state protects when the change is carried out.
    """
    since = told(held, change)
    return change.protect or ("" if since == change.guarded else since)

"""What a plan may not do: remove or replace what is protected, unless it is told so by name."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

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

    def of(self, change: Change) -> tuple[str, Path] | None:
        """Return why a change's object is protected and where the spec says so; None when it is not."""
        found = self.desired.protection(change.address)
        if found is not None:
            return found
        own = (change.address, Address.parse(change.former)) if change.former else (change.address,)
        why = next((self.remembered[address] for address in own if address in self.remembered), None)
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
        """Yield the changes with why they are protected, each loss with a note that its protection was overridden."""
        for change in changes:
            if change.action in LOSES and (found := self.of(change)):
                change = replace(change, reason=f"{change.reason}; protected ({found[0]}), overridden")
            said = self.desired.protection(change.address) if change.action != "delete" else None
            yield replace(change, protect=said[0]) if said else change

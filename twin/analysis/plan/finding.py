"""What a proof found wrong with a plan, and where it stands."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from twin.resources.declaration import Declaration, Path

Level = Literal["error", "warning", "note"]
LEVELS: tuple[Level, ...] = ("note", "warning", "error")


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: the rule, what it is about, the statement that causes it, and what mends it.

    `within` leads from the field to the part of it that is meant, as in ("Statement", 2); `about` tells two findings
    of a rule at one resource apart, whatever their order.
    """

    rule: str
    level: Level
    message: str
    declaration: Declaration
    field: str | None = None
    within: Path = ()
    statement: Mapping[str, Any] | None = None
    mend: str = ""
    about: str = ""
    notes: tuple[str, ...] = ()
    written_in: Declaration | None = None
    """Where the statement stands when it is not in the resource itself: a policy that is attached to it."""

    @property
    def address(self) -> str:
        """The address of the resource."""
        return str(self.declaration.address)

    @property
    def identity(self) -> tuple[str, str, str]:
        """What stays the same when lines move: the rule, the address, and what it is about there."""
        return self.rule, self.address, self.about

"""What one principal does to become another, and what each step of it rests on."""

from typing import NamedTuple

from twin.analysis.reach.answers import Ground
from twin.analysis.reach.subject import Node


class Step(NamedTuple):
    """One permission that is used: the action on the resource, its statements, the conditions that must be met."""

    action: str
    resource: str
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[str, ...] = ()


class Hop(NamedTuple):
    """`by` becomes `to` by a rule; where rights are changed, `also` is whose rights, held as well.

    `provided` is what must hold besides and cannot be read; `things` are the resources that a last hop reads.
    """

    by: Node
    to: Node
    rule: str
    steps: tuple[Step, ...]
    provided: str = ""
    also: Node | None = None
    things: tuple[str, ...] = ()

    @property
    def grounds(self) -> tuple[Ground, ...]:
        """Return every statement that the hop rests on."""
        return tuple(dict.fromkeys(ground for step in self.steps for ground in step.grounds))

    @property
    def conditions(self) -> tuple[str, ...]:
        """Return what the caller must meet."""
        return tuple(dict.fromkeys(one for step in self.steps for one in step.conditions))


Path = tuple[Hop, ...]

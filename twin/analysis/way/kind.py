"""A kind of request: where it goes, and what a server needs to answer it."""

from dataclasses import dataclass, replace
from typing import Literal

Thing = Literal["database", "outside", "secret", "bucket", "workload"]


@dataclass(frozen=True, slots=True)
class Need:
    """Something that the server uses while it answers; `writes` when it leaves something there."""

    thing: Thing
    name: str
    port: int = 443
    writes: bool = False
    instead: tuple[tuple[str, str], ...] = ()
    """By Region, the name that servers there have for it."""
    of: str = ""

    @property
    def meant(self) -> str:
        """The name that it has wherever it is."""
        return self.of or self.name

    def within(self, region: str) -> "Need":
        """Return the need of a server in a Region."""
        other = dict(self.instead).get(region)
        return replace(self, name=other, of=self.name) if other else self


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of request; `cached` is the share that an edge in front answers, where its cache keeps it."""

    name: str
    host: str
    path: str = "/"
    port: int = 443
    visitor: str = "81.2.69.142/32"
    cached: float = 0.0
    needs: tuple[Need, ...] = ()

    def within(self, region: str) -> "Kind":
        """Return the kind as a server in a Region answers it."""
        return replace(self, needs=tuple(one.within(region) for one in self.needs))


@dataclass(frozen=True, slots=True)
class Chances:
    """What becomes of one try: shares of all tries, by the reason why they fail.

    `always` fails on every try alike, `again` by the choice of a server or node, which the next try draws anew.
    `cached` and `blocked` are what the edge answers and refuses, for the reason `stopped`. `servers` and `pods` serve
    now; `stores` names the store behind each need that is written to, or read.
    """

    always: tuple[tuple[str, float], ...] = ()
    again: tuple[tuple[str, float], ...] = ()
    cached: float = 0.0
    blocked: float = 0.0
    stopped: str = ""
    servers: int = 0
    pods: int = 0
    stores: tuple[tuple[str, str], ...] = ()

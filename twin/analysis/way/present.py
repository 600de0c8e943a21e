"""What a way asks of the present: what is broken, what answers, and where names lead right now."""

from dataclasses import dataclass
from typing import Protocol

from twin.analysis.way.kind import Kind


@dataclass(frozen=True, slots=True)
class Led:
    """Where a name leads: other names or addresses; `proxied` when an edge answers in their place."""

    values: tuple[str, ...]
    proxied: bool = False
    ttl: float = 0.0


@dataclass(frozen=True, slots=True)
class Replica:
    """A pod behind a service: whether the cluster sends it requests, and why it does not answer them, "" if it does."""

    name: str
    serving: bool
    silent: str = ""


@dataclass(frozen=True, slots=True)
class Passed:
    """What the edge does with a request: `blocked` and `failing` say why it stops it, "" when it does not.

    `answers` when it answers by itself, as by a redirect; `keeps` when its cache keeps the answer.
    """

    blocked: str = ""
    failing: str = ""
    answers: bool = False
    keeps: bool = False


class Present(Protocol):
    """The conditions of a moment. Answers are the reason why not; "" means that it works."""

    def zone(self, name: str) -> str:
        """Tell why an Availability Zone does not work."""
        ...

    def instance(self, name: str) -> str:
        """Tell why an instance does not answer."""
        ...

    def nat(self, name: str) -> str:
        """Tell why a NAT gateway passes nothing."""
        ...

    def database(self, arn: str) -> str:
        """Tell why a database does not serve, be it up: its engine, its key, its data."""
        ...

    def secret(self, name: str, region: str) -> str:
        """Tell why a secret cannot be read in a Region."""
        ...

    def bucket(self, name: str) -> str:
        """Tell why a bucket's objects cannot be read or written."""
        ...

    def edge(self, host: str) -> tuple[float, str]:
        """Return the share of requests to a host that the edge fails, and why."""
        ...

    def passed(self, kind: Kind) -> Passed:
        """Return what a working edge does with a kind of request by its rules."""
        ...

    def visitors(self, host: str) -> Led | None:
        """Return where a name leads for visitors; None when nobody answers for it."""
        ...

    def late(self, host: str) -> tuple[float, Led | None]:
        """Return the share of visitors that still go to where a name led before, and where that is."""
        ...

    def inside(self, name: str, region: str) -> Led | None:
        """Return where a name leads inside of a Region's network; None when nobody answers for it."""
        ...

    def advertised(self, balancer: str, zone: str) -> float:
        """Return the share of clients that still go to a load balancer's node in a zone, of those that could."""
        ...

    def moved(self, name: str, to: str, region: str) -> float:
        """Return the share of clients inside that do not yet know that a name leads to something else."""
        ...

    def pods(self, workload: str, region: str) -> tuple[Replica, ...]:
        """Return the pods of a workload in a Region."""
        ...

"""Load balancers as data: their interfaces, listeners and targets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backend:
    """A target: an instance id, an interface's address or a function, its port (None: the listener's) and health.

    `keeps_source` says whether it sees the client's address, as a network load balancer's target may.
    """

    target: str
    port: int | None
    healthy: bool = True
    keeps_source: bool = False


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener's port and protocols, and every target that its rules can forward to."""

    port: int
    protocols: tuple[int, ...]
    backends: tuple[Backend, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer; `kind` is `application`, `network` or `gateway`."""

    arn: str
    name: str
    kind: str
    interfaces: tuple[str, ...]
    listeners: tuple[Listener, ...] = ()
    scheme: str = "internet-facing"
    dns: str = ""

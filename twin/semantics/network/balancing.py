"""Load balancers as data: their interfaces, listeners and targets."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backend:
    """A target: an instance id, an interface's address or a function, its port (None: the listener's) and health."""

    target: str
    port: int | None
    healthy: bool = True


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener's port and protocols, and every target that its rules can forward to."""

    port: int
    protocols: tuple[int, ...]
    backends: tuple[Backend, ...] = ()


@dataclass(frozen=True, slots=True)
class LoadBalancer:
    """A load balancer; `kind` is `application`, `network` or `gateway`.

    `keeps_source` says whether targets see the client's address (network load balancers with instance targets).
    """

    arn: str
    name: str
    kind: str
    interfaces: tuple[str, ...]
    listeners: tuple[Listener, ...] = ()
    keeps_source: bool = False
    scheme: str = "internet-facing"

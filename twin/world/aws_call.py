"""One AWS call on its way through the gateway."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twin.wire import Request
from twin.world.aws_errors import Protocol
from twin.world.principals import Key, Principal


@dataclass(slots=True)
class Call:
    """A call as the gateway understood it.

    `service` is botocore's name (`elbv2`), `operation` AWS's (`CreateLoadBalancer`), `url` the one of the real
    AWS host. `parse` returns the parameters as the service model types them. `key` is
    what signed it; None for an unsigned call.
    """

    request: Request
    url: str
    region: str
    service: str
    operation: str
    protocol: Protocol
    principal: Principal
    parse: Callable[[], dict[str, Any]] = field(repr=False)
    key: Key | None = field(default=None, repr=False)

    @property
    def account(self) -> str:
        """The account in which the call acts."""
        return self.principal.account


Check = Callable[[Call], None]

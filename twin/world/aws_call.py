"""One AWS call on its way through the gateway."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twin.wire import Request, Response
from twin.world.access_point import AccessPoint
from twin.world.aws_errors import Protocol
from twin.world.principals import Key, Principal


@dataclass(slots=True)
class Call:
    """A call as the gateway understood it.

    `service` is botocore's name (`elbv2`), `operation` AWS's (`CreateLoadBalancer`), `url` the one of the real
    AWS host. `parse` returns the parameters as the service model types them. `delay` is how late the answer comes, in
    seconds. `key` is what signed it; None for an unsigned call. `owner` is the account of a resource of others;
    `about` has the accounts whose resources its caller was allowed.
    `headers` are the request's, the first of each name in small letters: for those who look for many. `door` is the
    access point of S3 through which it came.
    """

    request: Request
    url: str
    region: str
    service: str
    operation: str
    protocol: Protocol
    principal: Principal
    parse: Callable[[], dict[str, Any]] = field(repr=False)
    delay: float = 0.0
    key: Key | None = field(default=None, repr=False)
    owner: str | None = None
    about: set[str] = field(default_factory=set)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    door: AccessPoint | None = None

    @property
    def account(self) -> str:
        """The account in which the call acts."""
        return self.owner or self.principal.account


@dataclass(frozen=True)
class Asked:
    """A call with its typed parameters; `state` reaches the store's backends in the call's account and Region."""

    call: Call

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The parameters as the service's model types them, parsed when the first rule wants them."""
        return self.call.parse()

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by their names in small letters, for the rules that look for many."""
        return self.call.headers

    def state(self, service: str | None = None) -> Any:
        """Return the store's backend of a service (by default the call's own), where this call acts."""
        from twin.world.stores.moto_store import backends

        account = backends(service or self.call.service)[self.call.account]
        return account[self.call.region if self.call.region in account else "aws"]


@dataclass(frozen=True)
class Done(Asked):
    """A call that the store carried out, with its reply."""

    response: Response

    @cached_property
    def result(self) -> dict[str, Any]:
        """The reply as botocore reads it, parsed when somebody wants it."""
        from twin.world.stores.results import parse_result

        return parse_result(self.call, self.response)


Check = Callable[[Call], None]

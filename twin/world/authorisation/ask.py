"""What a call asks for: one action on one resource, with what only this question knows about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from twin.world.aws_call import Call

Context = dict[str, Any]
# What a call of a known operation may raise when its parameters cannot be read; the store refuses it after that.
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)


@dataclass(slots=True)
class Ask:
    """An action on a resource; `owner` is the resource's account where its ARN does not tell it.

    `words` replaces AWS's usual sentence of a refusal, for services that hide the reason. `passed`: the caller's own
    account was asked already, about the access point that leads there. `behind` is what an access point leads to.
    """

    action: str
    resource: str = "*"
    owner: str | None = None
    context: Context = field(default_factory=dict)
    words: tuple[str, str] | None = None
    passed: bool = False
    behind: str = ""


@dataclass(frozen=True)
class Asking:
    """A call whose parameters are parsed once, when somebody wants them."""

    call: Call

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The parameters as the service's model types them; nothing when they cannot be read."""
        try:
            parsed = self.call.parse()
        except UNREADABLE:
            return {}
        # Whoever asks for them later does not parse again.
        self.call.parse = lambda: parsed
        return parsed

    @property
    def headers(self) -> Mapping[str, str]:
        """The request's headers by their names in lower case, of which many are looked for."""
        return self.call.headers

    def text(self, *names: str) -> str:
        """Return the first of these parameters that is a text, else ""."""
        for name in names:
            value = self.parameters.get(name)
            if isinstance(value, str) and value:
                return value
        return ""

    def arn(self, service: str, rest: str) -> str:
        """Return an ARN in the call's account and Region."""
        return f"arn:aws:{service}:{self.call.region}:{self.call.account}:{rest}"


Asker = Callable[[Asking], list[Ask]]
ASKERS: dict[str, Asker] = {}


def asks_of(*services: str) -> Callable[[Asker], Asker]:
    """Bind the function that says what a service's calls ask for, where the published tables do not suffice."""

    def bind(function: Asker) -> Asker:
        for service in services:
            ASKERS[service] = function
        return function

    return bind

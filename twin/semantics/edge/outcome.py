"""What came of a request: what the visitor gets, how it was decided stage by stage, and what the logs say of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Lines = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Step:
    """One decision on the way: the stage, what it came to, and the rule or record behind it."""

    stage: str
    said: str
    ruleset: str = ""
    rule: str = ""
    level: str = ""


@dataclass(frozen=True)
class Event:
    """A line of the firewall's log: the action that a rule took on a request."""

    action: str
    source: str
    """`firewallCustom`, `ratelimit`, `firewallManaged`, `access`, as the analytics API names them."""
    ruleset: str
    rule: str
    level: str
    description: str = ""


@dataclass(frozen=True)
class Visit:
    """The answer and its reasons. `status` is 0 when the connection itself failed: then `failure` says how.

    `by` is `edge`, `cache`, `origin`, or `dns` when the name is not proxied; `code` is Cloudflare's own error code
    (1020), `cache` the value of CF-Cache-Status. `origin` names the address that was asked, if one was.
    """

    status: int
    headers: Lines
    body: bytes
    by: str
    ray: str
    code: int = 0
    cache: str = ""
    failure: str = ""
    origin: str = ""
    pool: str = ""
    trace: tuple[Step, ...] = ()
    events: tuple[Event, ...] = ()
    addresses: tuple[str, ...] = ()


@dataclass
class Log:
    """What is written down while a request is on its way."""

    steps: list[Step] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def add(self, stage: str, said: str, **more: Any) -> None:
        """Note a decision."""
        self.steps.append(Step(stage, said, **more))

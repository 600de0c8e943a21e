"""Where a scenario plays: the clock, the world's API for each identity, the names, the randomness, the journal."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from twin.resources.aws.api import AwsSystem
from twin.resources.call import Refused, aws
from twin.resources.cloudflare.api import CloudflareSystem
from twin.resources.cloudflare.dashboard import DashboardSystem
from twin.resources.github.api import GithubSystem
from twin.resources.okta.api import OktaSystem
from twin.resources.transport import System
from twin.scenario.credentials import credentials, holder
from twin.scenario.journal import Journal
from twin.scenario.postgres import PostgresSystem
from twin.scenario.retries import Retries
from twin.scenario.timeline import Process, Timeline
from twin.scenario.values import Values
from twin.scenario.vendor_calls import POSTGRES, vendor_call
from twin.world.world import World

VIRTUAL_TIME = "virtual-time"
CLOUDFLARE = "https://api.cloudflare.com/client/v4"
GITHUB = "https://api.github.com"


class OutOfTime(Exception):
    """A scenario that needs virtual time calls a service that keeps the machine's; its argument is the service."""

    def __str__(self) -> str:
        return f"the target lacks {VIRTUAL_TIME} for {self.args[0]}, which keeps the machine's time"


@dataclass(slots=True)
class Stage:
    """What actors share. Only `ask` and `call` reach the world, through its API and with somebody's keys.

    `vendors` are Okta and Cloudflare as their owners see them. `own_time` names the services that do not go by the
    run's clock, where the scenario needs that they do; `restore` applies the org's spec to parts of it with
    somebody's keys, and returns what it changed.
    """

    world: World
    timeline: Timeline
    journal: Journal
    values: Values
    random: random.Random
    administrator: AwsSystem
    duration: float
    retries: Retries
    own_time: frozenset[str] = frozenset()
    vendors: Mapping[str, System] = field(default_factory=dict)
    restore: Callable[[Sequence[str], Mapping[str, str] | None], Sequence[str]] = lambda parts, keys: ()
    _principals: dict[str, AwsSystem] = field(default_factory=dict)

    def principal(self, keys: Mapping[str, str]) -> AwsSystem:
        """Return AWS as the holder of credentials sees it."""
        keys = credentials(keys)
        id_ = keys["access_key_id"]
        if id_ not in self._principals:
            self._principals[id_] = self.administrator.acting_as(
                id_, keys["secret_access_key"], keys.get("session_token")
            )
        return self._principals[id_]

    def keys(self, name: str | None, call: str = "") -> Mapping[str, str] | None:
        """Return the credentials for a call that were saved under a name; None, the administrator's, without one."""
        return holder(call, self.values[name]) if name is not None else None

    def ask(
        self, operation: str, params: Mapping[str, Any], keys: Mapping[str, str] | None = None, *,
        region: str | None = None, pages: bool = False,
    ) -> Process:  # fmt: skip
        """Make a call as an SDK does, and wait for its answer: `reply = yield from stage.ask(…)`.

        A refusal that may pass is tried again after a while; Refused when the last one is no better.
        """
        tries = 0
        while True:
            tries += 1
            late, refusal, reply = self.world.gateway.delayed, None, None
            try:
                reply = self.call(operation, params, keys, region=region, pages=pages)
            except Refused as refused:
                refusal = refused
            if (late := self.world.gateway.delayed - late) > 0:
                yield self.timeline.pass_(late)
            if refusal is None:
                return reply
            if (pause := self.retries.pause(refusal, tries)) is None:
                raise refusal
            yield self.timeline.pass_(pause)

    def _vendor(self, system: str, keys: Mapping[str, str] | None) -> System:
        """Return a vendor as the holder of a token sees it; as the account's owner does, without one."""
        if system == POSTGRES:
            return PostgresSystem(self.world.scene, keys or {})
        if system == "dashboard":
            return DashboardSystem(handle=self.world.handle)
        if keys is None:
            return self.vendors[system]
        if system == "okta":
            return OktaSystem(self.world.okta.url, keys["token"], handle=self.world.handle)
        if system == "github":
            return GithubSystem(GITHUB, keys["token"], handle=self.world.handle)
        return CloudflareSystem(CLOUDFLARE, keys["token"], handle=self.world.handle)

    def call(
        self, operation: str, params: Mapping[str, Any], keys: Mapping[str, str] | None = None, *,
        region: str | None = None, pages: bool = False,
    ) -> Any:  # fmt: skip
        """Make the call `service:Operation` once, in no time; Refused when the world says no.

        OutOfTime when the service keeps another time than the scenario needs.
        """
        if (told := vendor_call(operation, params)) is not None:
            return self._vendor(told.system, keys).execute(told)
        service, _, name = operation.partition(":")
        if service in self.own_time:
            raise OutOfTime(service)
        system = self.principal(keys) if keys else self.administrator
        return system.execute(aws(service, name, params, region=region, pages=pages))


class Actor(Protocol):
    """Somebody who acts: processes on the clock, and figures about what came of them."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None: ...

    def processes(self) -> Iterator[Process]:
        """Yield the processes to start."""
        ...

    def figures(self) -> Mapping[str, Any]:
        """Return the figures, by name."""
        ...


__all__ = ["VIRTUAL_TIME", "Actor", "OutOfTime", "Refused", "Stage"]

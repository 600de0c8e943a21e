"""Consumers of an access key: each keeps it until it reads its configuration again, and calls with what it has."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.scenario.values import Values


class Lag(BaseModel):
    """How long a consumer works with what it read last, drawn anew each time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    least: Seconds
    most: Seconds


class Options(BaseModel):
    """What consumers are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: list[str] = Field(min_length=1)
    config: str = Field(description="The Secrets Manager secret of one consumer, with ${item} for its name")
    every: Period = Field(description="The time between two calls of one consumer")
    refresh: Lag
    call: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class KeyConsumers:
    """All consumers; a call counts as failed when the world refuses it."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name = name
        self.options = Options.model_validate(options)
        self.stage = stage
        self.keys: dict[str, dict[str, str]] = {}
        self.used: dict[str, int] = {}
        self.calls = self.failed = self.refreshes = 0
        self.outages = Outages(self.options.every)

    def processes(self) -> Iterator[Process]:
        """Yield two processes for each consumer: one reads its configuration, one calls."""
        for consumer in self.options.names:
            self._keep(consumer, self.stage.call(*self._config(consumer)))
            yield self._refresh(consumer)
            yield self._work(consumer)

    def _refresh(self, consumer: str) -> Process:
        lag = self.options.refresh
        while True:
            yield self.stage.timeline.pass_(self.stage.random.uniform(lag.least, lag.most))
            try:
                reply = yield from self.stage.ask(*self._config(consumer))
            except Refused as refused:
                # It goes on with what it has, and reads again the next time.
                self.stage.journal.write(consumer, "unread", code=refused.code)
            else:
                self._keep(consumer, reply)

    def _config(self, consumer: str) -> tuple[str, dict[str, str]]:
        secret = Values({"item": consumer}, self.stage.values).fill(self.options.config)
        return "secretsmanager:GetSecretValue", {"SecretId": secret}

    def _keep(self, consumer: str, reply: Mapping[str, Any]) -> None:
        keys = _read(reply["SecretString"])
        self.refreshes += 1
        if keys != self.keys.get(consumer):
            self.keys[consumer] = keys
            self.stage.journal.write(consumer, "key", key=_named(keys))

    def _work(self, consumer: str) -> Process:
        yield self.stage.timeline.pass_(self.stage.random.uniform(0, self.options.every))
        while True:
            yield from self._once(consumer)
            yield self.stage.timeline.pass_(self.options.every)

    def _once(self, consumer: str) -> Process:
        keys, now = self.keys[consumer], self.stage.timeline.elapsed
        self.calls += 1
        try:
            call = str(self.stage.values.fill(self.options.call))
            yield from self.stage.ask(call, self.stage.values.fill(self.options.with_), keys)
        except Refused as refused:
            self.failed += 1
            if self.outages.lost(consumer, now, refused.code):
                self.stage.journal.write(consumer, "refused", key=_named(keys), code=refused.code)
        else:
            self.used[_named(keys)] = self.used.get(_named(keys), 0) + 1
            if self.outages.recovered(consumer):
                self.stage.journal.write(consumer, "recovered", key=_named(keys))

    def figures(self) -> Mapping[str, Any]:
        """Count calls, refused ones, keys that worked, who fails at the end; the longest outage of one in seconds."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "refreshes": self.refreshes,
            "keys_used": len(self.used),
            "failing": self.outages.going_on,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
            "availability": round(1 - self.failed / self.calls, 6) if self.calls else None,
        }


def _read(secret: str) -> dict[str, str]:
    """Read what a consumer works with: an AWS key pair as JSON, or a vendor's token as it is."""
    return dict(json.loads(secret)) if secret.startswith("{") else {"token": secret}


def _named(keys: Mapping[str, str]) -> str:
    """Return the public name of a key; of a token, the beginning of its digest."""
    return keys.get("access_key_id") or hashlib.sha256(keys["token"].encode()).hexdigest()[:12]


ACTOR = KeyConsumers

"""Services that call the org's APIs with tokens of its authorization server, each token until it is nearly over."""

import base64
import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field
from werkzeug.datastructures import Headers

from twin.scenario.outages import Outages
from twin.scenario.simulated_api import ApiOptions, SimulatedApi
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.semantics.tokens import Accepted, Expectations
from twin.wire import Request


class Options(BaseModel):
    """What the services are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    names: list[str] = Field(min_length=1)
    issuer: str
    audience: str
    client: str = Field(description="The client id with which they ask for tokens")
    secret: str
    scope: str
    every: Period = Field(description="The time between two rounds of calls of one service")
    margin: Seconds = Field(60.0, description="How long before its end a token is replaced")
    apis: dict[str, ApiOptions] = Field(min_length=1)


class TokenCallers:
    """Each service calls every API in turn; a call fails when the API does not accept the token."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = told = Options.model_validate(options)
        expected = Expectations(
            issuers=(told.issuer,), audiences=(told.audience,), scopes=frozenset(told.scope.split())
        )
        self.apis = [
            SimulatedApi(each, how, jwks=f"{told.issuer}/v1/keys", expected=expected, handle=stage.world.handle)
            for each, how in told.apis.items()
        ]
        self.calls = self.failed = self.ungranted = 0
        self.keys: dict[str, int] = {}
        self.reasons: dict[str, int] = {}
        self.outages = Outages(self.options.every)

    def processes(self) -> Iterator[Process]:
        """Yield one process for each service."""
        for service in self.options.names:
            yield self._work(service)

    def _work(self, service: str) -> Process:
        yield self.stage.timeline.pass_(self.stage.random.uniform(0, self.options.every))
        token, ends = "", 0.0
        while True:
            now = self.stage.timeline.now().timestamp()
            if now >= ends - self.options.margin:
                token, ends = self._token(service, now) or (token, ends)
            for api in self.apis:
                self._call(service, api, token, now)
            yield self.stage.timeline.pass_(self.options.every)

    def _token(self, service: str, now: float) -> tuple[str, float] | None:
        told = self.options
        proof = base64.b64encode(f"{told.client}:{told.secret}".encode()).decode()
        sent = Headers({"Authorization": f"Basic {proof}", "Content-Type": "application/x-www-form-urlencoded"})
        form = urlencode({"grant_type": "client_credentials", "scope": told.scope}).encode()
        reply = self.stage.world.handle(Request("POST", f"{told.issuer}/v1/token", sent, form))
        found = json.loads(reply.body)
        if reply.status != 200:
            self.ungranted += 1
            self.stage.journal.write(service, "ungranted", error=found.get("error", str(reply.status)))
            return None
        return found["access_token"], now + found["expires_in"]

    def _call(self, service: str, api: SimulatedApi, token: str, now: float) -> None:
        self.calls += 1
        verdict, pair = api.call(token, now), (service, api.name)
        if isinstance(verdict, Accepted):
            key = str(verdict.key_id)
            if key not in self.keys:
                self.stage.journal.write(service, "new key", key=key, api=api.name)
            self.keys[key] = self.keys.get(key, 0) + 1
            if self.outages.recovered(pair):
                self.stage.journal.write(service, "recovered", api=api.name)
            return
        self.failed += 1
        self.reasons[verdict.reason] = self.reasons.get(verdict.reason, 0) + 1
        if self.outages.lost(pair, self.stage.timeline.elapsed, verdict.reason):
            self.stage.journal.write(service, "refused", api=api.name, reason=verdict.reason)

    def figures(self) -> Mapping[str, Any]:
        """Count calls, refusals by reason, keys that signed accepted tokens; the longest outage is in seconds."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "ungranted": self.ungranted,
            "keys_used": len(self.keys),
            "key_reads": sum(api.reads for api in self.apis),
            "failing": self.outages.going_on,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
            "availability": round(1 - self.failed / self.calls, 6) if self.calls else None,
            **{f"refused_{reason}": count for reason, count in sorted(self.reasons.items())},
        }


ACTOR = TokenCallers

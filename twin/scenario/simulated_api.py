"""An API of the org as a scenario plays it: it holds each token against the issuer's keys, as a careful API does."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.step import Seconds
from twin.semantics.tokens import Expectations, JwksCache, Verdict, validate
from twin.semantics.tokens.keys import Jwk
from twin.wire import Handle, Request

FOREVER = float("inf")


class ApiOptions(BaseModel):
    """How an API keeps the issuer's keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keep: Seconds = Field(3600.0, description="How long it works with the keys that it read")
    refetch: bool = Field(True, description="Whether a key that it does not know makes it read them again at once")
    pinned: bool = Field(False, description="Whether it reads the keys once, and never again")


class SimulatedApi:
    """An API with its cache of the issuer's keys; `reads` counts how often it read them."""

    def __init__(self, name: str, options: ApiOptions, *, jwks: str, expected: Expectations, handle: Handle) -> None:
        self.name, self.expected = name, expected
        self.reads = 0
        self._jwks, self._handle = jwks, handle
        keep = FOREVER if options.pinned else options.keep
        pause = 30.0 if options.refetch and not options.pinned else keep
        self._keys = JwksCache(self._fetch, lifetime=keep, pause=pause, stale=0 if keep == FOREVER else keep)

    def _fetch(self) -> Mapping[str, list[Jwk]]:
        self.reads += 1
        reply = self._handle(Request("GET", self._jwks))
        if reply.status != 200:
            raise ValueError(f"the issuer answers {reply.status}")
        found: Any = json.loads(reply.body)
        return dict(found)

    def call(self, token: str, now: float) -> Verdict:
        """Return whether the API accepts a request that carries a token, at a moment in seconds since 1970."""
        return validate(token, self._keys, self.expected, now)

"""A service admits so many calls per second and no more, from a bucket of tokens that the clock refills."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from twin.world.aws_call import Call
from twin.world.failures import failure
from twin.world.fault import Aim, Fault, FaultOptions
from twin.world.scene import Scene


class Options(Aim):
    """Whose calls, and how many."""

    rate: float = Field(ge=0)
    """Tokens that come back per second."""
    burst: int = Field(ge=0)
    """Tokens of a full bucket: calls that are admitted at once."""
    per: Literal["account", "principal"] = "account"
    """Who shares a bucket: a service's callers in one account and Region, or each caller alone."""


class Throttling(Fault):
    """Token buckets, one for each service, account and Region, or for each caller; all are full at the beginning."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def __init__(self, id_: str, options: Options) -> None:
        super().__init__(id_, options)
        self.buckets: dict[tuple[str, ...], tuple[float, datetime]] = {}

    def check(self, call: Call, scene: Scene) -> None:
        """Take a token, or refuse."""
        options = self.options
        if not options.hits(call):
            return
        whose = call.principal.arn if options.per == "principal" else call.account
        name, now = (call.service, call.region, whose), scene.now()
        tokens, since = self.buckets.get(name, (float(options.burst), now))
        tokens = min(float(options.burst), tokens + options.rate * (now - since).total_seconds())
        if tokens < 1:
            self.buckets[name] = tokens, now
            self.refuse(failure("throttled", call))
        self.buckets[name] = tokens - 1, now


FAULT = Throttling

"""Somebody who works in AWS through Okta: signs on with password and push, opens the app, calls with the role."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.actors.phone_holder import pair
from twin.scenario.credentials import credentials
from twin.scenario.okta_browser import Browser, role_session
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.world.saas.okta.pushes import answer_push, waiting


class Options(BaseModel):
    """What the worker is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    password: str
    metadata: str = Field(description="The metadata of the app that leads into AWS")
    role: str = Field(description="The role's ARN")
    provider: str = Field(description="The ARN of the identity provider in IAM")
    address: str = "203.0.113.20"
    every: Period = 60.0
    renew: Seconds = Field(3000.0, description="The age at which a session of the role is replaced")
    call: str
    with_: dict[str, Any] = Field(default_factory=dict, alias="with")


class SsoWorker:
    """A call fails when the world refuses it, or the way to it; the next one is made from the sign-on again."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(stage.values.fill(options))
        self.calls = self.failed = self.taken = 0
        self.outages = Outages(self.options.every)
        self._kept: tuple[Mapping[str, str], float] | None = None

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._work()

    def _work(self) -> Process:
        pair(self.stage.world.vendors.okta(), self.options.login)
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            yield from self._once()

    def _once(self) -> Process:
        now = self.stage.timeline.elapsed
        self.calls += 1
        try:
            yield from self.stage.ask(self.options.call, self.options.with_, self._session(now))
        except Refused as refused:
            self.failed += 1
            self._kept = None
            if self.outages.lost(self.name, now, refused.code):
                self.stage.journal.write(self.name, "refused", code=refused.code)
        else:
            if self.outages.recovered(self.name):
                self.stage.journal.write(self.name, "recovered")

    def _session(self, now: float) -> Mapping[str, str]:
        if self._kept is None or now - self._kept[1] >= self.options.renew:
            door = {"role": self.options.role, "provider": self.options.provider}
            reply = role_session(self.stage, self._signed_on().assertion(self.options.metadata), door, seconds=3600)
            self.taken += 1
            self._kept = (credentials(reply["Credentials"]), now)
        return self._kept[0]

    def _signed_on(self) -> Browser:
        """Sign on, and approve the push that this sends to the worker's own phone."""
        browser, org = Browser(self.stage, self.options.address), self.stage.world.vendors.okta()
        told = browser.step("", username=self.options.login, password=self.options.password)
        if told["status"] == "MFA_REQUIRED":
            factor = next(one["id"] for one in told["_embedded"]["factors"] if one["factorType"] == "push")
            browser.step(f"/factors/{factor}/verify", stateToken=told["stateToken"])
            answer_push(org, waiting(org, told["_embedded"]["user"]["id"])[-1], approve=True)
            told = browser.step(f"/factors/{factor}/verify", stateToken=told["stateToken"])
        browser.enter(told["sessionToken"])
        return browser

    def figures(self) -> Mapping[str, Any]:
        """Count calls, failed ones and sessions; the longest outage in seconds."""
        return {
            "calls": self.calls,
            "failed": self.failed,
            "sessions": self.taken,
            "failing": self.outages.going_on > 0,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
        }


ACTOR = SsoWorker

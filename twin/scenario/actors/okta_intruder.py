"""An intruder with somebody's password: it bombs the phone with pushes, keeps the session, and goes on into AWS."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.actors.phone_holder import pair
from twin.scenario.loot import Loot, Looter
from twin.scenario.okta_browser import Browser, role_session
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds, Step
from twin.scenario.timeline import Process


class Options(BaseModel):
    """What the intruder is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str
    password: str = Field(description="The password, which it has from somewhere")
    metadata: str = Field(description="The metadata of the app that leads into AWS")
    role: str = Field(description="The ARN of the role that it is after")
    provider: str = Field(description="The ARN of the identity provider in IAM")
    client: str = Field(description="The id of a public OIDC client from which it takes a refresh token")
    redirect: str = Field(description="The redirect URI of that client")
    address: str = "198.51.100.77"
    at: Seconds = Field(0.0, description="When it begins")
    pushes: int = Field(40, ge=1, description="Pushes after which it gives up")
    wait: Seconds = Field(60.0, description="How long it waits for the answer to a push before it sends another")
    poll: Period = 10.0
    every: Period = Field(30.0, description="How often it uses what it holds")
    retry: Seconds = Field(600.0, description="How long it waits before it signs on anew when it was put out")
    renew: Seconds = Field(300.0, description="The age at which it takes another session of the role")
    session: int = Field(3600, description="How long a session of the role it asks for, in seconds")
    use: dict[str, Step] = Field(min_length=1, description="What it is after, with whichever session works")


class OktaIntruder(Looter):
    """Every request is the world's to let or refuse; `first` is the first sign-in, `last` the last that was let."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(stage.values.fill(options))
        self.loot = Loot(name, stage)
        self.browser = Browser(stage, self.options.address)
        self.refresh = ""
        self.sent = self.entered = 0
        self.first: float | None = None
        self.last_okta: float | None = None
        self._taken = self._again = 0.0
        self.works = dict.fromkeys(("session", "refresh", "role"), False)

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        yield self.stage.timeline.pass_(self.options.at)
        self.first = self.stage.timeline.elapsed
        while True:
            if not self.works["session"] and self.stage.timeline.elapsed >= self._again:
                yield from self._break_in()
                self._again = self.stage.timeline.elapsed + self.options.retry
            if self.entered:
                yield from self._use()
            yield self.stage.timeline.pass_(self.options.every)

    def _break_in(self) -> Process:
        """Sign on with the password, and send a push after the other until one is approved."""
        try:
            told = self.browser.step("", username=self.options.login, password=self.options.password)
            while told["status"] in ("MFA_REQUIRED", "MFA_CHALLENGE") and self.sent < self.options.pushes:
                told = yield from self._push(told)
            if told["status"] == "MFA_ENROLL":
                told = self._enrol(told)
            if told["status"] == "SUCCESS":
                self._enter(told["sessionToken"])
        except Refused as refused:
            self.stage.journal.write(self.name, "is refused", by="okta", code=refused.code)

    def _push(self, told: Any) -> Process:
        """Send one push and wait for its answer; returns how the sign-in stands after it."""
        offered = told["_embedded"].get("factors") or [told["_embedded"].get("factor", {})]
        factor = next((one["id"] for one in offered if one.get("factorType") == "push"), None)
        if factor is None:
            self.sent = self.options.pushes
            self.stage.journal.write(self.name, "finds no push", offered=[one["factorType"] for one in offered])
            return told
        step, token = f"/factors/{factor}/verify", {"stateToken": told["stateToken"]}
        self.sent += 1
        told = self.browser.step(step, **token)
        for _ in range(max(1, int(self.options.wait // self.options.poll))):
            yield self.stage.timeline.pass_(self.options.poll)
            told = self.browser.step(step, **token)
            if told["status"] == "SUCCESS" or told.get("factorResult") != "WAITING":
                break
        return told

    def _enrol(self, told: Any) -> Any:
        """Enrol a phone of its own where nothing is enrolled; returns how the sign-in stands after it."""
        token = {"stateToken": told["stateToken"]}
        begun = self.browser.step("/factors", **token, factorType="push", provider="OKTA")
        pair(self.stage.world.vendors.okta(), self.options.login)
        factor = begun["_embedded"]["factor"]["id"]
        self.stage.journal.write(self.name, "enrols a phone of its own")
        return self.browser.step(f"/factors/{factor}/lifecycle/activate/poll", **token)

    def _enter(self, session_token: str) -> None:
        """Keep the session, and take what outlives it."""
        self.browser.enter(session_token)
        self.entered += 1
        self._note("session", works=True)
        self.stage.journal.write(self.name, "is signed on", pushes=self.sent)
        try:
            self.refresh = str(self.browser.grant(self.options.client, self.options.redirect)["refresh_token"])
        except Refused as refused:
            self.stage.journal.write(self.name, "gets no refresh token", code=refused.code)

    def _use(self) -> Process:
        """Use all that it holds: the session of Okta, the refresh token, the sessions of the role."""
        self._try("session", self._open_aws)
        self._try("refresh", self._renew)
        self.loot.dead.clear()
        inside = False
        for step in self.options.use.values():
            params = self.stage.values.fill(step.with_)
            inside |= (yield from self.loot.by_any(step.call or "", params)) is not None
        self._note("role", works=inside)

    def _try(self, what: str, use: Callable[[], None]) -> None:
        try:
            use()
        except Refused as refused:
            self._note(what, works=False, code=refused.code)
        else:
            self._note(what, works=True)

    def _note(self, what: str, *, works: bool, **more: Any) -> None:
        now = self.stage.timeline.elapsed
        if works and what != "role":
            self.last_okta = now
        if works != self.works[what]:
            self.stage.journal.write(self.name, "holds" if works else "loses", what=what, **more)
        self.works[what] = works

    def _open_aws(self) -> None:
        """Open the app, and take another session of the role where the newest is not new any more."""
        assertion = self.browser.assertion(self.options.metadata)
        now = self.stage.timeline.elapsed
        if not self.works["role"] or now - self._taken >= self.options.renew:
            door = {"role": self.options.role, "provider": self.options.provider}
            self.loot.keep(role_session(self.stage, assertion, door, seconds=self.options.session)["Credentials"])
            self._taken = now

    def _renew(self) -> None:
        form = {"grant_type": "refresh_token", "refresh_token": self.refresh, "client_id": self.options.client}
        self.refresh = str(self.browser.token(form).get("refresh_token", self.refresh))

    @property
    def last(self) -> float | None:
        """When a call of its was let last, by Okta or by AWS."""
        let = [deed.at for deed in self.loot.deeds if deed.refused is None]
        return max([*let, *([] if self.last_okta is None else [self.last_okta])], default=None)

    def figures(self) -> Mapping[str, Any]:
        """Count pushes, sign-ons and calls to AWS; which of its holds worked when it tried last."""
        works = {f"{what}_works": works for what, works in self.works.items()}
        return {**self.loot.figures(), "pushes": self.sent, "entered": self.entered, "last_success": self.last, **works}


ACTOR = OktaIntruder

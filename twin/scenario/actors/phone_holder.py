"""Somebody with Okta Verify on a phone: pairs it, denies pushes that nobody asked for, and may grow tired of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process
from twin.world.saas.okta.factors import pair_phone
from twin.world.saas.okta.pushes import answer_push, waiting
from twin.world.saas.okta.state import Org, Record


class Options(BaseModel):
    """What the holder is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    login: str = Field(description="Whose phone it is")
    every: Period = Field(20.0, description="How often the holder looks at the phone")
    denies: int | None = Field(None, ge=0, description="Pushes that are denied before one is approved; all without it")


class PhoneHolder:
    """Who holds the phone is outside of the org's API: answers go to what waits on it."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.denied = self.approved = 0

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        org = self.stage.world.vendors.okta()
        user = pair(org, self.options.login)
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            self._look(org, user)

    def _look(self, org: Org, user: Record) -> None:
        for push in waiting(org, user["id"]):
            tired = self.options.denies is not None and self.denied >= self.options.denies and not self.approved
            self.approved += tired
            self.denied += not tired
            answer_push(org, push, approve=tired)
            self.stage.journal.write(self.name, "approves" if tired else "denies")

    def figures(self) -> Mapping[str, Any]:
        """Count the pushes that were denied and approved."""
        return {"denied": self.denied, "approved": self.approved}


def pair(org: Org, login: str) -> Record:
    """Pair a phone with what its holder began to enrol; return the user."""
    user = next(one for one in org.users.values() if one["profile"]["login"] == login)
    for factor in org.factors.get(user["id"], {}).values():
        if factor["factorType"] == "push" and factor["status"] == "PENDING_ACTIVATION":
            pair_phone(org, user, factor)
    return user


ACTOR = PhoneHolder

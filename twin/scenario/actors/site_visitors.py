"""Visitors of a site behind Cloudflare: where their requests end up, and whether the firewall still stands."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process
from twin.semantics.edge import Asked, Visit
from twin.world.edge.stored_origins import ANSWERED_BY


class Options(BaseModel):
    """What visitors are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    paths: list[str] = Field(default_factory=lambda: ["/"], min_length=1)
    origins: list[str] = Field(min_length=1, description="The addresses that are the org's own")
    forbidden: list[str] = Field(default_factory=list, description="Paths that the firewall refuses")
    every: Period = 30.0


class SiteVisitors:
    """Each visit goes through the edge of the world."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.visits = self.failed = self.elsewhere = self.let_through = self.blocked = 0
        self.wrong = Outages(self.options.every)

    def processes(self) -> Iterator[Process]:
        """Yield the visits, one after the other."""
        yield self._visit()

    def _visit(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            # Every path is asked for, whatever the one before came to.
            wrong = [*map(self._look, self.options.paths), *map(self._try, self.options.forbidden)]
            self._note("; ".join(one for one in wrong if one))

    def _ask(self, path: str) -> Visit:
        return self.stage.world.edge.visit(Asked(self.options.host, path, ip="203.0.113.77"))

    def _look(self, path: str) -> str:
        """Ask for a page; returns what is wrong with who answers."""
        found = self._ask(path)
        self.visits += 1
        if found.status == 0 or found.status >= 500:
            self.failed += 1
            return f"{path} is answered by {found.status or 'nobody'}"
        by = found.headers.get(ANSWERED_BY, (found.origin,))[0]
        if by and by not in self.options.origins:
            self.elsewhere += 1
            return f"{path} is answered by {by}"
        return ""

    def _try(self, path: str) -> str:
        """Ask for what the firewall refuses; returns that it does not."""
        if self._ask(path).code == 1020:
            self.blocked += 1
            return ""
        self.let_through += 1
        return f"{path} is let through"

    def _note(self, wrong: str) -> None:
        if not wrong:
            if self.wrong.recovered(self.name):
                self.stage.journal.write(self.name, "the site is the org's own again")
        elif self.wrong.lost(self.name, self.stage.timeline.elapsed, wrong):
            self.stage.journal.write(self.name, "the site is not as it should be")

    def figures(self) -> Mapping[str, Any]:
        """Count visits, failed and led elsewhere, forbidden requests let through; the longest wrong time in seconds."""
        return {
            "visits": self.visits,
            "failed": self.failed,
            "elsewhere": self.elsewhere,
            "let_through": self.let_through,
            "blocked": self.blocked,
            "longest_wrong": self.wrong.longest,
            "because": self.wrong.because,
            "wrong_at_the_end": self.wrong.going_on > 0,
        }


ACTOR = SiteVisitors

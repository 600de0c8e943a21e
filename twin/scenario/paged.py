"""The responder's pager at PagerDuty: it begins with the first incident that somebody on call takes."""

from collections.abc import Mapping
from typing import Any

from twin.analysis.channels import broken_links
from twin.analysis.channels.links import NOBODY
from twin.observe.channels import read_channels
from twin.observe.monitors import SERVICE
from twin.resources.call import datadog
from twin.scenario.duration import between, following
from twin.scenario.on_call import OnCall, Page
from twin.scenario.pager import Pager
from twin.scenario.pagerduty_setup import ask, responders, service_of_org, set_up
from twin.scenario.people import People
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process


class PagedPager(Pager):
    """Waits for PagerDuty and its people; `set_up` makes the account before anything else, where the org has none."""

    def __init__(self, page: Page, on_call: OnCall | None, stage: Stage) -> None:
        self.page, self.on_call, self.stage = page, on_call, stage
        self.about = ""
        self.begun: float | None = None
        self.people: People | None = None
        self.unheard: int | None = None

    @property
    def delivered(self) -> float | None:  # type: ignore[override]
        """When the first incident was triggered; None when none was."""
        return self.people.triggered if self.people is not None else None

    def set_up(self) -> None:
        """Make the account, or take the one that the org's spec made, and call its people."""
        if self.on_call is not None:
            services = set_up(self.on_call, self.stage)
            self.people = People(self.on_call.people, self.stage, services[self.page.paged])
            return
        people, emails = responders(self.stage.world)
        self.people = People(people, self.stage, service_of_org(self.stage, self.page.paged), emails=emails)

    def look(self) -> None:
        """Read back how trouble is told, before any comes, and write down each link that leads nowhere."""
        world = self.stage.world
        channels = read_channels(
            lambda operation, params, region: self.stage.call(operation, params),
            [world.region],
            world.accounts[0],
            lambda path: ask(world, "GET", path),
            datadog=(self._datadog, self.stage.timeline.now()) if "datadog" in self.stage.vendors else None,
        )
        found = broken_links(channels, self.stage.timeline.now())
        self.unheard = sum(one.rule == NOBODY for one in found)
        for one in found:
            self.stage.journal.write("channels", one.rule, message=one.message, about=list(one.about), mend=one.mend)

    def _datadog(self, path: str) -> Any:
        """Read a path of Datadog's API, all pages of a list."""
        call = datadog("GET", path, pages=not path.startswith(SERVICE), absent=("404",))
        return self.stage.vendors["datadog"].execute(call)

    def rings(self) -> Process:
        """Wait until somebody takes an incident, and then until that person begins; it may never come."""
        assert self.people is not None
        name = yield self.people.taken
        self.about = self.people.title
        self.stage.journal.write("pager", "alerted", about=self.about, by=name)
        yield self.stage.timeline.pass_(self.people.begins_after(name))
        self.begun = self.stage.timeline.elapsed

    def silence(self) -> str:
        """Say why nobody began: what PagerDuty dropped, whom it could not reach, or who slept."""
        people = self.people
        if people is None or people.triggered is None:
            reasons = sorted(people.dropped) if people is not None else []
            return f"no incident was triggered{': ' if reasons else ''}{', '.join(reasons)}, so nobody began"
        if not people.counts["notified"]:
            return "PagerDuty can reach none of those on call, so nobody began"
        return f"{people.counts['notified']} notifications, {people.counts['missed']} of them missed, and nobody began"

    def figures(self, trouble: float | None) -> Mapping[str, Any]:
        """Return the times in seconds, from `trouble` on; a time to what never came is None."""
        people = self.people
        assert people is not None
        return {
            "ttd": following(trouble, people.triggered),
            "tta": between(people.triggered, people.acknowledged),
            "ttn": between(people.triggered, self.begun),
            "notified": people.counts["notified"],
            "missed": people.counts["missed"],
            "escalated": people.counts["escalated"],
            "dropped": people.counts["dropped"],
            "unheard": self.unheard,
            "by": people.by or None,
        }

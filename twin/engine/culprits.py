"""Who changed an object by hand: the calls that CloudTrail's LookupEvents lists of it, newest first.

https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html: two requests a second in each
Region, the management events of the last 90 days, one attribute per request.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from twin.engine.drift import Drift
from twin.engine.target import Target
from twin.resources.aws.agent import ours
from twin.resources.call import aws
from twin.resources.catalogue import catalogue

GLOBAL = ("aws.iam.", "aws.route53.", "aws.organizations.", "aws.budgets.")
GLOBAL_REGION = "us-east-1"
PAUSE = 0.5
MOST_PAGES = 20
VERB = re.compile(r"^[A-Z][a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Deed:
    """A call that changed an object, with who made it, when and from where."""

    event: str
    principal: str
    time: str
    source: str
    id: str


@dataclass(slots=True)
class _Pages:
    """The events of one name, fetched page by page as somebody asks for more."""

    events: list[dict[str, Any]] = field(default_factory=list)
    fetched: int = 0
    token: str | None = None

    @property
    def ended(self) -> bool:
        """Whether there is nothing more, or more than anybody looks through."""
        return self.fetched > 0 and (self.token is None or self.fetched >= MOST_PAGES)


@dataclass(slots=True)
class Trail:
    """The trail of a target's account; each page is fetched once."""

    target: Target
    sleep: Callable[[float], None] = lambda _: None
    _found: dict[tuple[str, str], _Pages] = field(default_factory=dict)

    def deed(self, drift: Drift, calls: frozenset[str]) -> Deed | None:
        """Return the newest call of somebody else that is of the kind of `calls`, None where the trail has none."""
        if drift.address.system != "aws" or "aws" not in self.target.systems or not calls:
            return None
        here = drift.address.region or self.target.scope.region
        region = GLOBAL_REGION if drift.address.type.startswith(GLOBAL) else here
        found: list[dict[str, Any]] = []
        for name in _names(drift):
            event = self._newest(region, name, drift, calls)
            found += [event] if event is not None else []
        return _deed(max(found, key=lambda event: str(event["eventTime"]))) if found else None

    def _newest(self, region: str, name: str, drift: Drift, calls: frozenset[str]) -> dict[str, Any] | None:
        pages, seen = self._found.setdefault((region, name), _Pages()), 0
        while True:
            for event in pages.events[seen:]:
                if _fits(event, drift, calls):
                    return event
            seen = len(pages.events)
            if pages.ended:
                return None
            self._fetch(region, name, pages)

    def _fetch(self, region: str, name: str, pages: _Pages) -> None:
        self.sleep(PAUSE)
        asked: dict[str, Any] = {"LookupAttributes": [{"AttributeKey": "ResourceName", "AttributeValue": name}]}
        asked |= {"NextToken": pages.token} if pages.token else {}
        reply = self.target.systems["aws"].execute(aws("cloudtrail", "LookupEvents", asked, region=region))
        pages.events += [json.loads(event["CloudTrailEvent"]) for event in reply["Events"]]
        pages.fetched, pages.token = pages.fetched + 1, reply.get("NextToken")


def _fits(event: dict[str, Any], drift: Drift, calls: frozenset[str]) -> bool:
    """Tell whether an event may be the cause: somebody else's call that changed what `calls` are about."""
    if event.get("readOnly") or event.get("errorCode") or ours(event.get("userAgent") or ""):
        return False
    made = drift.kind == "gone" and event["eventName"] in calls  # by which nothing goes
    return not made and VERB.sub("", event["eventName"]) in {VERB.sub("", name) for name in calls}


def _names(drift: Drift) -> list[str]:
    """Return the names by which the trail may know an object: its id, its ARN, what makes up its key."""
    change = drift.change
    key = catalogue()[drift.address.type].KEY
    values = [change.id, drift.was, *(change.outputs.get(n) for n in ("id", "arn"))]
    values += [source.get(name) for source in (change.observed, change.fields) for name in key]
    return list(dict.fromkeys(value for value in values if isinstance(value, str) and "${" not in value))


def _deed(event: dict[str, Any]) -> Deed:
    identity = event.get("userIdentity") or {}
    principal = identity.get("arn") or identity.get("invokedBy") or identity.get("type") or "somebody"
    return Deed(
        event["eventName"], str(principal), str(event["eventTime"]), str(event.get("sourceIPAddress", "")),
        event["eventID"],
    )  # fmt: skip

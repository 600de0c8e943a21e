"""A page reaches a person: TW1021 and TW1023 for monitors that call nobody, TW1028 for services that wake nobody."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.analysis.channels.paging import WEEK_OF_HOURS, service_problems
from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding, Level
from twin.analysis.plan.paging import planned_paging
from twin.analysis.plan.planned import Planned
from twin.observe.channels import Channels
from twin.semantics.oncall.escalation import next_level
from twin.semantics.oncall.rotation import instant
from twin.spec.suggest import nearest

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
CALLED = re.compile(r"@pagerduty-([\w-]+)")
ANYBODY = re.compile(r"(?:^|\s)@\S+")
LEVELS: Mapping[str, Level] = {"channel-nobody-on-call": "error", "channel-service-disabled": "error"}
FIELDS = {
    "channel-service-disabled": "disabled", "channel-low-urgency": "urgency", "channel-nobody-on-call": "levels",
    "channel-gap-on-call": "levels", "channel-unreachable": "levels",
}  # fmt: skip


def prove(case: Case) -> Iterator[Finding]:
    """Yield the monitors and services of a plan from which no way leads to a person, or not at every hour."""
    yield from _monitors(case.planned)
    channels, declared = planned_paging(case.planned)
    begun = _begun(channels.schedules.values())
    for service in channels.services:
        policy = channels.policies.get(service["escalation_policy"]["id"])
        if policy is None:
            continue  # one that the plan does not make is taken to call somebody
        at = _hour(policy, begun, channels)
        for kind, subject, message, mend in service_problems(service, channels, at):
            one = declared[subject]
            level = LEVELS.get(kind, "warning")
            yield Finding("TW1028", level, f"{one.address}: {message}", one, FIELDS[kind], mend=mend, about=kind)


def _begun(schedules: Iterable[Mapping[str, Any]]) -> datetime:
    """Return an instant at which all layers have begun."""
    return max((instant(layer["start"]) for one in schedules for layer in one["schedule_layers"]), default=EPOCH)


def _hour(policy: Mapping[str, Any], begun: datetime, channels: Channels) -> datetime:
    """Return the first hour of a week at which somebody is on call, since a plan is for no hour; else its beginning."""
    layers = {key: {**one, "schedule_layers": one["schedule_layers"][::-1]} for key, one in channels.schedules.items()}
    hours = (begun + timedelta(hours=hour) for hour in range(WEEK_OF_HOURS))
    return next((at for at in hours if next_level(policy, 0, at, layers.get) is not None), begun)


def _monitors(planned: Planned) -> Iterator[Finding]:
    """Yield monitors that are muted, call nobody, or call a service that Datadog does not know."""
    known = {values["name"] for _, values in planned.of("datadog.pagerduty_service")}
    for one, values in planned.of("datadog.monitor"):
        message = values.get("message") or ""
        if values.get("muted"):
            yield Finding("TW1021", "error", f"{one.address}: the monitor is muted", one, "muted", mend="let it speak")
        elif not ANYBODY.search(message):
            mend = "call somebody in its message, as in @pagerduty-NAME or @ops@acme.example"
            yield Finding("TW1021", "error", f"{one.address}: its message calls nobody", one, "message", mend=mend)
        for name in sorted(set(CALLED.findall(message)) - known):
            close = nearest(name, known)
            mend = f"did you mean @pagerduty-{close}?" if close else "add a datadog.pagerduty_service of that name"
            said = f"{one.address}: Datadog knows no service {name} of PagerDuty"
            yield Finding("TW1023", "error", said, one, "message", mend=mend, about=name)

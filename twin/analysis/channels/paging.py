"""Whether a service of PagerDuty reaches anybody: its status, its windows, its policy, its schedules, its people."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from twin.observe.channels import Channels
from twin.semantics.oncall.addresses import inbound_address
from twin.semantics.oncall.coverage import weeks
from twin.semantics.oncall.escalation import Find, next_level
from twin.semantics.oncall.rotation import instant

Record = Mapping[str, Any]
Problem = tuple[str, str, str, str]
"""Rule, subject, message and mend."""


def service_of(url: str, channels: Channels) -> tuple[Record, Record] | None:
    """Return the integration of an address with its service."""
    for service in channels.services:
        for one in service["integrations"]:
            if inbound_address(one["type"], one["integration_key"]) == url:
                return one, service
    return None


def service_problems(service: Record, channels: Channels, at: datetime) -> Iterator[Problem]:
    """Yield why a service does not page anybody, now or at some time of the coming year."""
    name = f"the PagerDuty service {service['name']}"
    if service["status"] == "disabled":
        yield "channel-service-disabled", service["id"], f"{name} is disabled", "enable it"
        return
    for window in channels.windows:
        within = instant(window["start_time"]) <= at < instant(window["end_time"])
        if within and any(one["id"] == service["id"] for one in window["services"]):
            message = f"{name} is in maintenance until {window['end_time']}"
            yield "channel-in-maintenance", service["id"], message, "end the maintenance window"
            return
    if service["incident_urgency_rule"].get("urgency") == "low":
        message = f"{name} is of low urgency, which wakes nobody and never escalates"
        yield "channel-low-urgency", service["id"], message, "make its urgency high"
    yield from _policy_problems(service, channels, at)


def _policy_problems(service: Record, channels: Channels, at: datetime) -> Iterator[Problem]:
    policy = channels.policies[service["escalation_policy"]["id"]]
    schedules = {key: _forward(one) for key, one in channels.schedules.items()}
    now = next_level(policy, 0, at, schedules.get)
    if now is None:
        message = f"nobody is on call by the policy {policy['name']}"
        yield "channel-nobody-on-call", policy["id"], message, "put somebody on its schedules"
        return
    if (found := next(_gaps(policy, at, schedules.get), None)) is not None:
        yield "channel-gap-on-call", policy["id"], *found
    people = {
        target for rule in range(len(policy["escalation_rules"])) for target in _level(policy, rule, at, schedules)
    }
    silent = sorted(key for key in people if not channels.users[key]["contact_methods"])
    if people and len(silent) == len(people):
        message = f"PagerDuty has no way to reach any of those on call by {policy['name']}"
        yield "channel-unreachable", policy["id"], message, "give them contact methods"


def _level(policy: Record, rule: int, at: datetime, schedules: Mapping[str, Record]) -> list[str]:
    one = {**policy, "escalation_rules": [policy["escalation_rules"][rule]], "num_loops": 0}
    found = next_level(one, 0, at, schedules.get)
    return found[1] if found is not None else []


def _gaps(policy: Record, at: datetime, schedule_of: Find) -> Iterator[tuple[str, str]]:
    """Yield a message and a mend for each week in which there are times without anybody."""
    for week in weeks(policy, at, schedule_of):
        gaps = [one for one in week if not one.covered]
        if gaps:
            lost = sum((one.end - one.start for one in gaps), timedelta())
            whole = week[-1].end - week[0].start
            message = f"for {_long(lost)} of {_long(whole)} nobody is on call by {policy['name']}"
            yield message, f"close the gap of its schedules that begins at {gaps[0].start:%Y-%m-%dT%H:%M:%SZ}"


def _long(time: timedelta) -> str:
    """Write a length of time: `112 h`, `20 min`, `1 h 20 min`, `30 s`."""
    seconds = int(time.total_seconds())
    parts = ((seconds // 3600, "h"), (seconds // 60 % 60, "min"), (seconds % 60, "s"))
    return " ".join(f"{count} {unit}" for count, unit in parts if count)


def _forward(schedule: Record) -> Record:
    """Return a schedule with its layers oldest first: PagerDuty shows them the other way round."""
    return {**schedule, "schedule_layers": schedule["schedule_layers"][::-1]}

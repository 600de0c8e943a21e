"""A page reaches a person: TW1021 and TW1023 for monitors that call nobody, TW1028 for services that wake nobody."""

from collections.abc import Iterator, Mapping

from twin.analysis.channels.paging import service_problems
from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding, Level
from twin.analysis.plan.paging import hour_of, planned_paging
from twin.analysis.plan.planned import Planned
from twin.resources.datadog.monitor import written_tags
from twin.resources.declaration import Declaration
from twin.resources.reference import whole
from twin.semantics.oncall.mentions import called, mentions
from twin.semantics.oncall.silence import covers, scope_tags
from twin.spec.suggest import nearest

LEVELS: Mapping[str, Level] = {"channel-nobody-on-call": "error", "channel-service-disabled": "error"}
FIELDS = {
    "channel-service-disabled": "disabled", "channel-low-urgency": "urgency", "channel-nobody-on-call": "levels",
    "channel-gap-on-call": "levels", "channel-unreachable": "levels",
}  # fmt: skip


def prove(case: Case) -> Iterator[Finding]:
    """Yield the monitors and services of a plan from which no way leads to a person, or not at every hour."""
    yield from _monitors(case.planned)
    yield from _downtimes(case.planned)
    channels, declared = planned_paging(case.planned)
    hour = hour_of(channels)
    for service in channels.services:
        if service["escalation_policy"]["id"] not in channels.policies:
            continue  # one that the plan does not make is taken to call somebody
        for kind, subject, message, mend in service_problems(service, channels, hour(service)):
            one = declared[subject]
            level = LEVELS.get(kind, "warning")
            yield Finding("TW1028", level, f"{one.address}: {message}", one, FIELDS[kind], mend=mend, about=kind)


def _monitors(planned: Planned) -> Iterator[Finding]:
    """Yield monitors that are muted, call nobody, or call a service that Datadog does not know."""
    known = {values["name"] for _, values in planned.of("datadog.pagerduty_service")}
    for one, values in planned.of("datadog.monitor"):
        message = values.get("message") or ""
        if values.get("muted"):
            yield Finding("TW1021", "error", f"{one.address}: the monitor is muted", one, "muted", mend="let it speak")
        elif not called(message):
            mend = "call somebody in its message, as in @pagerduty-NAME or @ops@acme.example"
            said = f"{one.address}: its message calls nobody when it alerts"
            yield Finding("TW1021", "error", said, one, "message", mend=mend)
        for name in sorted(mentions(message).services - known):
            close = nearest(name, known)
            mend = f"did you mean @pagerduty-{close}?" if close else "add a datadog.pagerduty_service of that name"
            said = f"{one.address}: Datadog knows no service {name} of PagerDuty"
            yield Finding("TW1023", "error", said, one, "message", mend=mend, about=name)


def _downtimes(planned: Planned) -> Iterator[Finding]:
    """Yield downtimes without an end that mute the whole of a monitor, from the instant on at which they begin."""
    for quiet, said in planned.of("datadog.downtime"):
        if said.get("end") is not None:
            continue
        for one, _ in planned.of("datadog.monitor"):
            if _on(planned, quiet, one):
                since = f" from {said['start']} on" if said.get("start") else ""
                message = f"{quiet.address}: it mutes {one.address} for good{since}"
                mend = "give the downtime an `end`, or a scope that leaves the monitor out"
                yield Finding("TW1021", "error", message, quiet, "scope", mend=mend, about=str(one.address))


def _on(planned: Planned, quiet: Declaration, monitor: Declaration) -> bool:
    """Tell whether a downtime is on all groups of a monitor of the plan; of a scope that says more nothing is known."""
    said, tags = planned.values(quiet), scope_tags(planned.values(quiet).get("scope") or "*")
    if said.get("monitor") is not None:
        target = whole(quiet.values["monitor"])
        if target is None or target.address != monitor.address:
            return False
    held = planned.scope.tags(monitor.address, planned.values(monitor).get("tags") or {})
    return tags is not None and covers(tags, said.get("monitor_tags") or (), tags=written_tags(held))

"""What Datadog watches: monitors, the services of PagerDuty that they call, and downtimes."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.resources.datadog.downtime import Downtime
from twin.resources.datadog.monitor import Monitor
from twin.resources.datadog.pagerduty_service import PagerDutyService
from twin.resources.declaration import Path
from twin.resources.pagerduty.service import Integration
from twin.spec.model.observability import Monitor as MonitorIntent

AT: Path = ("observability", "datadog")


def build(blueprint: Blueprint) -> None:
    """Declare the monitors, what they call, and when they keep quiet."""
    datadog = blueprint.org.observability.datadog
    if datadog is None:
        return
    called = {name: _service(blueprint, one.page) for name, one in datadog.monitors.items() if one.page}
    for name in dict.fromkeys(called.values()):
        _way_in(blueprint, name)
    for name, intent in datadog.monitors.items():
        _monitor(blueprint, name, intent, called.get(name))
    for name, quiet in datadog.downtimes.items():
        at: Path = (*AT, "downtimes", name)
        downtime = Downtime(
            scope=quiet.scope,
            monitor=ref("datadog.monitor", quiet.monitor) if quiet.monitor else None,
            monitor_tags=list(quiet.monitor_tags) or None,
            message=quiet.says,
            start=quiet.start,
            end=quiet.end,
        )
        places = {field: (*at, field) for field in ("scope", "monitor", "monitor_tags", "start", "end")}
        blueprint.add(name, downtime, at, {**places, "message": (*at, "says")})


def _service(blueprint: Blueprint, severity: str) -> str:
    on_call = blueprint.org.on_call
    assert on_call is not None, "a severity is one of `on_call`"
    return on_call.severities[severity].service


def _way_in(blueprint: Blueprint, service: str) -> None:
    """Declare a service of PagerDuty under the name by which monitors call it."""
    at: Path = ("on_call", "services", service)
    way_in = Integration(service=ref("pagerduty.service", service), name=blueprint.name(service, "datadog"))
    made = blueprint.add(f"{service}-datadog", way_in, at)
    name = blueprint.name(service)
    blueprint.add(service, PagerDutyService(name=name, integration=ref("pagerduty.integration", made.address.name)), at)


def _monitor(blueprint: Blueprint, name: str, intent: MonitorIntent, service: str | None) -> None:
    at: Path = (*AT, "monitors", name)
    called = [f"@pagerduty-{blueprint.name(service)}"] if service else []
    monitor = Monitor(
        name=intent.title or blueprint.name(name),
        query=intent.query,
        message=" ".join([*([intent.says] if intent.says else []), *called, *(f"@{one}" for one in intent.notify)]),
        tags=dict(intent.tags),
        warning=intent.warning,
        no_data_minutes=int(intent.no_data.total_seconds()) // 60 if intent.no_data else None,
        priority=intent.priority,
        muted=intent.muted,
    )
    places = {field: (*at, field) for field in ("query", "warning", "priority", "tags", "muted")}
    places |= {"name": (*at, "title"), "message": (*at, "says"), "no_data_minutes": (*at, "no_data")}
    blueprint.add(name, monitor, at, places)

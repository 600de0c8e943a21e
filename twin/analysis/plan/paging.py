"""PagerDuty as a plan would make it, in the shape in which its API shows it, so that both are judged alike."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from twin.analysis.plan.planned import Planned
from twin.observe.channels import Channels
from twin.resources.declaration import Declaration
from twin.resources.pagerduty.schedule import Layer, layer_request
from twin.semantics.oncall.coverage import weeks
from twin.semantics.oncall.rotation import instant

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
INBOUND = "_inbound_integration"


def planned_paging(planned: Planned) -> tuple[Channels, Mapping[str, Declaration]]:
    """Return services, policies, schedules and users, and the declaration of each service and policy by its id."""
    declared: dict[str, Declaration] = {}
    services, policies = [], dict[str, Any]()
    schedules = {one.address.name: _schedule(values) for one, values in planned.of("pagerduty.schedule")}
    ways = _ways_in(planned)
    for one, values in planned.of("pagerduty.service"):
        declared[f"service/{one.address.name}"] = one
        services.append(
            {
                "id": f"service/{one.address.name}",
                "name": values["name"],
                "status": "disabled" if values.get("disabled") else "active",
                "incident_urgency_rule": {"type": "constant", "urgency": values.get("urgency", "high")},
                "escalation_policy": {"id": f"policy/{values['escalation_policy']}"},
                "integrations": ways.get(one.address.name, []),
            }
        )
    for one, values in planned.of("pagerduty.escalation_policy"):
        id_ = f"policy/{one.address.name}"
        declared[id_] = one
        rules = [_rule(level, schedules) for level in values["levels"]]
        policies[id_] = {"id": id_, "name": values["name"], "num_loops": 0, "escalation_rules": rules}
    # A user of PagerDuty has an e-mail address from the start, so that there is always a way to reach one.
    rules = [rule for one in policies.values() for rule in one["escalation_rules"]]
    layers = [layer for one in schedules.values() for layer in one["schedule_layers"]]
    named = {target["id"] for rule in rules for target in rule["targets"]}
    named |= {turn["user"]["id"] for layer in layers for turn in layer["users"]}
    users = {id_: {"contact_methods": ["email"]} for id_ in sorted(named)}
    return Channels(services=tuple(services), policies=policies, schedules=schedules, users=users), declared


def _ways_in(planned: Planned) -> dict[str, list[dict[str, str]]]:
    """Return the integrations of each service; the name of one stands for its key, which nobody knows yet."""
    found: dict[str, list[dict[str, str]]] = {}
    for one, values in planned.of("pagerduty.integration"):
        kind = values.get("kind", "events_api_v2") + INBOUND
        found.setdefault(values["service"], []).append({"type": kind, "integration_key": one.address.name})
    return found


def hour_of(channels: Channels) -> Callable[[Mapping[str, Any]], datetime]:
    """Return what gives the instant at which a service is judged, since a plan is for no hour.

    It is the first at which somebody is on call, after all schedules have begun; else that beginning.
    """
    every = channels.schedules.values()
    begun = max((instant(layer["start"]) for one in every for layer in one["schedule_layers"]), default=EPOCH)
    layers = {key: {**one, "schedule_layers": one["schedule_layers"][::-1]} for key, one in channels.schedules.items()}

    def hour(service: Mapping[str, Any]) -> datetime:
        policy = channels.policies.get(service["escalation_policy"]["id"], {"escalation_rules": [], "num_loops": 0})
        stretches = (one for week in weeks(policy, begun, layers.get) for one in week)
        return next((one.start for one in stretches if one.covered), begun)

    return hour


def _rule(level: Mapping[str, Any], schedules: Mapping[str, Any]) -> dict[str, Any]:
    """Return a level; a schedule that the plan does not make is taken for somebody."""
    named = level.get("schedules") or ()
    targets = [{"id": id_, "type": "user_reference"} for id_ in level.get("users") or ()]
    targets += [{"id": id_, "type": f"{'schedule' if id_ in schedules else 'user'}_reference"} for id_ in named]
    return {"escalation_delay_in_minutes": level.get("minutes", 30), "targets": targets}


def _schedule(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule with its layers newest first."""
    layers = [{**layer_request(Layer(**layer)), "end": None} for layer in values["layers"]]
    return {"name": values["name"], "time_zone": values.get("time_zone", "UTC"), "schedule_layers": layers[::-1]}

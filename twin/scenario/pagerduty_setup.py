"""The PagerDuty account of a scenario: set up as it describes, or as the org's spec made it, always through the API."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from werkzeug.datastructures import Headers

from twin.scenario.on_call import Level, OnCall, PagedService, Person
from twin.scenario.stage import Stage
from twin.scenario.values import UnknownName
from twin.wire import Request
from twin.world.world import World

Record = Mapping[str, Any]
API = "https://api.pagerduty.com"


class Refusal(Exception):
    """PagerDuty refused a call; its argument is the reply."""


def ask(world: World, method: str, path: str, body: Any = None, *, by: str = "") -> Any:
    """Call PagerDuty's REST API with the account's key; Refusal when it does not do as it is told."""
    lines = [("Authorization", f"Token token={world.pagerduty.token}"), ("Content-Type", "application/json")]
    lines += [("From", by)] if by else []
    raw = b"" if body is None else json.dumps(body).encode()
    reply = world.handle(Request(method, f"{API}{path}", Headers(lines), raw))
    if reply.status >= 300:
        raise Refusal(f"{method} {path}: {reply.body.decode()}")
    return json.loads(reply.body) if reply.body else {}


def email_of(name: str) -> str:
    """Return the address of a person of a scenario."""
    return f"{name}@on-call.example"


def service_of_org(stage: Stage, name: str) -> str:
    """Return the id of a service that the org's spec made; Refusal when it made none of that name."""
    try:
        return str(stage.values[f"pagerduty.service.{name}.id"])
    except UnknownName:
        raise Refusal(f"the org's spec has no service {name}") from None


def responders(world: World) -> tuple[dict[str, Person], dict[str, str]]:
    """Return the people whom PagerDuty knows, and their addresses, by what stands before the @."""
    users: list[Record] = []
    more = True
    while more:
        page = ask(world, "GET", f"/users?limit=100&offset={len(users)}")
        users += page["users"]
        more = bool(page["more"])
    emails = {str(one["email"]).partition("@")[0]: str(one["email"]) for one in users}
    zones = {str(one["email"]): str(one["time_zone"]) for one in users}
    return {name: Person(time_zone=zones[email]) for name, email in emails.items()}, emails


def set_up(told: OnCall, stage: Stage) -> dict[str, str]:
    """Make people, schedules, policies and services; saves their addresses; returns the services' ids by name."""
    world = stage.world
    users = {name: _user(world, name, told) for name in told.people}
    services = {}
    for name, service in told.services.items():
        policy = _policy(stage, name, service, users)
        services[name] = _service(stage, name, service, policy)
    return services


def _user(world: World, name: str, told: OnCall) -> str:
    person = told.people[name]
    body = {"user": {"type": "user", "name": name, "email": email_of(name), "time_zone": person.time_zone}}
    user = ask(world, "POST", "/users", body)["user"]
    for method in () if person.reachable else user["contact_methods"]:
        ask(world, "DELETE", f"/users/{user['id']}/contact_methods/{method['id']}")
    return str(user["id"])


def _policy(stage: Stage, name: str, service: PagedService, users: Mapping[str, str]) -> str:
    rules = []
    for number, level in enumerate(service.levels, 1):
        schedule = _schedule(stage, f"{name} {number}", level, users)
        target = {"id": schedule, "type": "schedule_reference"}
        rules.append({"escalation_delay_in_minutes": int(level.after // 60), "targets": [target]})
    body = {"name": name, "num_loops": service.loops, "escalation_rules": rules}
    made = ask(stage.world, "POST", "/escalation_policies", {"escalation_policy": body})
    return str(made["escalation_policy"]["id"])


def _schedule(stage: Stage, name: str, level: Level, users: Mapping[str, str]) -> str:
    start = f"{stage.timeline.start - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
    layer: dict[str, Any] = {"start": start, "rotation_virtual_start": start}
    layer |= {"rotation_turn_length_seconds": int(level.turn)}
    layer["users"] = [{"user": {"id": users[one], "type": "user_reference"}} for one in level.people]
    if level.hours is not None:
        begin, length = level.restriction()
        clock = f"{begin // 3600:02d}:{begin // 60 % 60:02d}:00"
        layer["restrictions"] = [{"type": "daily_restriction", "start_time_of_day": clock, "duration_seconds": length}]
    body = {"schedule": {"name": name, "time_zone": "UTC", "schedule_layers": [layer]}}
    return str(ask(stage.world, "POST", "/schedules", body)["schedule"]["id"])


def _service(stage: Stage, name: str, service: PagedService, policy: str) -> str:
    urgency = {"type": "constant", "urgency": service.urgency}
    body: dict[str, Any] = {"name": name, "escalation_policy": {"id": policy}, "incident_urgency_rule": urgency}
    made = ask(stage.world, "POST", "/services", {"service": body | {"status": service.status}})["service"]
    path = f"/services/{made['id']}/integrations"
    kind = {"type": "aws_cloudwatch_inbound_integration", "name": "Amazon CloudWatch"}
    one = ask(stage.world, "POST", path, {"integration": kind})["integration"]
    stage.values.save(f"pagerduty.{name}.url", one["integration_url"])
    stage.values.save(f"pagerduty.{name}.key", one["integration_key"])
    if service.maintenance is not None:
        begins = stage.timeline.now()
        span = {
            "start_time": begins.isoformat(),
            "end_time": (begins + timedelta(seconds=service.maintenance)).isoformat(),
        }
        window = span | {"services": [{"id": made["id"], "type": "service_reference"}]}
        ask(stage.world, "POST", "/maintenance_windows", {"maintenance_window": window})
    return str(made["id"])

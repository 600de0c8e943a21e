"""Whatever a client sends to PagerDuty or Datadog, it is answered: each part of good bodies by each odd value."""

import copy
import json

import pytest
from werkzeug.datastructures import Headers

from twin.wire import Request

ODD = [None, True, 0, -1, 1.5, 10**30, "", "x", "\ud800", [], {}, [[]], [{}], [None], {"a": []}, ["x", "x"]]


def paths(value, at=()):
    """Yield the way to each part of a body."""
    yield at
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*at, key))


def replaced(body, at, odd):
    """Return a body with one part replaced."""
    if not at:
        return odd
    made = copy.deepcopy(body)
    held = made
    for key in at[:-1]:
        held = held[key]
    held[at[-1]] = odd
    return made


def pagerduty_bodies(shop):
    """Return good requests to PagerDuty."""
    user, service = {"id": shop.ada["id"], "type": "user_reference"}, {"id": shop.service["id"]}
    night = {
        "type": "weekly_restriction",
        "start_time_of_day": "20:00:00",
        "duration_seconds": 60,
        "start_day_of_week": 1,
    }
    start = "2026-03-01T00:00:00Z"
    layer = {"start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": 60, "end": None}
    layer |= {"users": [{"user": user}], "restrictions": [night]}
    rule = {"escalation_delay_in_minutes": 5, "targets": [user]}
    window = {"start_time": start, "end_time": "2027-01-01T00:00:00Z", "services": [service]}
    yield "/users", {"user": {"name": "Eve", "email": "eve@acme.example", "role": "user", "time_zone": "UTC"}}
    yield f"/users/{shop.ada['id']}/contact_methods", {"contact_method": {"type": "sms_contact_method", "address": "1"}}
    yield "/teams", {"team": {"name": "a", "description": "b"}}
    yield "/schedules", {"schedule": {"name": "s", "time_zone": "UTC", "schedule_layers": [layer]}}
    yield "/escalation_policies", {"escalation_policy": {"name": "p", "num_loops": 1, "escalation_rules": [rule]}}
    policy = {"id": shop.policy["id"]}
    urgency = {"type": "constant", "urgency": "high"}
    yield "/services", {"service": {"name": "n", "escalation_policy": policy, "incident_urgency_rule": urgency}
                        | {"auto_resolve_timeout": 60, "acknowledgement_timeout": 60}}  # fmt: skip
    yield f"/services/{service['id']}/integrations", {"integration": {"type": "events_api_v2_inbound_integration"}}
    yield "/maintenance_windows", {"maintenance_window": window}
    incident = {"title": "t", "service": service, "urgency": "high", "assignments": [{"assignee": user}]}
    yield "/incidents", {"incident": incident | {"incident_key": "k", "priority": {"id": "x"}}}


def test_pagerduty_answers_whatever_comes(call, shop):
    """No odd part of a body is more than a refusal, and time goes on after it."""
    for path, body in pagerduty_bodies(shop):
        for at in paths(body):
            for odd in ODD:
                headers = {"Authorization": f"Token token={call.token}", "From": "ada@acme.example"}
                call.send("POST", f"https://api.pagerduty.com{path}", replaced(body, at, odd), headers)
                assert call.last.status in (200, 201, 400), (path, at, odd)
    shop.pass_(hours=1)
    assert call("GET", "/users")["users"]


def test_events_are_answered_whatever_comes(call, shop):
    """The Events API refuses what it cannot read."""
    payload = {"summary": "s", "source": "x", "severity": "critical", "custom_details": {"a": 1}}
    for action in ("trigger", "acknowledge"):
        body = {"routing_key": shop.key, "event_action": action, "dedup_key": "d", "payload": payload}
        for at in paths(body):
            for odd in ODD:
                call.send("POST", "https://events.pagerduty.com/v2/enqueue", replaced(body, at, odd))
                assert call.last.status in (202, 400), (at, odd)


DATADOG = [
    ("/api/v1/monitor", {"type": "query alert", "query": "avg(last_5m):sum:a{b:c} > 5", "name": "n", "message": "m",
                         "tags": ["t"], "priority": 1, "options": {"thresholds": {"critical": 5, "warning": 3},
                         "notify_no_data": True, "no_data_timeframe": 10, "evaluation_delay": 60}}),
    ("/api/v2/series", {"series": [{"metric": "a", "tags": ["b:c"], "points": [{"timestamp": 1772366400, "value": 7}],
                                    "resources": [{"name": "h", "type": "host"}]}]}),
    ("/api/v1/series", {"series": [{"metric": "a", "host": "h", "points": [[1772366400, 7]]}]}),
    ("/api/v2/logs/events/search", {"filter": {"query": "*", "from": "now-5m", "to": "now"}, "sort": "timestamp",
                                    "page": {"limit": 5, "cursor": "1"}}),
    ("/api/v1/downtime", {"scope": ["*"], "monitor_tags": ["*"], "start": 1772366400, "end": 1772366500}),
    ("/api/v1/events", {"title": "t", "text": "x", "tags": ["a"], "alert_type": "info", "date_happened": 1}),
    ("/api/v1/integration/pagerduty/configuration/services", {"service_name": "a", "service_key": "b"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "body"), DATADOG, ids=[path for path, _ in DATADOG])
def test_datadog_answers_whatever_comes(world, clock, path, body):
    """No odd part of a body is more than a refusal, and monitors are evaluated after it."""
    keys = {"DD-API-KEY": world.datadog.api_key, "DD-APPLICATION-KEY": world.datadog.app_key}
    headers = Headers(list({"Content-Type": "application/json", **keys}.items()))
    for at in paths(body):
        for odd in ODD:
            raw = json.dumps(replaced(body, at, odd)).encode()
            reply = world.handle(Request("POST", f"https://api.datadoghq.com{path}", headers, raw))
            assert reply.status in (200, 201, 202, 400), (at, odd, reply.body)
    clock.advance(1200)
    world.settle()

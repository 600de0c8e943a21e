"""The Events API v2: monitoring tools trigger, acknowledge and resolve by a key of their own.

https://github.com/PagerDuty/api-schema (events-v2); https://v2.developer.pagerduty.com/docs/send-an-event-events-api-v2
shows the replies. What is accepted for a disabled service goes nowhere, and still is accepted.
"""

import json
from typing import Any

from twin.wire import Response
from twin.world.saas.pagerduty.errors import EventError, event_invalid
from twin.world.saas.pagerduty.figures import figure
from twin.world.saas.pagerduty.incident_life import acknowledge, opened, resolve, trigger
from twin.world.saas.pagerduty.state import ROUTER, Account, Record
from twin.world.saas.router import Hit, json_response

ACTIONS = ("trigger", "acknowledge", "resolve")
SEVERITIES = ("critical", "error", "warning", "info")
KEY_LENGTH = 32
LOW = ("warning", "info")


@ROUTER.route("POST", "/v2/enqueue")
def enqueue(account: Account, hit: Hit) -> Response:
    """Take an event for the integration of its routing key."""
    event = _event(hit)
    problems = _problems(event)
    if problems:
        raise event_invalid(*problems)
    key = event.get("dedup_key") or account.ids.hex(32)
    found = integration(account, event["routing_key"])
    _limited(account, event["routing_key"])
    if found is not None:
        _take(account, found[1], event, key)
    return json_response(202, {"status": "success", "message": "Event processed", "dedup_key": key})


def _event(hit: Hit) -> Record:
    if len(hit.request.body) > figure("event_bytes"):
        raise EventError(413, "invalid event", "Event object is too large", ["Event size exceeds 512 KB"])
    try:
        event = json.loads(hit.request.body)
    except ValueError as broken:
        problems = ["JSON parse error"]
        raise EventError(400, "Unrecognized object", "Event object format is unrecognized", problems) from broken
    if not isinstance(event, dict):
        raise EventError(400, "Unrecognized object", "Event object format is unrecognized", ["JSON parse error"])
    return event


def _problems(event: Record) -> list[str]:
    found = []
    routing, action, payload = event.get("routing_key"), event.get("event_action"), event.get("payload")
    if not isinstance(routing, str) or not routing:
        found.append("'routing_key' is missing or blank")
    elif len(routing) != KEY_LENGTH:
        found.append(f"Length of 'routing_key' is incorrect (should be {KEY_LENGTH} characters)")
    if action not in ACTIONS:
        found.append(f"'event_action' is invalid (should be one of the following: {', '.join(ACTIONS)})")
    key = event.get("dedup_key")
    if action in ACTIONS[1:] and not key:
        found.append("'dedup_key' is missing or blank")
    if key is not None and (not isinstance(key, str) or len(key) > figure("dedup_key_length")):
        found.append(f"'dedup_key' is invalid (should be a string of at most {figure('dedup_key_length')} characters)")
    if action == "trigger":
        found += _payload_problems(payload)
    elif not isinstance(payload, dict | None):
        found.append("'payload' is invalid (should be an object)")
    return found


def _payload_problems(payload: Any) -> list[str]:
    if not isinstance(payload, dict):
        return ["'payload' is missing or blank"]
    names = ("summary", "source", "severity")
    missing = [name for name in names if not isinstance(payload.get(name), str) or not payload[name]]
    found = [f"'payload.{name}' is missing or blank" for name in missing]
    if "severity" not in missing and payload["severity"] not in SEVERITIES:
        found.append(f"'payload.severity' is invalid (should be one of the following: {', '.join(SEVERITIES)})")
    return found


def integration(account: Account, key: str) -> tuple[Record, Record] | None:
    """Return the integration of a key with its service; None where the key is nobody's."""
    return next((found for found in account.integrations() if found[0]["integration_key"] == key), None)


def _limited(account: Account, key: str) -> None:
    within, _ = account.limits.spend(f"events:{key}", "events_per_minute", account.instant())
    if not within:
        raise EventError(429, "throttle exceeded", "Requests for this service are arriving too quickly.", [])


def _take(account: Account, service: Record, event: Record, key: str) -> None:
    via = {"type": "events_api_v2", "details": (event.get("payload") or {}).get("custom_details")}
    if event["event_action"] == "trigger":
        payload = event["payload"]
        told = {"title": payload["summary"][: figure("summary_length")], "incident_key": key}
        told["urgency"] = urgency(service, payload["severity"])
        trigger(account, service, told | {"body": None}, via=via)
        return
    held = opened(account, service["id"], key)
    if held is not None and event["event_action"] == "acknowledge":
        acknowledge(account, held, None, via=via)
    elif held is not None:
        resolve(account, held, None, via=via)


def urgency(service: Record, severity: str) -> str:
    """Return how urgent an event is for its service."""
    rule = str(service["incident_urgency_rule"]["urgency"])
    if rule == "severity_based":
        return "low" if severity in LOW else "high"
    return rule

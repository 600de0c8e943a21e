"""What PagerDuty sends to webhook subscriptions: one event at a time, signed, tried again, given up for a day.

https://developer.pagerduty.com/docs/webhooks-overview (payloads), .../webhooks-behavior (order, retries, temporary
disablement), .../verifying-webhook-signatures
"""

import hashlib
import hmac
import json
import string
from datetime import datetime, timedelta
from typing import Any

from twin.world.outbox import Answer, Post
from twin.world.reach_reasons import UNTRIED
from twin.world.saas.pagerduty.figures import figure, figures
from twin.world.saas.pagerduty.state import Account, Record, reference
from twin.world.saas.webhooks import CALLERS, Caller, Delivery, schedule

INCIDENT = (
    "acknowledged", "annotated", "delegated", "escalated", "priority_updated", "reassigned", "reopened", "resolved",
    "responder.added", "responder.replied", "status_update_published", "triggered", "unacknowledged",
)  # fmt: skip
EVENTS = (*(f"incident.{name}" for name in INCIDENT), "service.created", "service.deleted", "service.updated")
SHOWN = ("id", "status", "incident_key", "created_at", "title", "urgency")
TOO_MANY = 429


def fire(account: Account, event: str, data: Record, *, service: str, agent: str | None = None) -> None:
    """Queue an event for every subscription that wants it of this service."""
    for subscription in account.subscriptions.values():
        scope = subscription["filter"]
        wants = event in subscription["events"] and (scope["type"] == "account_reference" or scope["id"] == service)
        if wants and subscription["active"] and not disabled(account, subscription):
            told = reference(account, "user", agent) if agent else None
            _queue(account, subscription, _event(account, event, data, told))


def fire_incident(account: Account, what: str, incident: Record, *, agent: str | None = None) -> None:
    """Queue an event of an incident, as it stands now."""
    if account.subscriptions:
        data = incident_data(account, incident)
        fire(account, f"incident.{what}", data, service=incident["#service"], agent=agent)


def fire_service(account: Account, what: str, service: Record) -> None:
    """Queue an event of a service."""
    if account.subscriptions:
        told = reference(account, "service", service["id"]) | {"type": "service", "teams": []}
        data = told | {"alert_creation": service.get("alert_creation")}
        fire(account, f"service.{what}", data, service=service["id"])


def ping(account: Account, subscription: Record) -> None:
    """Queue the event by which an endpoint is tested."""
    data = {"message": "Hello from your friend Pagey!", "type": "ping"}
    _queue(account, subscription, _event(account, "pagey.ping", data, None))


def disabled(account: Account, subscription: Record) -> bool:
    """Tell whether a subscription is given up for now."""
    until = subscription["#disabled_until"]
    return until is not None and account.instant() < datetime.fromisoformat(until)


def incident_data(account: Account, incident: Record) -> Record:
    """Return an incident as webhooks show it."""
    told = reference(account, "incident", incident["id"]) | {name: incident[name] for name in SHOWN}
    del told["summary"]
    priority = incident["#priority"]
    return told | {
        "type": "incident",
        "number": incident["incident_number"],
        "service": reference(account, "service", incident["#service"]),
        "assignees": [reference(account, "user", key) for key in incident["#assignees"]],
        "escalation_policy": reference(account, "escalation_policy", incident["#policy"]),
        "teams": [],
        "priority": reference(account, "priority", priority) if priority else None,
        "conference_bridge": None,
        "resolve_reason": None,
    }


def _event(account: Account, event: str, data: Record, agent: Record | None) -> Record:
    instant = account.instant()
    return {
        "id": "01" + account.ids.word(24, string.ascii_uppercase + string.digits),
        "event_type": event,
        "resource_type": event.partition(".")[0],
        "occurred_at": f"{instant:%Y-%m-%dT%H:%M:%S}.{instant.microsecond // 1000:03d}Z",
        "agent": agent,
        "client": None,
        "data": data,
    }


def _queue(account: Account, subscription: Record, event: Record) -> None:
    """Put an event behind those that wait: a subscription gets them one after the other."""
    if len(subscription["#queue"]) >= figure("webhook_queue"):
        return
    key = account.ids.uuid()
    kept = {"subscription": subscription["id"], "event": event["event_type"]}
    account.deliveries[key] = kept | {"body": json.dumps({"event": event}, separators=(",", ":"), ensure_ascii=False)}
    subscription["#queue"].append(key)
    if len(subscription["#queue"]) == 1:
        schedule(account.agenda, "pagerduty", key, figure("webhook_delay"))


def due(account: Account, key: str) -> Delivery | None:
    """Return the request of a delivery; None when its subscription was deleted, or its queue was dropped."""
    kept = account.deliveries.get(key)
    subscription = account.subscriptions.get(kept["subscription"]) if kept else None
    if kept is None or subscription is None:
        account.deliveries.pop(key, None)
        return None
    body = kept["body"].encode()
    signature = hmac.new(subscription["#secret"].encode(), body, hashlib.sha256).hexdigest()
    sent = {one["name"]: one["value"] for one in subscription["#headers"]}
    sent |= {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "PagerDuty-Webhook/V3.0"}
    sent |= {"X-PagerDuty-Signature": f"v1={signature}", "X-Webhook-Id": key}
    sent |= {"X-Webhook-Subscription": subscription["id"]}
    post = Post(subscription["#url"], sent, body, timeout=figure("webhook_timeout"))
    return Delivery(post, subscription["id"], kept["event"])


def again(account: Account, key: str, attempt: int, answer: Answer) -> float | None:
    """Return after how long a delivery is tried again; what is dropped three times in a row costs a day."""
    passing = answer.status == 0 or answer.status == TOO_MANY or answer.status >= 500
    delays = figures("webhook_retries")
    if not answer.good and answer.reason not in UNTRIED and passing and attempt < len(delays):
        return float(delays[attempt])
    # The subscription may have gone, with its deliveries, while this one was on its way.
    kept = account.deliveries.pop(key, None)
    subscription = account.subscriptions.get(kept["subscription"]) if kept else None
    if subscription is not None:
        _concluded(account, subscription, answer)
    return None


def _concluded(account: Account, subscription: Record, answer: Answer) -> None:
    queue = subscription["#queue"]
    queue.pop(0)
    if answer.good:
        subscription["#dropped"] = 0
    elif answer.reason not in UNTRIED:
        subscription["#dropped"] += 1
    if subscription["#dropped"] >= figure("webhook_strikes"):
        until: Any = account.instant() + timedelta(seconds=figure("webhook_disabled"))
        subscription |= {"#disabled_until": until.isoformat(), "#dropped": 0}
        for key in queue:
            account.deliveries.pop(key)
        queue.clear()
        account.tell("pagerduty.webhook.disabled", subscription=subscription["id"])
    if queue:
        schedule(account.agenda, "pagerduty", queue[0], 0)


CALLERS["pagerduty"] = Caller(due, again)

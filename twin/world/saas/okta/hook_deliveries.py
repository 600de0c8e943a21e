"""What Okta sends to event hooks: events of a short time in one request, tried once more when nobody took it.

https://developer.okta.com/docs/concepts/event-hooks/
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.agenda import Agenda
from twin.world.outbox import Answer, Post
from twin.world.reach_reasons import UNTRIED
from twin.world.saas.okta.state import Org, Record
from twin.world.saas.webhooks import CALLERS, Caller, Delivery, schedule


@cache
def data() -> dict[str, Any]:
    """Return the figures, and the event types that a hook may ask for."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "event_hooks.json").read_text())
    return found


def figure(name: str) -> int:
    """Return a figure: a count, or seconds."""
    told = data()["figures"][name]
    return int(told.get("seconds", told.get("value")))


def hook_headers(hook: Record) -> dict[str, str]:
    """Return what Okta sends with every request to a hook: its secret and the headers that its owner added."""
    config = hook["channel"]["config"]
    scheme = config.get("authScheme") or {}
    secret = {scheme["key"]: hook["#secret"]} if scheme.get("key") and hook["#secret"] else {}
    return {one["key"]: one["value"] for one in config["headers"]} | secret


def gather(org: Org, event: Record) -> None:
    """Put an event aside for the hooks that ask for its type; each is called a little later, for all that came."""
    for hook in org.event_hooks.values():
        listens = (hook["status"], hook["verificationStatus"]) == ("ACTIVE", "VERIFIED")
        if not listens or event["eventType"] not in hook["events"]["items"] or not isinstance(org.clock, Agenda):
            continue
        if not hook["#gathered"]:
            key = org.ids.uuid()
            hook["#batch"] = key
            schedule(org.clock, "okta", key, figure("gathered"))
        hook["#gathered"].append(event)


def due(org: Org, key: str) -> Delivery | None:
    """Return the request of a batch; None when its hook was deleted or stands still."""
    batch = org.hook_batches.get(key) or _closed(org, key)
    hook = org.event_hooks.get(batch["hook"]) if batch else None
    if batch is None or hook is None or hook["status"] != "ACTIVE":
        org.hook_batches.pop(key, None)
        return None
    sent = {"Accept": "application/json", "Content-Type": "application/json"} | hook_headers(hook)
    post = Post(hook["channel"]["config"]["uri"], sent, batch["body"].encode(), timeout=figure("timeout"))
    return Delivery(post, hook["id"], ",".join(batch["types"]))


def _closed(org: Org, key: str) -> Record | None:
    """Close the batch that a hook gathered, and keep what is sent of it until somebody took it."""
    hook = next((one for one in org.event_hooks.values() if one["#batch"] == key), None)
    if hook is None or not hook["#gathered"]:
        return None
    events, hook["#gathered"], hook["#batch"] = hook["#gathered"], [], ""
    told = {
        "eventType": "com.okta.event_hook",
        "eventTypeVersion": "1.0",
        "cloudEventsVersion": "0.1",
        "source": f"{org.url}/api/v1/eventHooks/{hook['id']}",
        "eventId": key,
        "data": {"events": events},
        "eventTime": org.now(),
        "contentType": "application/json",
    }
    types = list(dict.fromkeys(event["eventType"] for event in events))
    org.hook_batches[key] = {"hook": hook["id"], "types": types, "body": json.dumps(told, separators=(",", ":"))}
    return org.hook_batches[key]


def again(org: Org, key: str, attempt: int, answer: Answer) -> float | None:
    """Return after how long a batch is sent once more; one that is given up stands in the log."""
    final = answer.good or 400 <= answer.status < 500 or attempt >= figure("retries") or answer.reason in UNTRIED
    if not final:
        return float(figure("retry_after"))
    batch = org.hook_batches.pop(key, None)
    if batch and not answer.good and answer.reason not in UNTRIED:
        _failed(org, org.event_hooks.get(batch["hook"]), answer)
    return None


def _failed(org: Org, hook: Record | None, answer: Answer) -> None:
    from twin.world.saas.okta.log_events import record_failure, target

    if hook is not None:
        why = f"HTTP status {answer.status}" if answer.status else answer.reason
        record_failure(org, "event_hook.delivery", target("EventHook", hook), reason=why)


CALLERS["okta"] = Caller(due, again)

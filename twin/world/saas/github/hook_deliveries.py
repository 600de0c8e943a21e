"""What GitHub sends to a repository's webhooks: each event once, signed; what failed is sent again only when asked.

https://docs.github.com/en/webhooks/webhook-events-and-payloads (headers),
https://docs.github.com/en/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from urllib.parse import urlencode

from twin.world.outbox import Answer, Post
from twin.world.reach_reasons import UNTRIED
from twin.world.saas.github.figures import figure
from twin.world.saas.github.state import Hub, Record, Repository
from twin.world.saas.webhooks import CALLERS, Caller, Delivery, schedule

AGENT = "GitHub-Hookshot/044aadd"
FORM = "application/x-www-form-urlencoded"
# What the list of deliveries says of one to which nothing answered; the codes are assumed.
SILENT = {"timeout": (504, "timed out"), "unreachable": (502, "failed to connect to host")}


def wanting(repo: Repository, event: str) -> list[Record]:
    """Return the hooks of a repository that want an event."""
    hooks = repo.hooks.values()
    return [one for one in hooks if one["active"] and (event in one["events"] or "*" in one["events"])]


def send(hub: Hub, repo: Repository, hook: Record, event: str, payload: Record) -> None:
    """Have an event brought to one hook."""
    made = {"hook": hook["id"], "event": event, "action": payload.get("action"), "guid": hub.ids.uuid()}
    _deliver(hub, repo, made | {"payload": payload, "redelivery": False})


def resend(hub: Hub, repo: Repository, delivery: Record) -> None:
    """Have a delivery made once more, under the same GUID."""
    kept = {name: delivery[name] for name in ("hook", "event", "action", "guid", "payload")}
    _deliver(hub, repo, kept | {"redelivery": True})


def _deliver(hub: Hub, repo: Repository, made: Record) -> None:
    key = str(hub.new_id())
    _forget(hub, repo)
    repo.deliveries[key] = made | {"id": int(key), "at": None, "sent": {}, "answer": None}
    schedule(hub.agenda, "github", f"{repo.full_name}#{key}", figure("hook_delay"))


def _forget(hub: Hub, repo: Repository) -> None:
    """Drop deliveries that the list shows no longer."""
    oldest = hub.instant() - timedelta(seconds=figure("hook_deliveries_kept"))
    for key, one in list(repo.deliveries.items()):
        if one["at"] is not None and datetime.fromisoformat(one["at"]) < oldest:
            del repo.deliveries[key]


def kept(hub: Hub, repo: Repository, hook: int) -> list[Record]:
    """Return the deliveries of a hook that were made, newest first."""
    _forget(hub, repo)
    return [one for one in reversed(repo.deliveries.values()) if one["hook"] == hook and one["at"] is not None]


def _named(hub: Hub, key: str) -> tuple[Repository, Record] | None:
    name, _, number = key.partition("#")
    repo = hub.repositories.get(name.lower())
    found = repo.deliveries.get(number) if repo is not None else None
    return (repo, found) if repo is not None and found is not None else None


def due(hub: Hub, key: str) -> Delivery | None:
    """Return the request of a delivery; None when its repository or its hook was deleted."""
    found = _named(hub, key)
    if found is None or found[1]["hook"] not in found[0].hooks:
        return None
    repo, made = found
    hook = repo.hooks[made["hook"]]
    text = json.dumps(made["payload"], separators=(",", ":"), ensure_ascii=False)
    form = hook["config"]["content_type"] == "form"
    body = (urlencode({"payload": text}) if form else text).encode()
    sent = {"Accept": "*/*", "User-Agent": AGENT, "Content-Type": FORM if form else "application/json"}
    sent |= {"X-GitHub-Event": made["event"], "X-GitHub-Delivery": made["guid"]}
    sent |= {"X-GitHub-Hook-ID": str(hook["id"]), "X-GitHub-Hook-Installation-Target-Type": "repository"}
    sent |= {"X-GitHub-Hook-Installation-Target-ID": str(repo.id)}
    if secret := hook["#secret"].encode():
        sent["X-Hub-Signature"] = f"sha1={hmac.new(secret, body, hashlib.sha1).hexdigest()}"
        sent["X-Hub-Signature-256"] = f"sha256={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    made |= {"sent": sent, "at": hub.now(), "began": hub.instant().timestamp(), "url": hook["config"]["url"]}
    post = Post(hook["config"]["url"], sent, body, timeout=figure("hook_timeout"))
    return Delivery(post, str(hook["id"]), made["event"])


def again(hub: Hub, key: str, _attempt: int, answer: Answer) -> float | None:
    """Note what came of a delivery; GitHub tries nothing again by itself."""
    found = _named(hub, key)
    if found is None:
        return None
    repo, made = found
    code, status = answer.status, "OK" if answer.good else f"Invalid HTTP Response: {answer.status}"
    if not code:
        code, status = SILENT.get(answer.reason, (0, f"TwinUndeliverable: {answer.reason}"))
    body = answer.body.decode("utf-8", "replace") if answer.status else None
    made["answer"] = {"code": code, "status": status, "headers": dict(answer.headers), "payload": body}
    made["duration"] = round(hub.instant().timestamp() - made["began"], 2)
    hook = repo.hooks.get(made["hook"])
    if hook is not None and answer.reason not in UNTRIED:
        hook["last_response"] = {
            "code": code,
            "status": "active" if answer.good else "misconfigured",
            "message": status,
        }
    return None


CALLERS["github"] = Caller(due, again)

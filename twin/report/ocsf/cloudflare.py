"""Cloudflare's audit log: API Activity."""

from typing import Any

from twin.observe.happenings import Happening
from twin.report.ocsf.classes import (
    API,
    CREATE,
    DELETE,
    FAILURE,
    INFORMATIONAL,
    LOW,
    OTHER,
    READ,
    SUCCESS,
    UPDATE,
    Product,
    Told,
    endpoint,
    event,
)  # fmt: skip
from twin.report.ocsf.original import Original

WORDS = {CREATE: ("create", "add", "issue"), DELETE: ("delete", "remove", "purge", "revoke"),
         UPDATE: ("update", "change", "set", "edit", "enable", "disable", "rotate", "roll", "roll_token"),
         READ: ("view", "read", "get", "list")}  # fmt: skip


def form(one: Happening) -> dict[str, Any]:
    """Return one entry."""
    original = Original(one.detail)
    take = original.take
    action, ended = str(take("action", "type") or ""), SUCCESS if take("action", "result") else FAILURE
    kind, thing = str(take("resource", "type") or ""), take("resource", "id")
    who, email = take("actor", "id"), take("actor", "email")
    typed = str(take("actor", "type") or "Unknown")
    person = typed == "user"
    operation = f"{kind}:{action}"
    parts = {
        "actor": {"user": {
            "uid": who, "name": email or who or typed, "email_addr": email,
            "type_id": 1 if person else OTHER, "type": "User" if person else typed,
        }},
        "api": {"operation": operation, "service": {"name": "cloudflare"}},
        "cloud": {"provider": "Cloudflare", "account": {"uid": take("owner", "id"), "type": "Other", "type_id": OTHER}},
        "src_endpoint": endpoint(take("actor", "ip"), "cloudflare"),
        "resources": [{"uid": thing, "type": kind}] if thing else [],
        "message": take("action", "info"),
    }  # fmt: skip
    word = action.lower().rpartition("_")[2]
    activity = next((number for number, words in WORDS.items() if word in words), OTHER)
    told = Told(API, activity, operation, INFORMATIONAL if ended == SUCCESS else LOW, ended)
    product = Product("Cloudflare", "Audit Logs", take("id"), take("when"), ("cloud",))
    return event(one, told, product, parts, left=original)

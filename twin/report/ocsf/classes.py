"""OCSF's classes that the logs of an org fall into, and the attributes that every event has.

https://schema.ocsf.io/1.3.0/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from twin.observe.happenings import Happening
from twin.report.ocsf.original import Original, without_nothing

VERSION = "1.3.0"
OTHER = 99
UNKNOWN, SUCCESS, FAILURE = 0, 1, 2
STATUSES = {UNKNOWN: "Unknown", SUCCESS: "Success", FAILURE: "Failure", OTHER: "Other"}
INFORMATIONAL, LOW, MEDIUM, HIGH, CRITICAL = range(1, 6)
SEVERITIES = {
    INFORMATIONAL: "Informational", LOW: "Low", MEDIUM: "Medium", HIGH: "High", CRITICAL: "Critical",
}  # fmt: skip
OBSERVABLES = {"hostname": (1, "Hostname"), "ip": (2, "IP Address"), "user": (4, "User Name"),
               "email": (5, "Email Address"), "resource": (10, "Resource UID")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Class:
    """A class of events: its number, its category, and the activities that are told apart in it."""

    uid: int
    name: str
    category: str
    activities: Mapping[int, str]


BASE = Class(0, "Base Event", "Uncategorized", {})
DETECTION = Class(2004, "Detection Finding", "Findings", {1: "Create", 2: "Update", 3: "Close"})
ACCOUNT = Class(
    3001, "Account Change", "Identity & Access Management",
    {1: "Create", 2: "Enable", 3: "Password Change", 4: "Password Reset", 5: "Disable", 6: "Delete", 7: "Attach Policy",
     8: "Detach Policy", 9: "Lock", 10: "MFA Factor Enable", 11: "MFA Factor Disable"},
)  # fmt: skip
AUTHENTICATION = Class(3002, "Authentication", "Identity & Access Management", {1: "Logon", 2: "Logoff"})
NETWORK = Class(
    4001, "Network Activity", "Network Activity",
    {1: "Open", 2: "Close", 3: "Reset", 4: "Fail", 5: "Refuse", 6: "Traffic"},
)  # fmt: skip
API = Class(6003, "API Activity", "Application Activity", {1: "Create", 2: "Read", 3: "Update", 4: "Delete"})
CREATE, READ, UPDATE, DELETE, LOGON, LOGOFF = 1, 2, 3, 4, 1, 2


@dataclass(frozen=True, slots=True)
class Told:
    """How an event is classed: the activity (99 with its vendor's name for it), how grave it is, how it ended."""

    kind: Class
    activity: int
    named: str
    severity: int = INFORMATIONAL
    status: int = UNKNOWN
    code: Any = None
    detail: Any = None


@dataclass(frozen=True, slots=True)
class Product:
    """Whose log it is; `profiles` are OCSF's, `uid` and `time` the event's as the vendor wrote them."""

    vendor: str
    name: str
    uid: Any
    time: Any
    profiles: tuple[str, ...] = ()
    log: str = ""


def event(
    one: Happening, told: Told, product: Product, parts: Mapping[str, Any], *, left: Original
) -> dict[str, Any]:  # fmt: skip
    """Return an event with what its class wants of it, its own parts, and what is left of the original."""
    kind = told.kind
    body = {
        "activity_id": told.activity,
        "activity_name": kind.activities.get(told.activity, told.named),
        "category_uid": kind.uid // 1000,
        "category_name": kind.category,
        "class_uid": kind.uid,
        "class_name": kind.name,
        "type_uid": kind.uid * 100 + told.activity,
        "type_name": f"{kind.name}: {kind.activities.get(told.activity, 'Other')}",
        "severity_id": told.severity,
        "severity": SEVERITIES[told.severity],
        "status_id": told.status,
        "status": STATUSES[told.status],
        "status_code": told.code,
        "status_detail": told.detail,
        "time": millis(one.time),
        "metadata": {
            "version": VERSION,
            "product": {"vendor_name": product.vendor, "name": product.name},
            "log_name": product.log,
            "uid": product.uid,
            "original_time": product.time,
            "event_code": told.named,
            "profiles": list(product.profiles),
        },
        **parts,
    }
    made: dict[str, Any] = without_nothing({**body, "observables": observables(parts), "unmapped": left.rest()})
    return made


def observables(parts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what an analyst looks for across events: addresses, names of users, resources, each with its place."""
    source, user, actor = (parts.get(name) or {} for name in ("src_endpoint", "user", "actor"))
    caller = actor.get("user") or {}
    found = [
        ("src_endpoint.ip", "ip", source.get("ip")),
        ("src_endpoint.hostname", "hostname", source.get("hostname")),
        ("dst_endpoint.ip", "ip", (parts.get("dst_endpoint") or {}).get("ip")),
        ("actor.user.name", "user", caller.get("name")),
        ("actor.user.email_addr", "email", caller.get("email_addr")),
        ("user.name", "user", user.get("name")),
        ("user.email_addr", "email", user.get("email_addr")),
        *(
            (f"evidences[{place}].src_endpoint.ip", "ip", (one.get("src_endpoint") or {}).get("ip"))
            for place, one in enumerate(parts.get("evidences") or ())
        ),
        *(("resources.uid", "resource", one.get("uid")) for one in parts.get("resources") or ()),
    ]
    return [
        {"name": name, "type_id": OBSERVABLES[kind][0], "type": OBSERVABLES[kind][1], "value": value}
        for name, kind, value in found
        if value
    ]


def millis(time: datetime | str | None) -> int | None:
    """Return an instant in milliseconds since 1970, as OCSF tells time."""
    if not time:
        return None
    read = datetime.fromisoformat(time) if isinstance(time, str) else time
    return round(read.timestamp() * 1000)


def endpoint(address: Any, service: str) -> dict[str, Any]:
    """Return where a call came from: an address, a service's name; the log's own service where it tells nothing."""
    text = str(address or "")
    if not text:
        return {"svc_name": service}
    numeric = text.replace(".", "").isdigit() or ":" in text
    return {"ip": text} if numeric else {"hostname": text}

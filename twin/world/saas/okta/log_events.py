"""Events of the System Log: who did what to whom, from where, in Okta's own words.

https://developer.okta.com/docs/reference/api/system-log/
"""

import json
from hashlib import sha256
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from twin.world.saas.okta.hook_deliveries import gather
from twin.world.saas.okta.rate_limits import Spent
from twin.world.saas.okta.state import Caller, Org, Record

TITLES: dict[str, str] = json.loads((Path(__file__).parent / "data" / "event_types.json").read_text())["titles"]
SYSTEM = {
    "id": "okta",
    "type": "SystemPrincipal",
    "alternateId": "system@okta.com",
    "displayName": "Okta System",
    "detailEntry": None,
}
SUCCESS = {"result": "SUCCESS", "reason": None}
NO_AUTHENTICATION = dict.fromkeys(
    ("authenticationProvider", "credentialProvider", "credentialType", "issuer", "interface")
)
NO_REPUTATION = dict.fromkeys(("asNumber", "asOrg", "isp", "domain", "isProxy"))


def record(
    org: Org,
    event_type: str,
    *targets: Record,
    debug: Record | None = None,
    rule: str = "",
    by: Record | None = None,
    outcome: Record | None = None,
) -> None:
    """Append an event by the current actor; `targets` come from `target`, `rule` is a group rule that acted itself.

    `by` is another actor, in the form of a target; an `outcome` that is no success makes the event a warning.
    """
    extra = dict(debug or {})
    if rule:
        extra["triggeredByGroupRuleId"] = rule
    actor = by or (SYSTEM if rule else _actor(org))
    result = outcome or SUCCESS
    severity = "WARN" if result["result"] in ("FAILURE", "DENY") else "INFO"
    _append(org, event_type, actor=actor, targets=targets, outcome=result, severity=severity, debug=extra)


def outcome_of(result: str, reason: str | None = None) -> Record:
    """Return an outcome: SUCCESS, FAILURE, ALLOW, DENY or CHALLENGE, with its reason."""
    return {"result": result, "reason": reason}


def record_failure(org: Org, event_type: str, *targets: Record, reason: str) -> None:
    """Append an event of something that was refused, with the vendor's code for it."""
    outcome = {"result": "FAILURE", "reason": reason}
    _append(org, event_type, actor=_actor(org), targets=targets, outcome=outcome, severity="WARN", debug={})


def record_rate_limit(org: Org, spent: Spent, kind: str) -> None:
    """Append the event of a bucket that is nearly (`warning`) or wholly (`violation`) used up."""
    pattern = spent.bucket.partition(" ")[2]
    scope = {"id": pattern, "type": "URL Pattern", "alternateId": None, "displayName": None, "detailEntry": None}
    outcome = SUCCESS if kind == "warning" else {"result": "DENY", "reason": "Too many requests"}
    debug = {
        "threshold": str(spent.limit),
        "timeSpan": "1",
        "timeUnit": "MINUTES",
        "rateLimitScopeType": "ORG",
        "rateLimitSecondsToReset": str(spent.reset - int(org.clock.now().timestamp())),
    }
    event_type = f"system.org.rate_limit.{kind}"
    _append(org, event_type, actor=_actor(org), targets=(scope,), outcome=dict(outcome), severity="WARN", debug=debug)


def _append(
    org: Org,
    event_type: str,
    *,
    actor: Record,
    targets: tuple[Record, ...],
    outcome: Record,
    severity: str,
    debug: Record,
) -> None:
    caller, data = org.caller, {"requestId": org.request_id, "requestUri": org.caller.path, "url": org.caller.url}
    event = {
        "actor": dict(actor),
        "client": _client(caller),
        "authenticationContext": {
            **NO_AUTHENTICATION,
            "authenticationStep": 0,
            "externalSessionId": f"trs{org.request_id[:22]}",
        },
        "displayMessage": TITLES[event_type],
        "eventType": event_type,
        "outcome": dict(outcome),
        "published": org.now(),
        "securityContext": dict(NO_REPUTATION),
        "severity": severity,
        "debugContext": {"debugData": data | debug},
        "legacyEventType": None,
        "transaction": {"type": "WEB", "id": org.request_id, "detail": _token(org)},
        "uuid": org.ids.uuid(),
        "version": "0",
        "request": {"ipChain": [_link(caller)]},
        "target": list(targets),
    }
    org.events.append(event)
    org.told.append(event)
    gather(org, event)


def _client(caller: Caller) -> Record:
    return {
        "userAgent": {"rawUserAgent": caller.agent, "os": "Unknown", "browser": "UNKNOWN"},
        "zone": "null",
        "device": "Unknown",
        "id": None,
        "ipAddress": caller.ip,
        "geographicalContext": None,
    }


def _link(caller: Caller) -> Record:
    version = f"V{ip_address(caller.ip).version}"
    return {"ip": caller.ip, "geographicalContext": None, "version": version, "source": None}


def _actor(org: Org) -> Record:
    if "clientId" in org.actor:
        return target("PublicClientApp", {"id": org.actor["app"], "label": org.actor["name"]})
    owner = org.users.get(org.actor.get("userId", ""))
    return target("User", owner) if owner else SYSTEM


def _token(org: Org) -> Record:
    return {"requestApiTokenId": org.actor["id"]} if "userId" in org.actor else {}


def _display(user: Record) -> str:
    profile = user["profile"]
    return f"{profile.get('firstName') or ''} {profile.get('lastName') or ''}".strip() or str(profile["login"])


def target(kind: str, subject: Record, **detail: Any) -> Record:
    """Return an event's target: its id, its class in the log's words, its names; `detail` becomes its detail entry."""
    if kind == "User":
        names = (subject["profile"]["login"], _display(subject))
    elif kind == "UserGroup":
        names = ("unknown", subject["profile"]["name"])
    else:
        label = str(subject.get("label") or subject.get("name") or subject["id"])
        known = {"AppInstance": label, "PublicClientApp": subject["id"]}
        names = (known.get(kind, "unknown"), label)
    shown = {"id": subject["id"], "type": kind, "alternateId": names[0], "displayName": names[1]}
    return shown | {"detailEntry": detail or None}


def policy_target(policy: Record) -> Record:
    """Return the target that stands for a policy, with its type."""
    return target("PolicyEntity", policy, policyType=policy["type"])


def app_user(app: Record, user: Record) -> Record:
    """Return the target that stands for a user in an app; its id follows from both."""
    digits = sha256(f"{app['id']}:{user['id']}".encode()).hexdigest()[:17]
    whole = target("User", user)
    return whole | {"id": f"0ua{digits}", "type": "AppUser"}

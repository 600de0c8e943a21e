"""A call in the words of both audit logs: version 1 has an entry per effect, version 2 one per call, failures too.

https://developers.cloudflare.com/fundamentals/account/account-security/audit-logs
"""

import copy
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from twin.wire import Response
from twin.world.saas.cloudflare.audit_changes import Area, Change, Holding, area_of, changes, holding
from twin.world.saas.cloudflare.envelope import second_stamp
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import PREFIX
from twin.world.saas.cloudflare.state import State, Token
from twin.world.saas.router import Hit
from twin.world.saas.stations import VendorCall

Entry = dict[str, Any]

CHANGES_LOG, ACTIONS_LOG = "audit_logs", "logs/audit"
TYPES = {"POST": "create", "PUT": "update", "PATCH": "update", "DELETE": "delete"}
CREDENTIAL_HEADERS = ("authorization", "proxy-authorization", "cookie")
SENDING = ("monitors", "pools")
HIDDEN = "[redacted]"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call that may change something, held while it is answered: who makes it, and what there was before."""

    state: State
    hit: Hit
    call: VendorCall
    token: Token
    area: Area
    before: Holding
    zone: Mapping[str, str] | None
    ray: str


def attempt(state: State, hit: Hit, call: VendorCall, *, ray: str) -> Attempt | None:
    """Return what the audit must know before a call is answered; None for one that only reads."""
    area = area_of(hit.operation)
    if area is None:
        return None
    zone = state.zones.get(hit.path.get("zone_id", ""))
    named = {"id": zone.id, "name": zone.name} if zone else None
    return Attempt(state, hit, call, hit.principal, area, holding(area, state, hit), named, ray)


def entries(made: Attempt, response: Response) -> Iterator[tuple[str, Entry]]:
    """Yield what the logs say of an answered call: pairs of a log and its entry, new to nobody else."""
    result = _result(response)
    zone = made.zone or _new_zone(made, result)
    for change in changes(made.before, holding(made.area, made.state, made.hit)):
        yield CHANGES_LOG, _masked(made, _change(made, change, zone))
    yield ACTIONS_LOG, _masked(made, _action(made, response, result, zone=zone))


def _result(response: Response) -> Any:
    return json.loads(response.body).get("result") if response.body else None


def _new_zone(made: Attempt, result: Any) -> Mapping[str, str] | None:
    if made.area.name == "zones" and isinstance(result, dict):
        return {"id": result["id"], "name": result["name"]}
    return None


def _scope(made: Attempt) -> str:
    return made.hit.operation.split(" ")[1].split("/")[1]


def _description(made: Attempt) -> str:
    return str(reference("audit", "descriptions")[made.hit.operation])


def _change(made: Attempt, change: Change, zone: Mapping[str, str] | None) -> Entry:
    state, token, words = made.state, made.token, made.area.words
    by_user = token.owner == "user"
    owner = state.user_id if by_user else state.account_id
    actor = {"id": owner, "email": state.user_email, "ip": made.call.source, "type": "user"}
    if not by_user:
        del actor["email"]
    metadata = {"scope": _scope(made), "token_id": token.id, "token_name": token.name}
    action = reference("audit", "actions").get(made.hit.operation, words[change.verb])
    entry: Entry = {
        "id": state.audit.ids.uuid(),
        "action": {"info": _description(made), "result": True, "type": action},
        "actor": actor,
        "interface": "API",
        "metadata": metadata,
        **_values(made, change, metadata),
        "owner": {"id": owner},
        "resource": {"id": change.id, "type": words["resource"]},
        "when": second_stamp(state.clock.now()),
    }
    if zone:
        metadata["zone_name"] = zone["name"]
        entry["zone"] = dict(zone)
    if made.area.name == "settings" and zone:
        entry["resource"]["id"] = zone["id"]
    return entry


def _values(made: Attempt, change: Change, metadata: dict[str, str]) -> Entry:
    """Return old and new value; those of a setting are single values, written as text beside its name."""
    if made.area.name != "settings":
        new, old = copy.deepcopy(change.new or {}), copy.deepcopy(change.old or {})
        return {"newValue": "", "newValueJson": new, "oldValue": "", "oldValueJson": old}
    new, old = _text(change.new), _text(change.old)
    metadata |= {"name": change.id, "value": new}
    return {"newValue": new, "newValueJson": {}, "oldValue": old, "oldValueJson": {}}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _action(made: Attempt, response: Response, result: Any, *, zone: Mapping[str, str] | None) -> Entry:
    state, call = made.state, made.call
    parts = urlsplit(call.request.url)
    path = parts.path.removeprefix(PREFIX)
    entry: Entry = {
        "id": state.audit.ids.uuid(),
        "account": {"id": state.account_id, "name": state.account_name},
        "action": {
            "description": _description(made),
            "result": "success" if response.status < 400 else "failure",
            "time": second_stamp(state.clock.now()),
            "type": TYPES[call.method],
        },
        "actor": _actor(made),
        "raw": {
            "cf_ray_id": made.ray,
            "method": call.method,
            "status_code": response.status,
            "uri": f"{path}?{parts.query}" if parts.query else path,
            "user_agent": call.user_agent,
        },
        "resource": {
            "id": _resource_id(made, result),
            "product": made.area.name,
            "request": _asked(made),
            "response": _answered(made, result),
            "scope": _scope(made),
            "type": made.area.words["resource"],
        },
    }
    return entry | ({"zone": dict(zone)} if zone else {})


def _actor(made: Attempt) -> Entry:
    state, token = made.state, made.token
    how = {"context": "api_token", "ip_address": made.call.source, "token_id": token.id, "token_name": token.name}
    if token.owner == "user":
        return {"id": state.user_id, "email": state.user_email, **how, "type": "user"}
    return {"id": state.account_id, **how, "type": "account"}


def _resource_id(made: Attempt, result: Any) -> str:
    if isinstance(result, dict) and isinstance(result.get("id"), str):
        return str(result["id"])
    return next(reversed(made.hit.path.values()), made.state.account_id)


def _asked(made: Attempt) -> Any:
    try:
        return made.hit.json() or {}
    except ValueError:
        # A body that is not JSON was refused for that; the entry has the refusal, not the bytes.
        return {}


def _answered(made: Attempt, result: Any) -> Any:
    if made.area.name == "tokens":
        # A new or rolled token's secret is shown to its owner once, and to nobody else.
        return {name: value for name, value in result.items() if name != "value"} if isinstance(result, dict) else {}
    return result if isinstance(result, dict | list) else {}


def _masked(made: Attempt, entry: Entry) -> Entry:
    """Return an entry without the values of headers that carry credentials, which monitors may be told to send."""
    if made.area.name not in SENDING:
        return entry
    masked: Entry = _redacted(entry)
    return masked


def _redacted(member: Any) -> Any:
    if isinstance(member, list):
        return [_redacted(inner) for inner in member]
    if not isinstance(member, dict):
        return member
    return {name: HIDDEN if name.lower() in CREDENTIAL_HEADERS else _redacted(value) for name, value in member.items()}

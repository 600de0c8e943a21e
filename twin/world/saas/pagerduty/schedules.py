"""Schedules: layers of people who take turns, and overrides of them.

https://developer.pagerduty.com/api-reference (schedules). A schedule is created with 200, not 201:
https://github.com/PagerDuty/api-schema/issues/497. Layers come back newest first, as PagerDuty's Terraform provider
has to turn them around.
"""

import re
from datetime import datetime, timedelta

from twin.semantics.oncall.rotation import instant, on_call
from twin.wire import Response
from twin.world.saas.pagerduty.body import check_zone, named, object_of, shaped, typed, wrapped
from twin.world.saas.pagerduty.errors import invalid, not_found
from twin.world.saas.pagerduty.paging import page, searched
from twin.world.saas.pagerduty.state import (
    API,
    ROUTER,
    Account,
    Record,
    find,
    pointed,
    reference,
    stamp,
    whole,
)
from twin.world.saas.router import Hit, json_response

YEAR = 365 * 24 * 3600
CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
RESTRICTIONS = ("daily_restriction", "weekly_restriction")


def _layers(account: Account, body: Record) -> list[Record]:
    given = body.get("schedule_layers")
    if not isinstance(given, list) or not given:
        raise invalid("Schedule layers can't be empty")
    return [_layer(account, layer, number) for number, layer in enumerate(given, 1)]


def _layer(account: Account, body: Record, number: int) -> Record:
    typed(body, users=list, restrictions=list, rotation_turn_length_seconds=int, start=str, rotation_virtual_start=str)
    users = [pointed(account, "user", (one or {}).get("user"), "User") for one in body.get("users") or ()]
    turn = body.get("rotation_turn_length_seconds") or 0
    if not users:
        raise invalid("Schedule layer users can't be empty")
    if not 0 < turn <= YEAR:
        raise invalid("Rotation turn length must be greater than 0 seconds and at most 365 days")
    layer: Record = {
        "id": body.get("id") or account.new_id(),
        "name": body.get("name") or f"Layer {number}",
        "start": body.get("start"),
        "end": body.get("end"),
        "rotation_virtual_start": body.get("rotation_virtual_start"),
        "rotation_turn_length_seconds": turn,
        "users": [{"user": {"id": key}} for key in users],
        "restrictions": body.get("restrictions") or [],
    }
    for name in ("start", "rotation_virtual_start", "end"):
        if layer[name] is not None or name != "end":
            _moment(layer[name], name)
    for one in layer["restrictions"]:
        _check_restriction(one)
    return layer


def _moment(value: object, name: str) -> datetime:
    try:
        return instant(str(value))
    except (ValueError, OverflowError) as broken:
        raise invalid(f"{name} is not a valid ISO8601 time") from broken


def _check_restriction(one: Record) -> None:
    if one.get("type") not in RESTRICTIONS:
        raise invalid(f"Restriction type must be one of {', '.join(RESTRICTIONS)}")
    weekly = one["type"] == "weekly_restriction"
    if weekly and one.get("start_day_of_week") not in range(1, 8):
        raise invalid("Restriction start day of week must be between 1 and 7")
    length, most = one.get("duration_seconds"), 7 * 86400 if weekly else 86400
    if not isinstance(length, int) or not 0 < length <= most:
        raise invalid(f"Restriction duration must be between 1 and {most} seconds")
    if not CLOCK.fullmatch(str(one.get("start_time_of_day"))):
        raise invalid("Restriction start time of day must be HH:MM:SS")


def _fields(account: Account, body: Record) -> Record:
    zone = body.get("time_zone")
    check_zone(str(zone))
    told = {"name": named(body), "time_zone": zone, "description": body.get("description")}
    return told | {"schedule_layers": _layers(account, body)}


def shown(account: Account, schedule: Record) -> Record:
    """Return a schedule with who is on it."""

    def layer(one: Record) -> Record:
        users = [{"user": reference(account, "user", held["user"]["id"])} for held in one["users"]]
        return {**one, "users": users}

    layers = [layer(one) for one in reversed(schedule["schedule_layers"])]
    keys = {held["user"]["id"]: None for one in schedule["schedule_layers"] for held in one["users"]}
    policies = [key for key, policy in account.policies.items() if schedule["id"] in _targets(policy)]
    return whole(account, "schedule", schedule) | {
        "schedule_layers": layers,
        "users": [reference(account, "user", key) for key in keys],
        "escalation_policies": [reference(account, "escalation_policy", key) for key in policies],
    }


def _targets(policy: Record) -> list[str]:
    return [target["id"] for rule in policy["escalation_rules"] for target in rule["targets"]]


@ROUTER.route("POST", "/schedules")
def create_schedule(account: Account, hit: Hit) -> Response:
    """Create a schedule."""
    schedule: Record = {"id": account.new_id(), **_fields(account, wrapped(hit, "schedule")), "#overrides": []}
    account.schedules[schedule["id"]] = schedule
    return json_response(201, {"schedule": shown(account, schedule)})


@ROUTER.route("GET", "/schedules")
def list_schedules(account: Account, hit: Hit) -> Response:
    """List schedules by name, without their layers."""
    rows = searched(hit, list(account.schedules.values()), "name")

    def brief(row: Record) -> Record:
        return {name: value for name, value in shown(account, row).items() if name != "schedule_layers"}

    return page(hit, rows, brief, "schedules")


@ROUTER.route("GET", "/schedules/<key>")
def get_schedule(account: Account, hit: Hit) -> Response:
    """Return one schedule; with `since` and `until`, who is on call in between."""
    schedule = find(account, "schedule", hit.path["key"])
    told = shown(account, schedule)
    if "since" in hit.query and "until" in hit.query:
        since, until = _moment(hit.query["since"], "since"), _moment(hit.query["until"], "until")
        told["final_schedule"] = _rendered(account, schedule, since, until)
    return json_response(200, {"schedule": told})


def _rendered(account: Account, schedule: Record, since: datetime, until: datetime) -> Record:
    """Return the shifts between two instants, found minute by minute at their borders."""
    if until <= since or until - since > timedelta(days=92):
        raise invalid("The date range must be between 0 and 3 months")
    shifts: list[Record] = []
    step, at = timedelta(minutes=30), since
    held = on_call(schedule, at, schedule["#overrides"])
    begun = at
    while at < until:
        after = min(at + step, until)
        found = on_call(schedule, after, schedule["#overrides"]) if after < until else None
        if after == until or found != held:
            edge = after if after == until else _edge(schedule, at, after)
            if held is not None:
                shifts.append({"start": stamp(begun), "end": stamp(edge), "user": reference(account, "user", held)})
            held, begun = found, edge
        at = after
    covered = sum((instant(one["end"]) - instant(one["start"])).total_seconds() for one in shifts)
    share = round(100 * covered / (until - since).total_seconds(), 2)
    return {"name": "Final Schedule", "rendered_coverage_percentage": share, "rendered_schedule_entries": shifts}


def _edge(schedule: Record, before: datetime, after: datetime) -> datetime:
    """Return when somebody else takes over between two instants, to the second."""
    first = on_call(schedule, before, schedule["#overrides"])
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        if on_call(schedule, middle, schedule["#overrides"]) == first:
            before = middle
        else:
            after = middle
    return after.replace(microsecond=0)


@ROUTER.route("PUT", "/schedules/<key>")
def update_schedule(account: Account, hit: Hit) -> Response:
    """Replace a schedule's layers; layers that are not sent any more end."""
    schedule, body = find(account, "schedule", hit.path["key"]), wrapped(hit, "schedule")
    schedule |= _fields(account, {**schedule, **body})
    return json_response(200, {"schedule": shown(account, schedule)})


@ROUTER.route("DELETE", "/schedules/<key>")
def delete_schedule(account: Account, hit: Hit) -> Response:
    """Delete a schedule that no escalation policy uses."""
    schedule = find(account, "schedule", hit.path["key"])
    if any(schedule["id"] in _targets(policy) for policy in account.policies.values()):
        raise invalid("Schedule can't be deleted if it's being used by escalation policies")
    del account.schedules[schedule["id"]]
    return Response(204)


def _override(account: Account, schedule: Record, one: Record) -> Record:
    user = reference(account, "user", one["user"]["id"])
    return {**one, "user": user, "self": f"{API}/schedules/{schedule['id']}/overrides/{one['id']}"}


@ROUTER.route("POST", "/schedules/<key>/overrides")
def create_override(account: Account, hit: Hit) -> Response:
    """Put somebody on call instead of who would be."""
    schedule, body = find(account, "schedule", hit.path["key"]), object_of(hit)
    found = []
    listed = body.get("overrides") or [body.get("override") or {}]
    for given in [shaped(one, "override") for one in (listed if isinstance(listed, list) else [listed])]:
        user = pointed(account, "user", given.get("user"), "User")
        if _moment(given.get("start"), "start") >= _moment(given.get("end"), "end"):
            raise invalid("Override end must be after its start")
        found.append({"id": account.new_id(), "start": given["start"], "end": given["end"], "user": {"id": user}})
    schedule["#overrides"] += found
    if "overrides" in body:
        made = [{"status": 201, "override": _override(account, schedule, one)} for one in found]
        return json_response(201, made)
    return json_response(201, {"override": _override(account, schedule, found[0])})


@ROUTER.route("DELETE", "/schedules/<key>/overrides/<override>")
def delete_override(account: Account, hit: Hit) -> Response:
    """Take an override back."""
    schedule = find(account, "schedule", hit.path["key"])
    left = [one for one in schedule["#overrides"] if one["id"] != hit.path["override"]]
    if len(left) == len(schedule["#overrides"]):
        raise not_found()
    schedule["#overrides"] = left
    return Response(204)

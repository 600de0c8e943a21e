"""DNS records of a zone: one by one, in atomic batches, and as a zone file."""

import copy
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare import dns_content as content
from twin.world.saas.cloudflare.body import object_body, typed
from twin.world.saas.cloudflare.dns_filters import wanted
from twin.world.saas.cloudflare.dns_zone_file import zone_file
from twin.world.saas.cloudflare.envelope import refusal, stamp, success
from twin.world.saas.cloudflare.listing import ordered, paged
from twin.world.saas.cloudflare.reference import plan_limits
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State, Zone
from twin.world.saas.router import Hit

Record = dict[str, Any]

ORDERS = ("type", "name", "content", "ttl", "proxied")
FIELDS = ("type", "name", "content", "data", "priority", "ttl", "proxied", "comment", "tags", "settings")
ADDRESSES = ("A", "AAAA", "CNAME")
BATCH = ("deletes", "patches", "puts", "posts")  # the order in which the vendor carries them out


def _built(zone: Zone, given: Record) -> Record:
    """Check what a client gave and return the record that it describes, without identity and times."""
    rule = content.type_rule(given.get("type"))
    record: Record = {name: given[name] for name in FIELDS if name in given}
    record["name"] = content.record_name(zone, given.get("name"))
    if "data" in rule:
        record["data"], record["content"] = content.structured(record)
    else:
        record.pop("data", None)
        record["content"] = content.plain_content(zone, record)
    rank = content.priority(record)
    record.pop("priority", None)
    if rank is not None:
        record["priority"] = rank
    record["proxied"] = content.proxied(record)
    record["proxiable"] = content.proxiable(record)
    record["ttl"] = content.ttl(zone, record)
    record["comment"], record["tags"] = content.notes(zone, record)
    record["settings"] = typed(record, "settings", "object", {})
    return record


def _identity(record: Record) -> tuple[Any, ...]:
    return (record["name"], record["type"], record["content"], record.get("priority"))


def _refuse_conflicts(zone: Zone, record: Record, own_id: str | None) -> None:
    others = [other for other in zone.records.values() if other["id"] != own_id]
    namesakes = [other for other in others if other["name"] == record["name"]]
    if any(_identity(other) == _identity(record) for other in namesakes):
        raise refusal("record-identical")
    kinds = {other["type"] for other in namesakes}
    if record["type"] == "CNAME" and kinds & set(ADDRESSES):
        raise refusal("record-conflict")
    if record["type"] in ("A", "AAAA") and "CNAME" in kinds:
        raise refusal("cname-exists")
    if record["name"] != zone.name:
        if record["type"] in ADDRESSES and "NS" in kinds:
            raise refusal("ns-conflict")
        if record["type"] == "NS" and kinds & set(ADDRESSES):
            raise refusal("record-conflict")


def _add(state: State, zone: Zone, given: Record) -> Record:
    limit = plan_limits(zone.plan)["dns_records"]
    record = _built(zone, given)
    if len(zone.records) >= limit:
        raise refusal("record-quota")
    _refuse_conflicts(zone, record, None)
    now = stamp(state.clock.now())
    whole = {"id": state.ids.hex(), **record, "meta": {}, "created_on": now, "modified_on": now}
    _note_times(whole, {}, now)
    zone.records[whole["id"]] = whole
    return whole


def _note_times(record: Record, before: Record, now: str) -> None:
    for name in ("comment", "tags"):
        changed = record[name] != before.get(name, [] if name == "tags" else None)
        if not record[name]:
            record.pop(f"{name}_modified_on", None)
        elif changed:
            record[f"{name}_modified_on"] = now


def _find(zone: Zone, record_id: object) -> Record:
    record = zone.records.get(record_id) if isinstance(record_id, str) else None
    if record is None:
        raise refusal("unknown-record")
    return record


def _change(state: State, zone: Zone, old: Record, given: Record) -> Record:
    record = _built(zone, given)
    _refuse_conflicts(zone, record, old["id"])
    now = stamp(state.clock.now())
    kept: Record = {
        name: old[name]
        for name in ("id", "meta", "created_on", "comment_modified_on", "tags_modified_on")
        if name in old
    }
    whole = {**kept, **record, "modified_on": now}
    _note_times(whole, old, now)
    zone.records[old["id"]] = whole
    return whole


def _patched(old: Record, given: Record) -> Record:
    """Lay a partial record over the old one; a change of type takes nothing that belonged to the old type."""
    base = {name: old[name] for name in FIELDS if name in old}
    if given.get("type", old["type"]) != old["type"]:
        base = {name: base[name] for name in ("name", "ttl", "comment", "tags") if name in base}
    if "data" in given and isinstance(given["data"], dict) and "data" in base:
        given = {**given, "data": {**base["data"], **given["data"]}}
    return {**base, **given}


def _touch(state: State, zone: Zone) -> None:
    zone.modified_on = state.clock.now()


@route("GET", "/zones/{zone_id}/dns_records")
def list_records(state: State, hit: Hit) -> Response:
    """List records, filtered, ordered, paged."""
    rows = [record for record in state.zone(hit).records.values() if wanted(hit, record)]
    return paged(hit, ordered(hit, rows, ORDERS, "type"), per_page=100, limits=(1, 5_000_000))


@route("POST", "/zones/{zone_id}/dns_records")
def create_record(state: State, hit: Hit) -> Response:
    """Add a record."""
    zone = state.zone(hit)
    record = _add(state, zone, object_body(hit))
    _touch(state, zone)
    return success(record)


@route("GET", "/zones/{zone_id}/dns_records/{dns_record_id}")
def get_record(state: State, hit: Hit) -> Response:
    """Show a record."""
    return success(_find(state.zone(hit), hit.path["dns_record_id"]))


@route("PUT", "/zones/{zone_id}/dns_records/{dns_record_id}")
def replace_record(state: State, hit: Hit) -> Response:
    """Replace a record; what is not given falls back to its default."""
    zone = state.zone(hit)
    record = _change(state, zone, _find(zone, hit.path["dns_record_id"]), object_body(hit))
    _touch(state, zone)
    return success(record)


@route("PATCH", "/zones/{zone_id}/dns_records/{dns_record_id}")
def edit_record(state: State, hit: Hit) -> Response:
    """Change parts of a record."""
    zone = state.zone(hit)
    old = _find(zone, hit.path["dns_record_id"])
    record = _change(state, zone, old, _patched(old, object_body(hit)))
    _touch(state, zone)
    return success(record)


@route("DELETE", "/zones/{zone_id}/dns_records/{dns_record_id}")
def delete_record(state: State, hit: Hit) -> Response:
    """Delete a record."""
    zone = state.zone(hit)
    record = _find(zone, hit.path["dns_record_id"])
    del zone.records[record["id"]]
    _touch(state, zone)
    return success({"id": record["id"]})


def _batch_step(state: State, zone: Zone, step: str, given: Record) -> Record:
    if step == "posts":
        return _add(state, zone, given)
    old = _find(zone, given.get("id"))
    if step == "deletes":
        return zone.records.pop(old["id"])
    return _change(state, zone, old, _patched(old, given) if step == "patches" else given)


@route("POST", "/zones/{zone_id}/dns_records/batch")
def batch_records(state: State, hit: Hit) -> Response:
    """Delete, patch, put and post records, in that order; all of it happens or nothing."""
    zone, body = state.zone(hit), object_body(hit)
    before = copy.deepcopy(zone.records)
    result: dict[str, list[Record] | None] = dict.fromkeys(BATCH)
    done = False
    try:
        for step in BATCH:
            items = typed(body, step, "list")
            if items is None:
                continue
            if not all(isinstance(item, dict) for item in items):
                raise refusal("bad-field", field=step, reason="must be a list of records")
            result[step] = [_batch_step(state, zone, step, item) for item in items]
        done = True
    finally:
        if not done:
            zone.records = before
    _touch(state, zone)
    return success(result)


@route("GET", "/zones/{zone_id}/dns_records/export")
def export_records(state: State, hit: Hit) -> Response:
    """Write the zone as a BIND file."""
    reply = Response(200, body=zone_file(state.zone(hit), state.clock).encode())
    reply.headers["Content-Type"] = "text/plain; charset=utf-8"
    return reply

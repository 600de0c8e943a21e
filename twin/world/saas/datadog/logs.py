"""Logs: taken by the API key alone, found again by their words, tags and attributes.

https://docs.datadoghq.com/api/latest/logs/ and https://docs.datadoghq.com/logs/explorer/search_syntax/; limits of the
intake: https://docs.datadoghq.com/api/latest/logs/send-logs/ (read 2026-11-28).
"""

import gzip
import json
import re
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

from twin.wire import Response
from twin.world.saas.datadog.errors import DatadogError, invalid
from twin.world.saas.datadog.state import ROUTER, Organization, Record, object_of
from twin.world.saas.router import Hit, json_response

LARGEST, MOST, LONGEST = 5_000_000, 1000, 1_000_000
RESERVED = ("message", "ddsource", "ddtags", "hostname", "service", "status")
TERM = re.compile(r'(?P<not>-)?(?:(?P<field>@?[\w.]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>\S+))')
RELATIVE = re.compile(r"now(?:-(\d+)([smhd]))?")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
PAGE, PAGE_MOST = 10, 1000
DEFAULTS = (("from", "now-15m"), ("to", "now"))


@ROUTER.route("POST", "/api/v2/logs")
def submit_logs(org: Organization, hit: Hit) -> Response:
    """Take one log or an array of them."""
    for one in _entries(_plain(hit)):
        kept: Record = {"id": f"AQAAA{org.ids.word(15)}", "at": org.agenda.now().timestamp()}
        tags = [tag for text in (one.get("ddtags"), hit.query.get("ddtags")) for tag in (text or "").split(",") if tag]
        if one.get("ddsource"):
            tags.append(f"source:{one['ddsource']}")
        kept |= {"message": str(one["message"])[:LONGEST], "tags": tags, "host": one.get("hostname")}
        kept |= {"service": one.get("service"), "status": one.get("status") or "info"}
        org.logs.append(kept | {"attributes": {name: one[name] for name in one if name not in RESERVED}})
    return json_response(202, {})


def _plain(hit: Hit) -> Any:
    body, packed = hit.request.body, hit.request.headers.get("Content-Encoding", "identity")
    try:
        if packed in ("gzip", "deflate"):
            body = gzip.decompress(body) if packed == "gzip" else zlib.decompress(body)
        elif packed != "identity":
            raise invalid(f"The twin reads logs packed by gzip or deflate, not by {packed}")
        if len(body) > LARGEST:
            raise DatadogError(413, "Payload too large")
        return json.loads(body)
    except (OSError, zlib.error, ValueError) as broken:
        raise invalid("Invalid JSON structure") from broken


def _entries(body: Any) -> list[Record]:
    rows = body if isinstance(body, list) else [body]
    if len(rows) > MOST:
        raise DatadogError(413, f"At most {MOST} logs are taken in one request")
    texts = ("ddtags", "ddsource", "hostname", "service", "status")
    for one in rows:
        if not isinstance(one, dict) or "message" not in one:
            raise invalid("Each log needs a message")
        if any(not isinstance(one.get(name) or "", str) for name in texts):
            raise invalid(f"{', '.join(texts)} must be of type string")
    return rows


def _terms(query: str) -> list[re.Match[str]]:
    """Return the terms of a query that must all be there."""
    terms = [found for found in TERM.finditer(query) if found[0] not in ("*", "AND")]
    if refused := next((one[0] for one in terms if one[0] in ("OR", "NOT") or "(" in (one["bare"] or "")), None):
        raise invalid(f"The twin's logs are searched for terms that must all be there, without {refused}")
    return terms


def _has(log: Record, term: re.Match[str]) -> bool:
    field, wanted = term["field"], term["quoted"] if term["quoted"] is not None else term["bare"]
    if field is None:
        return wanted.lower() in log["message"].lower()
    if field.startswith("@"):
        found: Any = log["attributes"]
        for name in field[1:].split("."):
            found = found.get(name) if isinstance(found, dict) else None
        return found is not None and _like(found, wanted)
    if field in ("service", "status", "host"):
        return _like(log[field] or "", wanted)
    return any(_like(tag, f"{field}:{wanted}") for tag in log["tags"])


def _like(value: Any, wanted: str) -> bool:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return re.fullmatch(".*".join(re.escape(part) for part in wanted.split("*")), text) is not None


def _when(org: Organization, text: Any, name: str) -> float:
    told = str(text)
    try:
        if found := RELATIVE.fullmatch(told):
            back = timedelta(seconds=int(found[1]) * SECONDS[found[2]]) if found[1] else timedelta()
            return (org.agenda.now() - back).timestamp()
        if told.isdecimal():
            return int(told) / 1000
        moment = datetime.fromisoformat(told)
    except (ValueError, OverflowError) as broken:
        raise invalid(f"The value provided for parameter '{name}' is invalid") from broken
    return moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()


@ROUTER.route("POST", "/api/v2/logs/events/search")
def search_logs(org: Organization, hit: Hit) -> Response:
    """Search logs, a page at a time by a cursor."""
    body = object_of(hit) if hit.request.body else {}
    told: Record = {name: body.get(name) or {} for name in ("filter", "page")}
    for name, part in told.items():
        if not isinstance(part, dict):
            raise invalid(f"The value provided for parameter '{name}' is invalid")
    return _found(org, {**told, "sort": body.get("sort")})


@ROUTER.route("GET", "/api/v2/logs/events")
def list_logs(org: Organization, hit: Hit) -> Response:
    """Search logs by the parameters of an address."""
    told = {part: {name: hit.query[f"{part}[{name}]"] for name in names if f"{part}[{name}]" in hit.query}
            for part, names in (("filter", ("query", "from", "to")), ("page", ("cursor", "limit")))}  # fmt: skip
    return _found(org, {**told, "sort": hit.query.get("sort")})


def _found(org: Organization, asked: Record) -> Response:
    wanted, page = asked["filter"], asked["page"]
    begin, end = (
        _when(org, wanted.get(name) or default, name) for name, default in (("from", "now-15m"), ("to", "now"))
    )
    terms = _terms(str(wanted.get("query") or "*"))
    rows = [
        one
        for one in org.logs
        if begin <= one["at"] <= end and all((term["not"] is None) == _has(one, term) for term in terms)
    ]
    if asked["sort"] not in (None, "timestamp", "-timestamp"):
        raise invalid("The value provided for parameter 'sort' is invalid")
    if asked["sort"] != "timestamp":
        rows.reverse()
    try:
        limit, start = int(page.get("limit") or PAGE), int(page.get("cursor") or 0)
    except (ValueError, TypeError, OverflowError) as broken:
        raise invalid("The value provided for parameter 'page' is invalid") from broken
    if start < 0:
        raise invalid("The value provided for parameter 'cursor' is invalid")
    if not 0 < limit <= PAGE_MOST:
        raise invalid(f"The value provided for parameter 'limit' is invalid: at most {PAGE_MOST}")
    told: Record = {"data": [_shown(one) for one in rows[start : start + limit]], "meta": {"status": "done"}}
    if start + limit < len(rows):
        told["meta"]["page"] = {"after": str(start + limit)}
    return json_response(200, told)


def _shown(log: Record) -> Record:
    told = {name: log[name] for name in ("message", "tags", "status", "attributes")}
    told |= {name: log[name] for name in ("host", "service") if log[name]}
    told["timestamp"] = datetime.fromtimestamp(log["at"], UTC).isoformat(timespec="milliseconds")
    return {"id": log["id"], "type": "log", "attributes": told}

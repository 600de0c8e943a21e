"""The audit logs as the API shows them: version 1 in pages, for the account and the user, version 2 by cursor."""

import base64
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from twin.wire import Response
from twin.world.saas.cloudflare.audit_entries import Entry
from twin.world.saas.cloudflare.envelope import refusal, second_stamp, success
from twin.world.saas.cloudflare.listing import choice, whole_number
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import route
from twin.world.saas.cloudflare.state import State
from twin.world.saas.router import Hit

DIRECTIONS = ("desc", "asc")
DEFAULT_PAGE = 100
# Filters of version 2, each with a twin that ends in `.not`; `actor_ip_address` reads the field actor.ip_address.
FILTERS = (
    "id", "account_name", "action_result", "action_type", "actor_context", "actor_email", "actor_id",
    "actor_ip_address", "actor_token_id", "actor_token_name", "actor_type", "audit_log_id", "raw_cf_ray_id",
    "raw_method", "raw_status_code", "raw_uri", "resource_id", "resource_product", "resource_scope", "resource_type",
    "zone_id", "zone_name",
)  # fmt: skip


def _kept(state: State, log: Iterable[Entry], field: tuple[str, ...]) -> list[Entry]:
    oldest = second_stamp(state.clock.now() - timedelta(days=reference("audit", "retention")["days"]))
    return [entry for entry in log if _field(entry, field) >= oldest]


def _field(entry: Mapping[str, Any], path: tuple[str, ...]) -> str:
    value: Any = entry
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)


def _instant(hit: Hit, name: str, *, required: bool = False) -> str:
    """Return an instant of the query as the log writes it, empty when it is not given; a date is its first moment."""
    given = hit.query.get(name, "")
    if not given:
        if required:
            raise refusal("missing-instant", name=name)
        return ""
    try:
        instant = datetime.fromisoformat(given)
    except ValueError as broken:
        raise refusal("bad-instant", name=name) from broken
    return second_stamp(instant.astimezone(UTC) if instant.tzinfo else instant)


def _between(entries: list[Entry], field: tuple[str, ...], since: str, before: str) -> list[Entry]:
    return [entry for entry in entries if since <= (when := _field(entry, field)) and (not before or when <= before)]


def _address_test(hit: Hit) -> Any:
    given = hit.query.get("actor.ip")
    if given is None:
        return lambda _address: True
    try:
        wanted = ip_network(given, strict=False)
    except ValueError as broken:
        raise refusal("bad-field", field="actor.ip", reason="must be an address or a CIDR range") from broken
    return lambda address: ip_address(address) in wanted


def _size(hit: Hit, name: str) -> int:
    return whole_number(hit, name, DEFAULT_PAGE, (1, reference("audit", "pages")[name]))


def _flag(hit: Hit, name: str) -> bool:
    return choice(hit, name, ("true", "false"), "false") == "true"


def _changes(hit: Hit, log: list[Entry]) -> Response:
    if _flag(hit, "export"):
        raise refusal("unsupported", operation=f"{hit.operation}?export")
    exact = {"id": ("id",), "action.type": ("action", "type"), "actor.email": ("actor", "email"),
             "zone.name": ("zone", "name")}  # fmt: skip
    from_there = _address_test(hit)
    rows = [
        entry
        for entry in _between(log, ("when",), _instant(hit, "since"), _instant(hit, "before"))
        if all(_field(entry, path) == hit.query[name] for name, path in exact.items() if name in hit.query)
        and from_there(entry["actor"]["ip"])
    ]
    if choice(hit, "direction", DIRECTIONS, "desc") == "desc":
        rows.reverse()
    page, size = whole_number(hit, "page", 1, (1, None)), _size(hit, "per_page")
    return success(rows[(page - 1) * size : page * size])


@route("GET", "/accounts/{account_id}/audit_logs")
def list_account_changes(state: State, hit: Hit) -> Response:
    """List what was changed in the account, and by its users in their own profiles unless they are hidden."""
    state.require_account(hit)
    rows = _kept(state, state.audit.changes, ("when",))
    if _flag(hit, "hide_user_logs"):
        rows = [entry for entry in rows if entry["metadata"]["scope"] != "user"]
    return _changes(hit, rows)


@route("GET", "/user/audit_logs")
def list_user_changes(state: State, hit: Hit) -> Response:
    """List what the user changed."""
    rows = _kept(state, state.audit.changes, ("when",))
    return _changes(hit, [entry for entry in rows if entry["owner"]["id"] == state.user_id])


def _path(name: str) -> tuple[str, ...]:
    if name in ("id", "audit_log_id"):
        return ("id",)
    group, _, field = name.partition("_")
    return (group, field)


def _wanted(hit: Hit, entry: Entry) -> bool:
    for name in FILTERS:
        value = _field(entry, _path(name))
        if name in hit.query and value not in hit.query.getlist(name):
            return False
        if value in hit.query.getlist(f"{name}.not"):
            return False
    return True


def _cursor(entry: Entry) -> str:
    return base64.urlsafe_b64encode(entry["id"].encode()).decode()


def _after(hit: Hit, rows: list[Entry]) -> list[Entry]:
    given = hit.query.get("cursor")
    if not given:
        return rows
    for place, entry in enumerate(rows):
        if _cursor(entry) == given:
            return rows[place + 1 :]
    raise refusal("bad-page", name="cursor", reason="one that an earlier page gave")


@route("GET", "/accounts/{account_id}/logs/audit")
def list_actions(state: State, hit: Hit) -> Response:
    """List the calls that could change something, whether they did or failed; `since` and `before` are required."""
    state.require_account(hit)
    if "product_category" in hit.query:
        raise refusal("unsupported", operation=f"{hit.operation}?product_category")
    field = ("action", "time")
    since, before = _instant(hit, "since", required=True), _instant(hit, "before", required=True)
    rows = _between(_kept(state, state.audit.actions, field), field, since, before)
    if choice(hit, "direction", DIRECTIONS, "desc") == "desc":
        rows.reverse()
    left = _after(hit, [entry for entry in rows if _wanted(hit, entry)])
    chosen = left[: _size(hit, "limit")]
    info: dict[str, Any] = {"count": str(len(chosen))}
    if len(chosen) < len(left):
        # The documentation shows the first of the two, the official SDK 5.9 reads the second.
        info |= {"cursor": _cursor(chosen[-1]), "cursors": {"after": _cursor(chosen[-1])}}
    return success(chosen, info=info)

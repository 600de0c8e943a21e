"""Log entries: all that happened to each incident, in order.

https://developer.pagerduty.com/api-reference (log entries)
"""

from typing import Any

from twin.wire import Response
from twin.world.saas.pagerduty.errors import not_found
from twin.world.saas.pagerduty.paging import page, within
from twin.world.saas.pagerduty.state import API, ROUTER, Account, Record, find, reference
from twin.world.saas.router import Hit, json_response

USERS = ("agent", "user")


def record(account: Account, incident: Record, kind: str, **more: Any) -> None:
    """Write an entry of an incident."""
    entry: Record = {"id": f"R{account.new_id()}", "type": kind, "created_at": account.now()}
    entry |= {"#incident": incident["id"], "#service": incident["#service"], "#more": more}
    account.entries.append(entry)
    account.told.append(shown(account, entry))


def shown(account: Account, entry: Record) -> Record:
    """Return an entry with references to what it is about."""
    told: Record = {"id": entry["id"], "type": entry["type"], "summary": entry["type"].replace("_log_entry", "")}
    told |= {"self": f"{API}/log_entries/{entry['id']}", "html_url": None, "created_at": entry["created_at"]}
    told |= {"incident": reference(account, "incident", entry["#incident"]), "teams": []}
    told |= {"service": reference(account, "service", entry["#service"]), "channel": {"type": "auto"}}
    told["agent"] = reference(account, "service", entry["#service"])
    for name, value in entry["#more"].items():
        if name in USERS and value is not None:
            told[name] = reference(account, "user", value)
        elif name == "assignees":
            told[name] = [reference(account, "user", key) for key in value]
        elif value is not None:
            told[name] = value
    return told


@ROUTER.route("GET", "/log_entries")
def list_entries(account: Account, hit: Hit) -> Response:
    """List what happened to all incidents, newest first."""
    return page(hit, within(hit, account.entries[::-1]), lambda row: shown(account, row), "log_entries")


@ROUTER.route("GET", "/log_entries/<key>")
def get_entry(account: Account, hit: Hit) -> Response:
    """Return one entry."""
    found = next((one for one in account.entries if one["id"] == hit.path["key"]), None)
    if found is None:
        raise not_found()
    return json_response(200, {"log_entry": shown(account, found)})


@ROUTER.route("GET", "/incidents/<key>/log_entries")
def list_entries_of(account: Account, hit: Hit) -> Response:
    """List what happened to one incident, newest first."""
    incident = find(account, "incident", hit.path["key"])
    rows = [one for one in account.entries[::-1] if one["#incident"] == incident["id"]]
    return page(hit, within(hit, rows), lambda row: shown(account, row), "log_entries")

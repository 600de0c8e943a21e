"""What holds for every course of events: the log tells enough to rebuild what stands, and to undo it."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.cloudflare.server import Cloudflare

ACCOUNT, TOKEN = "a" * 32, "bootstrap-token-of-the-twin-0123456789abcdef"
NAMES = st.sampled_from(["a", "b", "c"])
CONTENTS = st.sampled_from(["192.0.2.1", "192.0.2.2", "no address"])
RECORDS = st.builds(lambda name, content: {"type": "A", "name": name, "content": content}, NAMES, CONTENTS)
STEPS = st.one_of(
    st.tuples(st.just("POST"), RECORDS),
    st.tuples(st.just("PATCH"), RECORDS),
    st.tuples(st.just("PUT"), RECORDS),
    st.tuples(st.just("DELETE"), st.none()),
    st.tuples(st.just("BATCH"), st.lists(RECORDS, max_size=3)),
    st.tuples(st.just("SETTING"), st.sampled_from(["strict", "full", "nonsense"])),
)


class Zone:
    """A zone that takes steps, each on one of its records; `statuses` tells how each ended."""

    def __init__(self, clock):
        self.server = Cloudflare(clock=clock, ids=Ids(7), account_id=ACCOUNT, account_name="Twin", token=TOKEN)
        self.path = f"/zones/{self.call('POST', '/zones', {'name': 'example.com'})['id']}"
        self.statuses = []

    def call(self, method, path, body=None):
        """Send a request; returns its result."""
        headers = Headers([("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json")])
        data = b"" if body is None else json.dumps(body).encode()
        reply = self.server.handle(Request(method, f"https://api.cloudflare.com/client/v4{path}", headers, data))
        self.status = reply.status
        return json.loads(reply.body)["result"]

    def take(self, step, place):
        """Do one step on the record at a place."""
        kind, body = step
        records = self.call("GET", f"{self.path}/dns_records")
        at = f"{self.path}/dns_records/" + (records[place % len(records)]["id"] if records else "0" * 32)
        if kind == "POST":
            self.call("POST", f"{self.path}/dns_records", body)
        elif kind == "BATCH":
            deletes = [{"id": records[0]["id"]}] if records else []
            self.call("POST", f"{self.path}/dns_records/batch", {"deletes": deletes, "posts": body})
        elif kind == "SETTING":
            self.call("PATCH", f"{self.path}/settings/ssl", {"value": body})
        else:
            self.call(kind, at, body)
        self.statuses.append(self.status)

    def log(self, query):
        """Return the entries of a log, oldest first."""
        return self.call("GET", f"/accounts/{ACCOUNT}/{query}")


@settings(max_examples=40)
@given(steps=st.lists(st.tuples(STEPS, st.integers(0, 5)), min_size=2, max_size=12))
def test_the_log_rebuilds_what_stands_and_undoes_it(steps):
    """Played forward the effects give the zone's records and setting as they are; played back, what was before."""
    zone = Zone(VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC)))
    for step, place in steps:
        zone.take(step, place)
    effects = zone.log("audit_logs?direction=asc&per_page=1000")[1:]
    records, ssl = {}, None
    for effect in effects:
        if effect["action"]["type"] == "change_setting":
            assert ssl in (None, effect["oldValue"])
            ssl = effect["newValue"]
            continue
        key, old = effect["resource"]["id"], effect["oldValueJson"]
        assert records.get(key, {}) == old
        records[key] = effect["newValueJson"]
        if not effect["newValueJson"]:
            del records[key]
    assert records == {one["id"]: one for one in zone.call("GET", f"{zone.path}/dns_records")}
    assert ssl in (None, zone.call("GET", f"{zone.path}/settings/ssl")["value"])
    for effect in reversed([one for one in effects if one["resource"]["type"] == "DNS_record"]):
        records[effect["resource"]["id"]] = effect["oldValueJson"]
    assert not any(records.values())
    calls = zone.log("logs/audit?since=2026-03-01&before=2026-03-02&direction=asc&limit=1000")[1:]
    assert [call["raw"]["status_code"] for call in calls] == zone.statuses
    assert [call["action"]["result"] == "success" for call in calls] == [status < 400 for status in zone.statuses]

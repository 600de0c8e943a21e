"""Datadog: metrics come in, monitors evaluate them on the clock, mutes and downtimes hold them, PagerDuty hears."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

sys.path.insert(0, str(Path(__file__).parents[1] / "pagerduty"))
from pagerduty_client import PagerDutyClient, Shop

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.world import World

QUERY = "avg(last_5m):sum:shop.errors{env:prod} > 10"


class Client:
    """Calls Datadog with a world's keys."""

    def __init__(self, world, clock):
        self.world, self.clock = world, clock
        self.keys = {"DD-API-KEY": world.datadog.api_key, "DD-APPLICATION-KEY": world.datadog.app_key}

    def __call__(self, method, path, body=None, *, expect=200):
        headers = Headers(list({"Content-Type": "application/json", **self.keys}.items()))
        raw = b"" if body is None else json.dumps(body).encode()
        reply = self.world.handle(Request(method, f"https://api.datadoghq.com{path}", headers, raw))
        assert expect == reply.status, reply.body
        return json.loads(reply.body) if reply.body else {}

    def send(self, value, *tags, age=0):
        """Send one point of the metric."""
        point = {"timestamp": int(self.clock.now().timestamp()) - age, "value": value}
        series = {"metric": "shop.errors", "type": 3, "points": [point], "tags": ["env:prod", *tags]}
        self("POST", "/api/v2/series", {"series": [series]}, expect=202)

    def monitor(self, query=QUERY, **more):
        """Make a monitor; return its id."""
        body = {
            "type": "query alert",
            "name": "errors",
            "query": query,
            "message": "@pagerduty-shop",
            "tags": ["team:a"],
        }
        return self("POST", "/api/v1/monitor", body | more)["id"]

    def state(self, key):
        """Return a monitor's state."""
        return self("GET", f"/api/v1/monitor/{key}")["overall_state"]

    def told(self, kind="notified"):
        """Return what monitors told: old and new states."""
        kind = f"datadog.monitor.{kind}"
        return [(one.facts["old"], one.facts["new"]) for one in self.world.scene.happenings if one.kind == kind]

    def pass_(self, seconds):
        """Let time pass."""
        self.clock.advance(seconds)
        self.world.settle()


@pytest.fixture
def datadog():
    """An organization in a world of its own."""
    clock = VirtualClock(datetime(2026, 3, 1, 12, 0, tzinfo=UTC))
    world = World(7, clock)
    yield Client(world, clock)
    world.close()


def test_a_call_wants_both_keys_and_intake_one(datadog):
    """Without the application key points still come in and nothing else is done."""
    datadog.keys.pop("DD-APPLICATION-KEY")
    datadog("GET", "/api/v1/validate")
    datadog.send(1)
    assert datadog("GET", "/api/v1/monitor", expect=403) == {"errors": ["Forbidden"]}
    datadog.keys["DD-API-KEY"] = "0" * 32
    datadog("GET", "/api/v1/validate", expect=403)


def test_a_monitor_alerts_and_recovers_as_its_window_moves(datadog):
    """Above the threshold it alerts within a minute, and when low values fill the window it recovers."""
    key = datadog.monitor()
    datadog.send(5)
    datadog.pass_(60)
    assert datadog.state(key) == "OK"
    datadog.send(50)
    datadog.pass_(60)
    assert (datadog.state(key), datadog.told()) == ("Alert", [("OK", "Alert")])
    for _ in range(6):
        datadog.send(1)
        datadog.pass_(60)
    assert (datadog.state(key), datadog.told()[-1]) == ("OK", ("Alert", "OK"))


def test_points_out_of_scope_or_time_do_not_count(datadog):
    """Another environment's errors, and points older than an hour, leave the monitor without data."""
    key = datadog.monitor()
    point = {"timestamp": int(datadog.clock.now().timestamp()), "value": 99}
    other = {"metric": "shop.errors", "points": [point], "tags": ["env:test"]}
    datadog("POST", "/api/v2/series", {"series": [other]}, expect=202)
    datadog.send(99, age=3700)
    datadog.pass_(120)
    assert datadog.state(key) == "No Data"


def test_each_group_alerts_for_itself(datadog):
    """One host is in trouble, and the other is not."""
    key = datadog.monitor("max(last_5m):max:shop.errors{*} by {host} > 10")
    datadog.send(50, "host:a")
    datadog.send(1, "host:b")
    datadog.pass_(60)
    groups = datadog("GET", f"/api/v1/monitor/{key}?group_states=all")["state"]["groups"]
    assert {name: group["status"] for name, group in groups.items()} == {"host:a": "Alert", "host:b": "OK"}


def test_silence_of_a_metric_is_no_data_where_that_is_wanted(datadog):
    """After the timeframe without points the monitor says so; one that does not mind stays as it was."""
    minding = datadog.monitor(options={"notify_no_data": True, "no_data_timeframe": 10})
    easy = datadog.monitor(name="easy")
    datadog.send(5)
    datadog.pass_(60)
    datadog.pass_(660)
    assert (datadog.state(minding), datadog.state(easy)) == ("No Data", "OK")


def test_nothing_is_on_the_agenda_when_nothing_can_change(datadog):
    """Monitors do not poll: an hour after the last point nothing is due."""
    datadog.monitor()
    datadog.send(5)
    datadog.pass_(3600)
    assert datadog.world.agenda.entries() == []


@pytest.mark.parametrize("how", ["mute", "downtime", "by-tag"])
def test_a_muted_monitor_changes_and_tells_nobody(datadog, how):
    """Its state is seen, its message is not sent; without the mute it is."""
    key = datadog.monitor()
    if how == "mute":
        datadog("POST", f"/api/v1/monitor/{key}/mute")
    else:
        whom = {"monitor_id": key} if how == "downtime" else {"monitor_tags": ["team:a"]}
        datadog("POST", "/api/v1/downtime", {"scope": ["*"], **whom})
    datadog.send(50)
    datadog.pass_(60)
    assert (datadog.state(key), datadog.told("changed"), datadog.told()) == ("Alert", [("OK", "Alert")], [])


def test_a_downtime_ends_and_may_be_taken_back(datadog):
    """What another team's downtime holds, or one that was cancelled, does not hold this monitor."""
    datadog.monitor()
    datadog("POST", "/api/v1/downtime", {"scope": ["*"], "monitor_tags": ["team:b"]})
    made = datadog("POST", "/api/v1/downtime", {"scope": ["*"]})
    assert made["active"] is True
    datadog("DELETE", f"/api/v1/downtime/{made['id']}", expect=204)
    datadog.send(50)
    datadog.pass_(60)
    assert datadog.told() == [("OK", "Alert")]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"type": "log alert"}, "The twin evaluates monitors of the types"),
        ({"query": "errors > 5"}, "The value provided for parameter 'query' is invalid"),
        ({"query": "avg(last_5m):sum:a{!env:prod} > 5"}, "The twin has no scope with negation"),
        (
            {"options": {"thresholds": {"critical": 7}}},
            "Alert threshold (7) does not match that used in the query (10)",
        ),
        ({"options": {"thresholds": {"critical": 10, "warning": 15}}}, "Warning threshold (15) must be reached before"),
    ],
)
def test_a_monitor_that_is_wrong_is_refused(datadog, change, problem):
    """The mistake is named and no monitor is made."""
    body = {"type": "query alert", "query": QUERY} | change
    assert datadog("POST", "/api/v1/monitor", body, expect=400)["errors"][0].startswith(problem)
    assert datadog("GET", "/api/v1/monitor") == []


def test_monitors_are_listed_by_scope_page_and_offset(datadog):
    """By pages, by the last id and by a scope each gives what it is asked for; what is no number is refused."""
    made = [datadog.monitor() for _ in range(3)]
    other = datadog.monitor("avg(last_5m):sum:shop.errors{env:dev} > 10")

    def ids(query):
        return [one["id"] for one in datadog("GET", f"/api/v1/monitor?{query}")]

    assert ids("page=0&page_size=2") + ids("page=1&page_size=2") == [*made, other]
    assert ids("tags=env:dev") == [other]
    everybody = sorted([*made, other])
    assert (ids("id_offset=0&page_size=3"), ids(f"id_offset={everybody[2]}")) == (everybody[:3], everybody[3:])
    for query in ("page_size=many", "page=-1", "id_offset=²"):
        datadog("GET", f"/api/v1/monitor?{query}", expect=400)
    nothing = {"data": {"type": "downtime", "attributes": {"monitor_identifier": {"monitor_tags": ["*"]}}}}
    assert "'scope' is invalid" in datadog("POST", "/api/v2/downtime", nothing, expect=400)["errors"][0]


def test_an_alert_pages_and_its_recovery_resolves(datadog):
    """The message calls a service of PagerDuty, whose incident ends with the alert."""
    call = PagerDutyClient(datadog.world)
    shop = Shop(call, datadog.clock)
    body = {"service_name": "shop", "service_key": shop.key}
    datadog("POST", "/api/v1/integration/pagerduty/configuration/services", body, expect=201)
    datadog.monitor()
    datadog.send(50)
    datadog.pass_(60)
    (incident,) = call.incidents("triggered")
    assert incident["title"] == "[Alert] errors"
    for _ in range(6):
        datadog.send(1)
        datadog.pass_(60)
    assert (call.incidents("triggered"), len(call.incidents("resolved"))) == ([], 1)


@pytest.mark.parametrize(
    ("over", "state"), [("", "triggered"), ("{{#is_recovery}}@pagerduty-shop{{/is_recovery}}", "resolved")]
)
def test_a_call_that_is_for_alerts_alone_does_not_tell_of_the_recovery(datadog, over, state):
    """The incident stays open unless the message calls the service on recovery too."""
    call = PagerDutyClient(datadog.world)
    shop = Shop(call, datadog.clock)
    body = {"service_name": "shop", "service_key": shop.key}
    datadog("POST", "/api/v1/integration/pagerduty/configuration/services", body, expect=201)
    datadog.monitor(message="{{#is_alert}}@pagerduty-shop{{/is_alert}}" + over)
    datadog.send(50)
    datadog.pass_(60)
    assert len(call.incidents("triggered")) == 1
    for _ in range(6):
        datadog.send(1)
        datadog.pass_(60)
    assert datadog.told()[-1] == ("Alert", "OK")
    assert len(call.incidents(state)) == 1


def test_a_message_that_calls_nobody_known_pages_nobody(datadog):
    """A misspelt service is told of, and no incident opens."""
    call = PagerDutyClient(datadog.world)
    Shop(call, datadog.clock)
    datadog.monitor(message="@pagerduty-shops")
    datadog.send(50)
    datadog.pass_(60)
    assert "datadog.service.unknown" in [one.kind for one in datadog.world.scene.happenings]
    assert call.incidents("triggered") == []


def test_events_are_kept_and_queries_answered(datadog):
    """An event is found by its time and tags, a metric by its scope."""
    made = datadog("POST", "/api/v1/events", {"title": "deploy", "text": "v2", "tags": ["env:prod"]}, expect=202)[
        "event"
    ]
    now = int(datadog.clock.now().timestamp())
    assert datadog("GET", f"/api/v1/events?start={now - 1}&end={now + 1}&tags=env:prod")["events"] == [made]
    assert datadog("GET", f"/api/v1/events?start={now + 1}&end={now + 2}")["events"] == []
    datadog("POST", "/api/v1/events", {"title": "deploy"}, expect=400)
    datadog.send(5, "host:a")
    datadog.send(7, "host:b")
    told = datadog("GET", f"/api/v1/query?from={now - 60}&to={now}&query=sum:shop.errors%7Benv:prod%7D")
    assert [series["pointlist"] for series in told["series"]] == [[[now * 1000.0, 12.0]]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"options": {"no_data_timeframe": -1}},
        {"options": {"renotify_interval": 60}},
        {"options": {"on_missing_data": "resolve"}},
        {"options": {"scheduling_options": {"evaluation_window": {"day_starts": "04:00"}}}},
        {"options": {"thresholds": {"critical": 10, "warning_recovery": 1}}},
        {"restricted_roles": ["admins"]},
    ],
    ids=lambda wrong: "-".join([*wrong, *wrong.get("options", ())]),
)
def test_a_monitor_that_would_behave_otherwise_is_refused(datadog, wrong):
    """An option that nothing acts on would be kept and never seen; its default, as clients send it, is taken."""
    body = {"type": "query alert", "name": "errors", "query": QUERY, "message": "x"}
    datadog("POST", "/api/v1/monitor", body | wrong, expect=400)
    plain = {
        "renotify_interval": 0,
        "timeout_h": 0,
        "on_missing_data": "default",
        "notify_by": [],
        "evaluation_delay": 60,
    }
    datadog("POST", "/api/v1/monitor", body | {"options": plain})

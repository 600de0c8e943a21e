"""Monitors of Datadog that are muted: what is read back and what the twin's Datadog does agree."""

import json
import sys
from pathlib import Path

import pytest
from werkzeug.datastructures import Headers

sys.path.insert(0, str(Path(__file__).parents[1] / "world"))
from mounted import NOW

from twin.analysis.channels import broken_links
from twin.clock import VirtualClock
from twin.observe.channels import Channels
from twin.observe.monitors import SERVICE, read_monitors
from twin.wire import Request
from twin.world.world import World


def downtime(scope="*", **more):
    """The call that schedules a downtime."""
    told = {"scope": scope, "monitor_identifier": {"monitor_tags": ["*"]}, **more}
    return "POST", "/api/v2/downtime", {"data": {"type": "downtime", "attributes": told}}


def mute(**more):
    """The call that mutes the monitor."""
    return "POST", "/api/v1/monitor/{key}/mute", more


CASES = {
    # name: the call, and whether the monitor tells nobody because of it, now and tomorrow
    "nothing": (None, (False, False)),
    "muted": (mute(), (True, True)),
    "muted-until-tomorrow": (mute(end=int(NOW.timestamp()) + 7200), (True, False)),
    "a-group-muted": (mute(scope="host:a"), (False, False)),
    "downtime": (downtime(), (True, True)),
    "downtime-until-tomorrow": (downtime(schedule={"end": "2026-03-01T14:00:00Z"}), (True, False)),
    "downtime-from-tomorrow": (downtime(schedule={"start": "2026-03-01T14:00:00Z"}), (False, True)),
    "downtime-of-its-tag": (downtime("team:shop"), (True, True)),
    "downtime-of-another": (downtime("team:shop AND env:test"), (False, False)),
    "downtime-of-monitors": (downtime(monitor_identifier={"monitor_tags": ["team:shop"]}), (True, True)),
    "downtime-of-other-monitors": (downtime(monitor_identifier={"monitor_tags": ["team:jobs"]}), (False, False)),
}


class Org:
    """An organization with one monitor."""

    def __init__(self):
        self.clock = VirtualClock(NOW)
        self.world = World(7, self.clock)
        keys = self.world.vendors.datadog()
        self.keys = {"DD-API-KEY": keys.api_key, "DD-APPLICATION-KEY": keys.app_key, "Content-Type": "application/json"}
        told = {"type": "query alert", "query": "sum(last_5m):sum:shop.errors{*} > 5", "tags": ["team:shop"]}
        self.key = self.call("POST", "/api/v1/monitor", {**told, "message": "Look @ops@acme.example"})["id"]

    def call(self, method, path, body=None):
        """Make a call."""
        raw = b"" if body is None else json.dumps(body).encode()
        request = Request(method, f"https://api.datadoghq.com{path}", Headers(list(self.keys.items())), raw)
        reply = self.world.handle(request)
        assert reply.status < 300, reply.body
        return json.loads(reply.body) if reply.body else None

    def read(self, path):
        """Read a path as the observer asks for it."""
        found = self.call("GET", path)
        return found["data"] if isinstance(found, dict) else found

    def links(self):
        """The rules of the links that are broken, as read back."""
        channels = Channels(sources=tuple(read_monitors(self.read, self.clock.now())))
        return [one.rule for one in broken_links(channels, self.clock.now())]

    def tells(self):
        """Whether trouble is told of, which is over an hour later."""
        before = len(self.world.scene.happenings)
        for value, seconds in ((50, 360), (0, 3240)):
            points = [{"timestamp": int(self.clock.now().timestamp()), "value": value}]
            self.call("POST", "/api/v2/series", {"series": [{"metric": "shop.errors", "points": points}]})
            self.pass_(seconds)
        happened = [one for one in self.world.scene.happenings[before:] if one.facts.get("new") == "Alert"]
        assert "datadog.monitor.changed" in {one.kind for one in happened}
        return "datadog.monitor.notified" in {one.kind for one in happened}

    def pass_(self, seconds):
        """Let time pass."""
        self.clock.advance(seconds)
        self.world.settle()


@pytest.mark.parametrize("name", CASES)
def test_what_is_muted_is_told_beforehand_and_tells_nobody(name):
    """Now, and a day later, when what had an end is over and what had none is not."""
    told, expected = CASES[name]
    org = Org()
    if told is not None:
        method, path, body = told
        org.call(method, path.format(key=org.key), body)
    for silent in expected:
        assert org.links() == (["channel-reaches-nobody", "channel-muted"] if silent else [])
        assert org.tells() is not silent
        org.pass_(86_400)
    org.world.close()


def test_a_monitor_that_calls_whom_datadog_does_not_know_reaches_nobody():
    """A service of PagerDuty by a name that Datadog was not given."""
    org = Org()

    def read(path):
        return None if "pagerduty" in path else org.read(path)

    org.call("PUT", f"/api/v1/monitor/{org.key}", {"message": "Look @pagerduty-shop"})
    (source,) = read_monitors(read, NOW)
    links = broken_links(Channels(sources=(source,)), NOW)
    assert [one.rule for one in links] == ["channel-reaches-nobody", "channel-service-unknown"]
    org.call("PUT", f"/api/v1/monitor/{org.key}", {"message": "Look"})
    assert org.links() == ["channel-reaches-nobody", "channel-without-action"]
    org.world.close()


@pytest.mark.parametrize(
    ("message", "tells"),
    [
        ("{{#is_alert}}@pagerduty-shop{{/is_alert}}", ("pagerduty:shop",)),
        ("{{#is_alert}}@ops@acme.example{{/is_alert}}", ("mailto:ops@acme.example",)),
        ("{{#is_recovery}}@pagerduty-shop{{/is_recovery}}", ()),
        ("{{#is_recovery}}@pagerduty-shops{{/is_recovery}} @pagerduty", ("pagerduty:*", "unknown:shops")),
    ],
    ids=["alert", "address", "recovery", "all"],
)
def test_a_monitor_read_back_tells_whom_its_message_calls_when_it_alerts(message, tells):
    """As a plan reads it and as the twin acts on it: a name in a condition is a name, one for the recovery is not."""
    there = {"id": 1, "message": message, "options": {}, "tags": []}
    paths = {"/api/v1/monitor": [there], "/api/v2/downtime": [], f"{SERVICE}/shop": {}}
    (source,) = read_monitors(paths.get, NOW)
    assert source.tells == tells

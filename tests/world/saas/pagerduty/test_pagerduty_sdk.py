"""PagerDuty's own client, unchanged and over HTTPS alone, drives the served twin, as its command does."""

import hashlib
import hmac
import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Event, Thread
from types import SimpleNamespace

import pagerduty
import pytest
from pagerduty_contract import CONTRACT

from twin.clock import VirtualClock, WallClock
from twin.world.authority import identity
from twin.world.server import serve
from twin.world.tls import server_context
from twin.world.world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ADA, BOB = "ada@acme.example", "bob@acme.example"


class Served:
    """A world behind HTTPS, its clock, and the SDK's two clients."""

    def __init__(self, folder):
        self.trusted = identity(folder / "ca", now=WallClock().now())
        self.clock = VirtualClock(NOW)
        self.world = World(7, self.clock)
        self.server = serve(self.handle, tls=server_context(self.trusted))
        self.client = self.rest(self.world.pagerduty.token, default_from=ADA)

    def handle(self, request):
        """Answer, and hold the reply against the contract."""
        response = self.world.handle(request)
        CONTRACT.check(request, response)
        return response

    def rest(self, token, **more):
        """Return a client of the REST API with a token."""
        return quick(pagerduty.RestApiV2Client(token, base_url=self.server.url, verify=self.context(), **more))

    def events(self, key):
        """Return a client of the Events API with a routing key."""
        return quick(pagerduty.EventsApiV2Client(key, base_url=self.server.url, verify=self.context()))

    def context(self):
        """Trust the twin's authority and no other."""
        return ssl.create_default_context(cafile=str(self.trusted.root))


def quick(client):
    """Have a client give up at the first failure of the network, where it would wait for minutes."""
    client.max_network_attempts = 0
    return client


def pointer(record, kind):
    """Refer to a record."""
    return {"id": record["id"], "type": f"{kind}_reference"}


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    """One served account: Ada on a schedule, Bob on the second level, a service with both integrations."""
    made = Served(tmp_path_factory.mktemp("authority"))
    client = made.client
    made.ada = client.rpost("users", json={"type": "user", "name": "Ada", "email": ADA})
    made.bob = client.persist("users", "email", {"type": "user", "name": "Bob", "email": BOB})
    layer = {"start": "2026-03-01T00:00:00Z", "rotation_virtual_start": "2026-03-01T00:00:00Z"}
    layer |= {
        "rotation_turn_length_seconds": 86400,
        "users": [{"user": {"id": made.ada["id"], "type": "user_reference"}}],
    }
    told = {"type": "schedule", "name": "Primary", "time_zone": "UTC", "schedule_layers": [layer]}
    made.schedule = client.rpost("schedules", json=told)
    targets = (
        [{"id": made.schedule["id"], "type": "schedule_reference"}],
        [{"id": made.bob["id"], "type": "user_reference"}],
    )
    rules = [{"escalation_delay_in_minutes": 5, "targets": one} for one in targets]
    told = {"type": "escalation_policy", "name": "Default", "num_loops": 1, "escalation_rules": rules}
    made.policy = client.rpost("escalation_policies", json=told)
    told = {"type": "service", "name": "Shop", "escalation_policy": pointer(made.policy, "escalation_policy")}
    made.service = client.rpost("services", json=told)
    told = {"type": "events_api_v2_inbound_integration", "name": "events"}
    made.integration = client.rpost(f"services/{made.service['id']}/integrations", json=told)
    yield made
    made.server.stop()
    made.world.close()


def test_the_account_is_read_back(account):
    """What was made is found by name, listed and shown with references."""
    client = account.client
    assert client.find("users", BOB, attribute="email")["id"] == account.bob["id"]
    assert {one["name"] for one in client.iter_all("escalation_policies")} == {"Default"}
    shown = client.rget(f"services/{account.service['id']}")
    assert shown["escalation_policy"]["summary"] == "Default"
    path = f"services/{account.service['id']}/integrations/{account.integration['id']}"
    assert client.rget(path)["integration_key"] == account.integration["integration_key"]
    assert [one["user"]["summary"] for one in client.iter_all("oncalls")] == ["Ada", "Bob"]
    assert (client.subdomain, client.api_key_access) == ("twin", "account")


def test_a_persisted_object_is_updated_not_doubled(account):
    """The client finds Bob by e-mail and changes the title."""
    told = {"type": "user", "name": "Bob", "email": BOB, "job_title": "SRE"}
    changed = account.client.persist("users", "email", told, update=True)
    assert (changed["id"], changed["job_title"]) == (account.bob["id"], "SRE")
    again = account.client.rpost("users", json={"type": "user", "name": "Cy", "email": "cy@acme.example"})
    account.client.rdelete(f"users/{again['id']}")
    with pytest.raises(pagerduty.HttpError) as missing:
        account.client.rget(f"users/{again['id']}")
    assert (missing.value.response.status_code, missing.value.response.json()["error"]["code"]) == (404, 2100)


def test_events_with_one_key_are_one_incident(account):
    """Two triggers, an acknowledgement and a resolution by the same key."""
    events = account.events(account.integration["integration_key"])
    key = events.trigger("disk full", "db-1", severity="critical")
    assert events.trigger("disk fuller", "db-1", dedup_key=key) == key
    wanted = {"incident_key": key, "statuses[]": ["triggered", "acknowledged"]}
    (incident,) = account.client.list_all("incidents", params=wanted)
    assert [one["assignee"]["summary"] for one in incident["assignments"]] == ["Ada"]
    events.acknowledge(key)
    assert account.client.rget(f"incidents/{incident['id']}")["status"] == "acknowledged"
    events.resolve(key)
    kinds = [one["type"] for one in account.client.iter_all(f"incidents/{incident['id']}/log_entries")]
    assert (kinds[0], kinds[-1]) == ("resolve_log_entry", "trigger_log_entry")


def test_an_incident_escalates_is_taken_noted_and_resolved(account):
    """After five minutes it is Bob's; he acknowledges in his name, writes a note and resolves."""
    client, events = account.client, account.events(account.integration["integration_key"])
    key = events.trigger("latency", "web-1")
    account.clock.advance(timedelta(minutes=6).total_seconds())
    (incident,) = client.list_all("incidents", params={"incident_key": key, "statuses[]": ["triggered"]})
    assert [one["assignee"]["summary"] for one in incident["assignments"]] == ["Bob"]
    taken = [{"id": incident["id"], "type": "incident_reference", "status": "acknowledged"}]
    (told,) = client.rput("incidents", json=taken, headers={"From": BOB})
    assert [one["acknowledger"]["summary"] for one in told["acknowledgements"]] == ["Bob"]
    client.rpost(f"incidents/{incident['id']}/notes", json={"content": "restarted"})
    assert [one["channel"]["summary"] for one in client.iter_incident_notes(incident["id"])] == ["restarted"]
    body = {"type": "incident_reference", "status": "resolved"}
    assert client.rput(f"incidents/{incident['id']}", json=body)["status"] == "resolved"
    with pytest.raises(pagerduty.HttpError, match="Incident Already Resolved"):
        client.rput(f"incidents/{incident['id']}", json=body)


def test_pages_are_followed_to_the_end(account):
    """Thirty teams come in pages of seven, each once."""
    names = {f"team {number:02}" for number in range(30)}
    for name in sorted(names):
        account.client.rpost("teams", json={"type": "team", "name": name})
    rows = [one["name"] for one in account.client.iter_all("teams", page_size=7, total=True)]
    assert sorted(rows) == sorted(names)


def test_the_history_of_log_entries_is_walked_by_time(account):
    """The client halves the time until each part fits; entries outside it are not in it."""
    since, until = NOW - timedelta(hours=1), NOW + timedelta(hours=1)
    told = {"type": "incident", "title": "Slow", "service": pointer(account.service, "service")}
    account.client.rpost("incidents", json=told, headers={"From": ADA})
    inside = list(account.client.iter_history("log_entries", since, until))
    assert inside
    assert list(account.client.iter_history("log_entries", since, NOW - timedelta(minutes=1))) == []


def test_a_wrong_token_is_refused(account):
    """The client raises what says so."""
    with pytest.raises(pagerduty.HttpError) as refused:
        account.rest("wrong").rget("users")
    assert refused.value.response.json()["error"] == {"message": "Authentication Failed", "code": 2006}


def test_a_wrong_event_is_refused_in_the_vendors_words(account):
    """A key of another length is no routing key."""
    with pytest.raises(pagerduty.HttpError) as refused:
        account.events("short").trigger("x", "y")
    assert refused.value.response.json()["status"] == "invalid event"


def test_limits_are_told_and_what_is_one_too_many_is_tried_again_later(account, monkeypatch):
    """With the limit enforced the client is refused, waits for the next minute, and is let."""
    assert account.client.get("users").headers["ratelimit-limit"] == "960"
    limits, waited = account.world.vendors.pagerduty().limits, []

    def sleep(seconds):
        waited.append(limits.spent["rest"][1])
        account.clock.advance(60)

    monkeypatch.setattr("pagerduty.api_client.time", SimpleNamespace(sleep=sleep))
    limits.enforced, limits.spent["rest"] = True, (account.clock.now().timestamp(), 960)
    told = account.client.get("users")
    limits.enforced = False
    assert (waited, told.status_code, told.headers["ratelimit-remaining"]) == ([961], 200, "959")


def test_the_command_of_the_client_triggers_over_https(account):
    """It trusts the twin's authority by the variable that `twin env --https` prints, and nobody without it."""
    told = [sys.executable, "-c", "from pagerduty.cli import main; main()", "trigger"]
    told += ["-k", account.integration["integration_key"]]
    told += ["--description", "from the command", "--base-url", account.server.url, "-i", "command"]
    trusting = {"SSL_CERT_FILE": str(account.trusted.root)}
    done = subprocess.run(told, capture_output=True, text=True, env=trusting, timeout=60, check=False)
    assert "Deduplication key: command" in done.stdout, done.stderr
    (incident,) = account.client.list_all("incidents", params={"incident_key": "command"})
    assert incident["title"] == "from the command"
    stranger = quick(pagerduty.RestApiV2Client(account.world.pagerduty.token, base_url=account.server.url))
    with pytest.raises(pagerduty.Error, match="network error"):
        stranger.get("users")


def test_plain_http_is_refused_by_the_client_itself(account):
    """Which is why the twin has an authority of its own."""
    with pytest.raises(pagerduty.UrlError):
        pagerduty.EventsApiV2Client("k" * 32, base_url="http://127.0.0.1:1")


def test_a_subscription_calls_a_receiver_on_this_machine(account):
    """The client makes and pings it; the post comes over a socket, signed by the secret that the client was told."""
    hook = HTTPServer(("127.0.0.1", 0), Hook)
    hook.got, hook.came = [], Event()
    Thread(target=hook.serve_forever, daemon=True).start()
    account.world.served(account.server.url)
    method = {"type": "http_delivery_method", "url": f"http://127.0.0.1:{hook.server_port}/pd?x=1"}
    told = {"type": "webhook_subscription", "events": ["incident.triggered"], "delivery_method": method}
    made = account.client.rpost("webhook_subscriptions", json=told | {"filter": {"type": "account_reference"}})
    account.client.post(f"/webhook_subscriptions/{made['id']}/ping")
    account.clock.advance(2)
    account.world.settle()
    assert hook.came.wait(5)
    ((path, headers, body),) = hook.got
    secret = made["delivery_method"]["secret"].encode()
    assert headers["X-PagerDuty-Signature"] == f"v1={hmac.new(secret, body, hashlib.sha256).hexdigest()}"
    assert (path, json.loads(body)["event"]["event_type"]) == ("/pd?x=1", "pagey.ping")
    account.client.rdelete(f"webhook_subscriptions/{made['id']}")
    assert list(account.client.iter_all("webhook_subscriptions")) == []
    hook.shutdown()
    hook.server_close()


class Hook(BaseHTTPRequestHandler):
    """Takes posts and keeps them."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, self.headers, body))
        self.send_response(202)
        self.end_headers()
        self.server.came.set()

    def log_message(self, *_):
        """Say nothing."""

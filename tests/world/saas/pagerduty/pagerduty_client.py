"""A caller of the twin's PagerDuty without a client library, and an account with people on call."""

import json
from datetime import timedelta

from pagerduty_contract import CONTRACT
from werkzeug.datastructures import Headers

from twin.wire import Request

API = "https://api.pagerduty.com"
EVENTS = "https://events.pagerduty.com"


class PagerDutyClient:
    """Calls both APIs of a world's account; `last` is the last whole reply."""

    def __init__(self, world):
        self.world, self.last = world, None
        self.token = world.pagerduty.token

    def send(self, method, url, body=None, headers=None):
        """Send one request."""
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        lines = {"Content-Type": "application/json", **(headers or {})}
        request = Request(method, url, Headers(list(lines.items())), raw)
        self.last = self.world.handle(request)
        CONTRACT.check(request, self.last)
        return json.loads(self.last.body) if self.last.body else {}

    def __call__(self, method, path, body=None, *, expect=200, by=None):
        headers = {"Authorization": f"Token token={self.token}", **({"From": by} if by else {})}
        told = self.send(method, f"{API}{path}", body, headers)
        assert expect == self.last.status, told
        return told

    def event(self, key, action="trigger", *, expect=202, **more):
        """Send an event."""
        payload = {"summary": "disk full", "source": "db-1", "severity": "critical"}
        body = {"routing_key": key, "event_action": action, "payload": payload, **more}
        told = self.send("POST", f"{EVENTS}/v2/enqueue", body)
        assert expect == self.last.status, told
        return told

    def user(self, name):
        """Make a user."""
        body = {"type": "user", "name": name.capitalize(), "email": f"{name}@acme.example"}
        return self("POST", "/users", {"user": body}, expect=201)["user"]

    def schedule(self, *users, turn=86400, start="2026-03-01T00:00:00Z", **more):
        """Make a schedule of one layer in which users take turns."""
        layer = {"start": start, "rotation_virtual_start": start, "rotation_turn_length_seconds": turn, **more}
        layer["users"] = [{"user": {"id": user["id"], "type": "user_reference"}} for user in users]
        body = {"type": "schedule", "name": "Primary", "time_zone": "UTC", "schedule_layers": [layer]}
        return self("POST", "/schedules", {"schedule": body}, expect=201)["schedule"]

    def policy(self, *levels, delay=5, loops=0, name="Default"):
        """Make an escalation policy; each level is a record of a user or a schedule."""
        rules = [
            {"escalation_delay_in_minutes": delay, "targets": [{"id": one["id"], "type": f"{one['type']}_reference"}]}
            for one in levels
        ]
        body = {"type": "escalation_policy", "name": name, "num_loops": loops, "escalation_rules": rules}
        return self("POST", "/escalation_policies", {"escalation_policy": body}, expect=201)["escalation_policy"]

    def service(self, policy, name="Shop", **more):
        """Make a service."""
        body = {"type": "service", "name": name, "escalation_policy": {"id": policy["id"]}, **more}
        return self("POST", "/services", {"service": body}, expect=201)["service"]

    def integration(self, service, kind="events_api_v2"):
        """Give a service an integration."""
        body = {"type": f"{kind}_inbound_integration", "name": kind}
        made = self("POST", f"/services/{service['id']}/integrations", {"integration": body}, expect=201)
        return made["integration"]

    def incidents(self, *statuses):
        """Return incidents of some statuses."""
        query = "&".join(f"statuses[]={one}" for one in statuses)
        return self("GET", f"/incidents?{query}")["incidents"]


class Shop:
    """A service with two people on two levels, and both kinds of integration."""

    def __init__(self, call, clock, **service):
        self.call, self.clock = call, clock
        self.ada, self.bob = call.user("ada"), call.user("bob")
        self.policy = call.policy(self.ada, self.bob, delay=5, loops=1)
        self.service = call.service(self.policy, **service)
        self.key = call.integration(self.service)["integration_key"]

    def assignee(self):
        """Return the name of who has the only open incident."""
        (incident,) = self.call.incidents("triggered", "acknowledged")
        return [one["assignee"]["summary"] for one in incident["assignments"]]

    def pass_(self, **time):
        """Let time pass."""
        self.clock.advance(timedelta(**time).total_seconds())

"""What holds for every course of a user's life: the log tells it, and nothing outlives the right to it."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from okta_client import TOKEN, URL
from okta_person import PASSWORD
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

VERBS = ("activate", "suspend", "unsuspend", "unlock", "expire_password", "reset_password?sendEmail=false",
         "deactivate", "reset_factors")  # fmt: skip
STEPS = st.lists(st.sampled_from((*VERBS, "sign in", "fail", "enrol", "set password", "wait")), min_size=4, max_size=20)
# event -> the status that it leaves, where it leaves one
STATUS = {"suspend": "SUSPENDED", "unsuspend": "ACTIVE", "deactivate": "DEPROVISIONED"}


class Life:
    """One user of an org, and what an administrator and the user do."""

    def __init__(self):
        self.clock = VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.okta = Okta(clock=self.clock, ids=Ids(7), org_url=URL, org_name="acme", token=TOKEN)
        self.org = self.okta.org
        profile = {"firstName": "A", "lastName": "T", "email": "a@a.example", "login": "a@a.example"}
        secret = {"password": {"value": PASSWORD}}
        self.call("POST", "/users", {"profile": profile, "credentials": secret})
        self.user = next(one for one in self.org.users.values() if one["profile"]["login"] == "a@a.example")

    def call(self, method, path, body=None):
        """Send a request; what it refuses is part of the course."""
        headers = Headers([("Authorization", f"SSWS {TOKEN}"), ("Content-Type", "application/json")])
        data = b"" if body is None else json.dumps(body).encode()
        reply = self.okta.handle(Request(method, f"{URL}/api/v1{path}", headers, data))
        assert reply.status < 500
        return json.loads(reply.body or b"null"), reply.status

    def take(self, step):
        """Do one step."""
        path = f"/users/{self.user['id']}"
        if step in ("sign in", "fail"):
            body = {"username": "a@a.example", "password": PASSWORD if step == "sign in" else "wrong"}
            done, _ = self.call("POST", "/authn", body)
            if "sessionToken" in done:
                self.call("POST", "/sessions", {"sessionToken": done["sessionToken"]})
        elif step == "enrol":
            self.call("POST", f"{path}/factors", {"factorType": "token:software:totp", "provider": "OKTA"})
        elif step == "set password":
            self.call("POST", path, {"credentials": {"password": {"value": PASSWORD}}})
        elif step == "wait":
            self.clock.advance(1800)
        else:
            self.call("POST", f"{path}/lifecycle/{step}")


@settings(max_examples=30)
@given(STEPS)
def test_nothing_outlives_the_right_to_it(steps):
    """Who is suspended or gone has no session; who is gone has no password and no factor; nobody else signs in."""
    life = Life()
    for step in steps:
        life.take(step)
        sessions = [one for one in life.org.sessions.values() if one["userId"] == life.user["id"]]
        if life.user["status"] in ("SUSPENDED", "DEPROVISIONED"):
            assert sessions == []
        if life.user["status"] == "DEPROVISIONED":
            assert "#password" not in life.user
            assert life.org.factors.get(life.user["id"], {}) == {}
        if step == "sign in" and life.user["status"] not in ("ACTIVE", "PASSWORD_EXPIRED"):
            _, status = life.call("POST", "/authn", {"username": "a@a.example", "password": PASSWORD})
            assert status == 401


@settings(max_examples=30)
@given(STEPS)
def test_the_log_tells_every_change_of_status_in_order(steps):
    """Each step that changes the status leaves an event, events stand in time order, and none tells a secret."""
    life = Life()
    for step in steps:
        before, count = life.user["status"], len(life.org.events)
        life.take(step)
        kinds = [one["eventType"] for one in life.org.events[count:]]
        if life.user["status"] != before:
            assert any(kind.startswith(("user.lifecycle", "user.account")) for kind in kinds), (step, before)
        if step in STATUS and f"user.lifecycle.{step}" in kinds:
            assert life.user["status"] == STATUS[step]
    instants = [one["published"] for one in life.org.events]
    assert instants == sorted(instants)
    assert PASSWORD not in repr(life.org.events)

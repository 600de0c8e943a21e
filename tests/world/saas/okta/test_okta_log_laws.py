"""What holds for every course of events: memberships and accesses follow from the System Log alone."""

import json
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from okta_client import TOKEN, URL
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta

PLACES = st.integers(0, 1)
KINDS = ("join", "leave", "assign group", "unassign group", "assign user", "unassign user", "move", "deactivate",
         "activate", "rule on", "rule off", "delete group")  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(KINDS), PLACES, PLACES), min_size=6, max_size=24)


class Acme:
    """An org of two users, two groups, an app of the first, and a rule that puts sales people into it."""

    def __init__(self):
        clock = VirtualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.okta = Okta(clock=clock, ids=Ids(7), org_url=URL, org_name="acme", token=TOKEN)
        self.org = self.okta.org
        self.users = [self.call("POST", "/users", {"profile": self.profile(name)})["id"] for name in "ab"]
        self.groups = [self.call("POST", "/groups", {"profile": {"name": name}})["id"] for name in "GH"]
        bookmark = {
            "name": "bookmark",
            "label": "D",
            "signOnMode": "BOOKMARK",
            "settings": {"app": {"url": "https://d.example"}},
        }
        self.app = self.call("POST", "/apps", bookmark)["id"]
        expression = {"value": 'user.department=="Sales"', "type": "urn:okta:expression:1.0"}
        rule = {"type": "group_rule", "name": "sales", "conditions": {"expression": expression},
                "actions": {"assignUserToGroups": {"groupIds": self.groups[:1]}}}  # fmt: skip
        self.rule = self.call("POST", "/groups/rules", rule)["id"]
        for kind in ("join", "assign group"):
            self.take(kind, 0, 0)

    @staticmethod
    def profile(name):
        """Return the profile of a user."""
        return {"firstName": name, "lastName": "T", "email": f"{name}@a.example", "login": f"{name}@a.example"}

    def call(self, method, path, body=None):
        """Send a request; what it refuses is part of the course."""
        headers = Headers([("Authorization", f"SSWS {TOKEN}"), ("Content-Type", "application/json")])
        data = b"" if body is None else json.dumps(body).encode()
        reply = self.okta.handle(Request(method, f"{URL}/api/v1{path}", headers, data))
        return json.loads(reply.body or b"null")

    def take(self, kind, which, other):
        """Do one step with a user and a group."""
        user, group = self.users[which], self.groups[other]
        app = f"/apps/{self.app}"
        department = {"profile": {"department": "Sales" if other else "Engineering"}}
        steps = {
            "join": ("PUT", f"/groups/{group}/users/{user}"),
            "leave": ("DELETE", f"/groups/{group}/users/{user}"),
            "assign group": ("PUT", f"{app}/groups/{group}", {}),
            "unassign group": ("DELETE", f"{app}/groups/{group}"),
            "assign user": ("POST", f"{app}/users", {"id": user}),
            "unassign user": ("DELETE", f"{app}/users/{user}"),
            "move": ("POST", f"/users/{user}", department),
            "deactivate": ("POST", f"/users/{user}/lifecycle/deactivate"),
            "activate": ("POST", f"/users/{user}/lifecycle/activate"),
            "rule on": ("POST", f"/groups/rules/{self.rule}/lifecycle/activate"),
            "rule off": ("POST", f"/groups/rules/{self.rule}/lifecycle/deactivate"),
            "delete group": ("DELETE", f"/groups/{group}"),
        }
        self.call(*steps[kind])

    def told(self, event_type, first, second):
        """Fold the events `.add` and `.remove` of a type into the pairs of target ids that they leave."""
        pairs = set()
        for event in self.call("GET", "/logs?limit=1000"):
            ids = {target["type"]: target["id"] for target in event["target"]}
            if event["eventType"] == "group.lifecycle.delete" and second == "UserGroup":
                pairs = {pair for pair in pairs if pair[1] != ids["UserGroup"]}
            elif event["eventType"] == f"{event_type}.add":
                assert (ids[first], ids[second]) not in pairs
                pairs.add((ids[first], ids[second]))
            elif event["eventType"] == f"{event_type}.remove":
                pairs.remove((ids[first], ids[second]))
        return pairs


@settings(max_examples=40)
@given(steps=STEPS)
def test_memberships_and_accesses_follow_from_the_log(steps):
    """Every gain is told once and every loss once: the log alone gives what the API lists."""
    acme = Acme()
    for step in steps:
        acme.take(*step)
    left = [group for group in acme.groups if group in acme.org.groups]
    members = {(one["id"], group) for group in left for one in acme.call("GET", f"/groups/{group}/users")}
    assert acme.told("group.user_membership", "User", "UserGroup") == members
    using = {(one["id"], acme.app) for one in acme.call("GET", f"/apps/{acme.app}/users")}
    assert acme.told("application.user_membership", "User", "AppInstance") == using

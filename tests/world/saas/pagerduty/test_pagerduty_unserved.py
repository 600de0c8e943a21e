"""What PagerDuty documents and the twin does not play is refused by name; what it plays is filtered as it is asked."""

import pytest


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/users/{user}/notification_rules"), ("POST", "/users/{user}/notification_rules"),
        ("GET", "/incidents/PNONE00/alerts"), ("PUT", "/incidents/PNONE00/merge"), ("GET", "/incidents/types"),
        ("POST", "/incidents/PNONE00/status_updates"), ("POST", "/schedules/preview"),
        ("GET", "/incidents/custom_fields"),
        ("GET", "/services/{service}/integrations"), ("PUT", "/services/{service}/integrations/PNONE00"),
    ],
)  # fmt: skip
def test_a_documented_path_is_refused_and_never_not_found(call, shop, method, path):
    """A 404 would have a client make anew what is there."""
    address = path.format(user=shop.ada["id"], service=shop.service["id"])
    body = {"x": {}} if method != "GET" else None
    told = call(method, address, body, expect=400)
    assert "not simulated here" in told["error"]["errors"][0]


def test_what_nobody_has_is_not_found(call, shop):
    """Paths of nobody's, ids of nothing, and a method that no path has."""
    call("GET", "/nothing", expect=404)
    call("GET", "/users/PNONE00", expect=404)
    call("PATCH", "/users", {}, expect=405)


def test_a_service_says_what_it_cannot_do(call, shop):
    """Fields that would change how it behaves are refused, those that say nothing are taken."""
    path, policy = "/services", {"id": shop.policy["id"], "type": "escalation_policy_reference"}
    for more in (
        {"alert_creation": "never"},
        {"alert_grouping_parameters": {"type": "intelligent"}},
        {"support_hours": {"type": "fixed_time_per_day"}},
        {"auto_pause_notifications_parameters": {"enabled": True, "timeout": 120}},
    ):
        call("POST", path, {"service": {"name": "Other", "escalation_policy": policy} | more}, expect=400)
    plain = {"alert_grouping_parameters": {"type": None}, "scheduled_actions": [], "support_hours": None}
    plain |= {"auto_pause_notifications_parameters": {"enabled": False, "timeout": 120}}
    body = {"name": "Other", "escalation_policy": policy, "alert_creation": "create_incidents"} | plain
    assert call("POST", path, {"service": body}, expect=201)["service"]["alert_creation"] == "create_incidents"
    assert call("GET", f"{path}?team_ids[]=PNONE00")["services"] == []


def test_incidents_are_sorted_and_cut_by_time(call, shop, clock):
    """An order or a time that PagerDuty does not know is refused."""
    call.event(shop.key, dedup_key="a")
    clock.advance(3600)
    call.event(shop.key, dedup_key="b")

    def keys(query):
        return [one["incident_key"] for one in call("GET", f"/incidents?{query}")["incidents"]]

    assert keys("sort_by=created_at:desc") == keys("sort_by=urgency,incident_number:desc") == ["b", "a"]
    assert keys("since=2026-03-01T12:30:00Z") == ["b"]
    assert keys("until=2026-03-01T12:30:00Z") == ["a"]
    assert keys("date_range=all&since=2026-03-01T12:30:00Z") == ["a", "b"]
    for query in ("sort_by=colour", "sort_by=created_at:up", "since=garbage", "date_range=some"):
        call("GET", f"/incidents?{query}", expect=400)


def test_an_incident_takes_another_urgency_and_another_policy(call, shop):
    """With the policy it goes to who is on call there; what has no effect here is refused."""
    call.event(shop.key, dedup_key="a")
    (incident,) = call("GET", "/incidents")["incidents"]
    path, by = f"/incidents/{incident['id']}", shop.ada["email"]
    other = call.policy(shop.bob, name="Other")
    change = {"urgency": "low", "escalation_policy": {"id": other["id"], "type": "escalation_policy_reference"}}
    changed = call("PUT", path, {"incident": {"type": "incident"} | change}, by=by)["incident"]
    assert (changed["urgency"], changed["escalation_policy"]["id"]) == ("low", other["id"])
    assert [one["assignee"]["id"] for one in changed["assignments"]] == [shop.bob["id"]]
    for wrong in ({"urgency": "mild"}, {"resolution": "done", "status": "resolved"}, {"conference_bridge": {"x": "y"}}):
        call("PUT", path, {"incident": {"type": "incident"} | wrong}, by=by, expect=400)


def test_a_phone_number_is_one(call, shop):
    """Letters cannot be called."""
    path = f"/users/{shop.ada['id']}/contact_methods"
    method = {"type": "phone_contact_method", "label": "mobile"}
    call("POST", path, {"contact_method": method | {"address": "abc"}}, expect=400)
    call("POST", path, {"contact_method": method | {"address": "55512345"}}, expect=201)

"""PagerDuty's incidents: events with keys, escalation and timeouts on the clock, and what opens none."""

import pytest


def happened(world, kind):
    """Return the facts of the happenings of a kind."""
    return [one.facts for one in world.scene.happenings if one.kind == f"pagerduty.{kind}"]


def test_events_of_one_key_are_one_incident(call, shop):
    """A second trigger adds to the incident, a resolve ends it, and the next trigger opens another."""
    told = call.event(shop.key, dedup_key="disk")
    assert told == {"status": "success", "message": "Event processed", "dedup_key": "disk"}
    call.event(shop.key, dedup_key="disk")
    (incident,) = call.incidents("triggered")
    assert (incident["title"], incident["alert_counts"]["all"], incident["urgency"]) == ("disk full", 2, "high")
    call.event(shop.key, "acknowledge", dedup_key="disk")
    assert call("GET", f"/incidents/{incident['id']}")["incident"]["status"] == "acknowledged"
    call.event(shop.key, "resolve", dedup_key="disk")
    call.event(shop.key, dedup_key="disk")
    assert [one["incident_number"] for one in call.incidents("triggered")] == [2]
    kinds = [one["type"] for one in call("GET", f"/incidents/{incident['id']}/log_entries")["log_entries"]]
    assert kinds[0] == "resolve_log_entry"
    assert kinds.count("trigger_log_entry") == 2


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"routing_key": "short"}, "Length of 'routing_key' is incorrect (should be 32 characters)"),
        ({"event_action": "shout"}, "'event_action' is invalid"),
        ({"event_action": "resolve"}, "'dedup_key' is missing or blank"),
        ({"payload": {"summary": "x", "source": "y"}}, "'payload.severity' is missing or blank"),
        ({"payload": {"summary": "x", "source": "y", "severity": "bad"}}, "'payload.severity' is invalid"),
    ],
)
def test_an_event_that_is_wrong_is_refused(call, shop, change, problem):
    """The 400 names the mistake and no incident opens."""
    told = call.event(change.pop("routing_key", shop.key), change.pop("event_action", "trigger"), expect=400, **change)
    assert told["status"] == "invalid event"
    assert told["errors"][0].startswith(problem)
    assert call.incidents("triggered") == []


def test_an_event_that_is_no_json_is_refused(call):
    """What cannot be read is told apart from what is wrong."""
    told = call.send("POST", "https://events.pagerduty.com/v2/enqueue", b"{")
    assert (call.last.status, told["status"], told["errors"]) == (400, "Unrecognized object", ["JSON parse error"])


def test_an_incident_escalates_until_somebody_acknowledges(call, shop):
    """Ada has it for five minutes, then Bob, then Ada again in the second loop, and then it stays with Bob."""
    call.event(shop.key)
    seen = [shop.assignee()]
    for _ in range(4):
        shop.pass_(minutes=5)
        seen.append(shop.assignee())
    assert seen == [["Ada"], ["Bob"], ["Ada"], ["Bob"], ["Bob"]]


def test_an_acknowledged_incident_stays_and_comes_back_after_the_timeout(call, shop, world):
    """Acknowledgement stops the escalation; half an hour later the same person is notified again."""
    call.event(shop.key, dedup_key="k")
    (incident,) = call.incidents("triggered")
    change = {"incident": {"type": "incident", "status": "acknowledged"}}
    call("PUT", f"/incidents/{incident['id']}", change, by="ada@acme.example")
    shop.pass_(minutes=29)
    assert call.incidents("acknowledged")
    assert shop.assignee() == ["Ada"]
    assert len(happened(world, "incident.notified")) == 1
    shop.pass_(minutes=1)
    assert call.incidents("triggered")
    assert shop.assignee() == ["Ada"]
    assert len(happened(world, "incident.notified")) == 2


def test_an_incident_that_nobody_ends_resolves_itself(call, shop):
    """It does so after the service's four hours, and not a minute earlier."""
    call.event(shop.key)
    shop.pass_(minutes=239)
    assert len(call.incidents("triggered")) == 1
    shop.pass_(minutes=1)
    assert call.incidents("triggered", "acknowledged") == []
    assert len(call.incidents("resolved")) == 1


def test_a_snoozed_incident_is_triggered_again(call, shop):
    """It sleeps as long as it is told to."""
    call.event(shop.key)
    (incident,) = call.incidents("triggered")
    path = f"/incidents/{incident['id']}"
    call("POST", f"{path}/snooze", {"duration": 3600}, expect=201, by="ada@acme.example")
    shop.pass_(minutes=59)
    assert call("GET", path)["incident"]["status"] == "acknowledged"
    shop.pass_(minutes=1)
    assert call("GET", path)["incident"]["status"] == "triggered"
    call("POST", f"{path}/snooze", {"duration": 0}, expect=400, by="ada@acme.example")


def test_a_resolved_incident_does_not_change(call, shop):
    """What is over stays over; notes may still be written."""
    call.event(shop.key)
    (incident,) = call.incidents("triggered")
    path, by = f"/incidents/{incident['id']}", "bob@acme.example"
    call("PUT", "/incidents", {"incidents": [{"id": incident["id"], "status": "resolved"}]}, by=by)
    error = call("PUT", path, {"incident": {"status": "acknowledged"}}, expect=400, by=by)["error"]
    assert error["errors"] == ["Incident Already Resolved"]
    call("POST", f"{path}/notes", {"note": {"content": "was a drill"}}, by=by)
    (note,) = call("GET", f"{path}/notes")["notes"]
    assert (note["content"], note["user"]["summary"]) == ("was a drill", "Bob")


def test_a_reassigned_incident_notifies_the_new_person(call, shop, world):
    """Bob hears of what Ada hands him."""
    call.event(shop.key)
    (incident,) = call.incidents("triggered")
    change = {"incident": {"assignments": [{"assignee": {"id": shop.bob["id"], "type": "user_reference"}}]}}
    call("PUT", f"/incidents/{incident['id']}", change, by="ada@acme.example")
    assert shop.assignee() == ["Bob"]
    assert [one["email"] for one in happened(world, "incident.notified")] == ["ada@acme.example", "bob@acme.example"]


def test_an_incident_by_hand_has_a_key_of_its_own(call, shop):
    """A second one of the same key is refused while the first is open."""
    body = {
        "incident": {"type": "incident", "title": "odd", "service": {"id": shop.service["id"]}, "incident_key": "a"}
    }
    made = call("POST", "/incidents", body, expect=201, by="ada@acme.example")["incident"]
    assert (made["status"], made["service"]["id"]) == ("triggered", shop.service["id"])
    error = call("POST", "/incidents", body, expect=400, by="ada@acme.example")["error"]
    assert (error["code"], "matching dedup key" in error["errors"][0]) == (2002, True)
    body["incident"]["service"] = {"id": "PNOBODY"}
    assert call("POST", "/incidents", body, expect=400, by="ada@acme.example")["error"]["errors"] == [
        "Service not found"
    ]


def disabled(call, shop):
    """Disable the service."""
    call("PUT", f"/services/{shop.service['id']}", {"service": {"status": "disabled"}})


def maintained(call, shop):
    """Maintain the service for an hour."""
    window = {"start_time": "2026-03-01T12:00:00Z", "end_time": "2026-03-01T13:00:00Z"}
    window["services"] = [{"id": shop.service["id"], "type": "service_reference"}]
    call("POST", "/maintenance_windows", {"maintenance_window": window}, expect=201)


def deserted(call, shop):
    """Put the service on a policy whose only schedule has not begun."""
    schedule = call.schedule(shop.ada, start="2027-01-01T00:00:00Z")
    policy = call.policy(schedule, name="Later")
    call("PUT", f"/services/{shop.service['id']}", {"service": {"escalation_policy": {"id": policy["id"]}}})


@pytest.mark.parametrize(
    ("broken", "reason"), [(disabled, "disabled"), (maintained, "maintenance"), (deserted, "nobody on call")]
)
def test_an_event_that_can_reach_nobody_is_accepted_and_lost(call, shop, world, broken, reason):
    """The monitoring tool is told that all is well, and no incident opens."""
    broken(call, shop)
    assert call.event(shop.key)["status"] == "success"
    assert call.incidents("triggered") == []
    assert [one["reason"] for one in happened(world, "event.dropped")] == [reason]


def test_a_maintenance_window_ends(call, shop):
    """After its hour events open incidents again."""
    maintained(call, shop)
    assert call("GET", f"/services/{shop.service['id']}")["service"]["status"] == "maintenance"
    shop.pass_(hours=1)
    call.event(shop.key)
    assert call("GET", f"/services/{shop.service['id']}")["service"]["status"] == "critical"


def test_a_person_without_a_way_to_be_reached_is_not_notified(call, shop, world):
    """The incident is Ada's, and she does not hear of it."""
    (method,) = call("GET", f"/users/{shop.ada['id']}/contact_methods")["contact_methods"]
    call("DELETE", f"/users/{shop.ada['id']}/contact_methods/{method['id']}", expect=204)
    call.event(shop.key)
    assert shop.assignee() == ["Ada"]
    assert happened(world, "incident.notified") == []
    assert len(happened(world, "incident.unreachable")) == 1


def test_what_is_of_low_urgency_is_not_escalated(call, shop):
    """By severity, a warning stays with Ada where an error would go on to Bob."""
    rule = {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}}
    call("PUT", f"/services/{shop.service['id']}", {"service": rule})
    payload = {"summary": "s", "source": "x", "severity": "warning"}
    call.event(shop.key, payload=payload)
    shop.pass_(minutes=20)
    assert shop.assignee() == ["Ada"]
    (incident,) = call.incidents("triggered")
    assert incident["urgency"] == "low"

"""What PagerDuty serves and no story of an incident asks for: records read, changed and taken away one by one."""

import json


def test_teams_and_people_are_read_and_changed(call):
    """Each is found under its own address, has its new name, and a team that is deleted is gone."""
    ada = call.user("ada")
    assert call("GET", f"/users/{ada['id']}")["user"]["email"] == "ada@acme.example"
    team = call("POST", "/teams", {"team": {"name": "Platform"}}, expect=201)["team"]
    assert call("PUT", f"/teams/{team['id']}", {"team": {"name": "Base"}})["team"]["description"] is None
    assert call("GET", f"/teams/{team['id']}")["team"]["name"] == "Base"
    call("DELETE", f"/teams/{team['id']}", expect=204)
    call("GET", f"/teams/{team['id']}", expect=404)


def test_policies_and_schedules_are_changed_and_deleted(call):
    """A schedule goes once no policy names it; a policy keeps its rules when its name changes."""
    ada, bob = call.user("ada"), call.user("bob")
    rota = call.schedule(ada)
    policy = call.policy(rota)
    call("DELETE", f"/schedules/{rota['id']}", expect=400)
    changed = call("PUT", f"/schedules/{rota['id']}", {"schedule": {"name": "Secondary"}})["schedule"]
    assert (changed["name"], len(changed["schedule_layers"])) == ("Secondary", 1)
    rules = [{"escalation_delay_in_minutes": 5, "targets": [{"id": bob["id"], "type": "user_reference"}]}]
    path = f"/escalation_policies/{policy['id']}"
    call("PUT", path, {"escalation_policy": {"name": "Bob's", "escalation_rules": rules}})
    told = call("GET", path)["escalation_policy"]
    assert (told["name"], told["escalation_rules"][0]["targets"][0]["summary"]) == ("Bob's", "Bob")
    call("DELETE", f"/schedules/{rota['id']}", expect=204)
    call("GET", f"/schedules/{rota['id']}", expect=404)


def test_a_window_that_is_closed_holds_nothing_back(call, shop):
    """An ongoing window is listed as such until it is deleted; then events trigger again."""
    hours = {"start_time": "2026-03-01T11:00:00Z", "end_time": "2026-03-01T13:00:00Z"}
    body = hours | {"type": "maintenance_window", "services": [{"id": shop.service["id"], "type": "service_reference"}]}
    made = call("POST", "/maintenance_windows", {"maintenance_window": body}, expect=201)["maintenance_window"]
    (listed,) = call("GET", "/maintenance_windows?filter=ongoing")["maintenance_windows"]
    assert (listed["id"], call("GET", "/services")["services"][0]["status"]) == (made["id"], "maintenance")
    call("DELETE", f"/maintenance_windows/{made['id']}", expect=204)
    assert call("GET", "/maintenance_windows")["maintenance_windows"] == []
    call.event(shop.key)
    assert shop.assignee() == ["Ada"]


def test_an_integration_that_is_taken_away_opens_nothing(call, shop):
    """An alarm that SNS brings is an incident while its integration is there, and refused after."""
    made = call.integration(shop.service, "aws_cloudwatch")
    url = f"https://events.pagerduty.com/integration/{made['integration_key']}/enqueue"
    alarm = json.dumps({"AlarmName": "errors", "NewStateValue": "ALARM", "NewStateReason": "2 of 2"})
    told = {"Type": "Notification", "Subject": 'ALARM: "errors" in US East (N. Virginia)', "Message": alarm}
    call.send("POST", url, told)
    assert call.last.status == 200
    (incident,) = call.incidents("triggered")
    (entry,) = (one for one in call("GET", "/log_entries")["log_entries"] if one["type"] == "trigger_log_entry")
    assert call("GET", f"/log_entries/{entry['id']}")["log_entry"]["incident"]["id"] == incident["id"]
    call("DELETE", f"/services/{shop.service['id']}/integrations/{made['id']}", expect=204)
    call.send("POST", url, told)
    assert call.last.status == 400


def test_an_event_of_any_form_opens_one_incident(call, shop):
    """What EventBridge's rules send is named by kind and title; the same message again is no second incident."""
    event = {"id": "e-1", "detail-type": "GuardDuty Finding", "detail": {"title": "Unusual call"}}
    for _ in range(2):
        call.send("POST", f"https://events.pagerduty.com/x-ere/{shop.key}", event)
        assert call.last.status == 202
    assert [one["title"] for one in call.incidents("triggered")] == ["GuardDuty Finding: Unusual call"]
    call.send("POST", "https://events.pagerduty.com/x-ere/nobody", event)
    assert call.last.status == 400


def test_priorities_are_listed_and_nobody_is_the_key(call):
    """An account's key belongs to no user, of which PagerDuty tells by a sentence without a code."""
    assert [one["name"] for one in call("GET", "/priorities")["priorities"]] == ["P1", "P2", "P3", "P4", "P5"]
    assert "no current user" in call("GET", "/users/me", expect=400)["error"]

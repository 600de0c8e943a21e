"""PagerDuty's REST API: who may ask, how lists are paged, what is refused and how."""

import pytest

from twin.world.saas.accounts import PagerDutyAccount
from twin.world.world import World


def test_a_call_without_the_key_is_refused(call):
    """A key that is none gets 401, the account's gets an answer."""
    call("GET", "/users")
    call.token = "nobody"
    assert call("GET", "/users", expect=401)["error"]["code"] == 2006


def test_lists_are_paged_by_offset_and_tell_whether_there_is_more(call):
    """The pages of a list hold each row once; the total is told only when asked for."""
    made = [call.user(f"user{number}")["id"] for number in range(5)]
    first = call("GET", "/users?limit=3")
    rest = call("GET", "/users?limit=3&offset=3&total=true")
    assert ([one["id"] for one in first["users"] + rest["users"]], first["more"], rest["more"]) == (made, True, False)
    assert (first["total"], rest["total"], rest["limit"], rest["offset"]) == (None, 5, 3, 3)
    assert call("GET", "/users?limit=many", expect=400)["error"]["code"] == 2001


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"name": " "}, "Name cannot be blank."),
        ({"email": "ada"}, "Email is invalid"),
        ({"email": "ADA@acme.example"}, "Email has already been taken"),
        ({"role": "king"}, "Role must be one of"),
        ({"time_zone": 7}, "time_zone must be of type string"),
        ({"time_zone": "Mars/Olympus"}, "Time zone is invalid"),
    ],
)
def test_a_user_that_is_wrong_is_refused(call, change, problem):
    """Each mistake is named, and nobody is added."""
    call.user("ada")
    body = {"name": "Bob", "email": "bob@acme.example"} | change
    error = call("POST", "/users", {"user": body}, expect=400)["error"]
    assert (error["message"], error["code"]) == ("Invalid Input Provided", 2001)
    assert error["errors"][0].startswith(problem)
    assert len(call("GET", "/users")["users"]) == 1


def test_what_is_in_use_is_not_deleted(call, shop):
    """A user on a policy, and a policy on a service, stay; in the other order all go."""
    call("DELETE", f"/users/{shop.ada['id']}", expect=400)
    call("DELETE", f"/escalation_policies/{shop.policy['id']}", expect=400)
    for path in (
        f"/services/{shop.service['id']}",
        f"/escalation_policies/{shop.policy['id']}",
        f"/users/{shop.ada['id']}",
    ):
        call("DELETE", path, expect=204)
        assert call("GET", path, expect=404)["error"] == {"message": "Not Found", "code": 2100}


def test_a_team_has_its_members(call):
    """Who is put into a team is in it, and found by it, until taken out."""
    ada, team = call.user("ada"), call("POST", "/teams", {"team": {"name": "Platform"}}, expect=201)["team"]
    call.user("bob")
    call("PUT", f"/teams/{team['id']}/users/{ada['id']}", {"role": "manager"}, expect=204)
    (member,) = call("GET", f"/teams/{team['id']}/members")["members"]
    assert (member["user"]["id"], member["role"]) == (ada["id"], "manager")
    assert [one["id"] for one in call("GET", f"/users?team_ids[]={team['id']}")["users"]] == [ada["id"]]
    call("DELETE", f"/teams/{team['id']}/users/{ada['id']}", expect=204)
    assert call("GET", f"/teams/{team['id']}/members")["members"] == []
    call("POST", "/teams", {"team": {"name": "platform"}}, expect=400)


def test_a_change_of_an_incident_is_somebodys(call, shop):
    """Without `From`, or with nobody's address, nothing changes."""
    call.event(shop.key)
    (incident,) = call.incidents("triggered")
    change = {"incident": {"type": "incident_reference", "status": "acknowledged"}}
    for by in (None, "nobody@acme.example"):
        assert call("PUT", f"/incidents/{incident['id']}", change, expect=400, by=by)["error"]["code"] == 1008
    told = call("PUT", f"/incidents/{incident['id']}", change, by="ada@acme.example")["incident"]
    assert (told["status"], told["acknowledgements"][0]["acknowledger"]["summary"]) == ("acknowledged", "Ada")


def test_what_the_twin_lacks_is_refused_by_name(call):
    """What PagerDuty documents and the twin does not have says so; what nobody documents is not found."""
    error = call("GET", "/business_services", expect=400)["error"]
    assert "business_services is documented by PagerDuty and not simulated" in error["errors"][0]
    call("GET", "/nonsense", expect=404)


def test_the_rate_limit_is_told_and_enforced_where_wanted(clock):
    """The headers count down; with enforcement the minute's last request is followed by 429 until the minute ends."""
    from pagerduty_client import PagerDutyClient

    world = World(7, clock, pagerduty=PagerDutyAccount("acme", "t" * 20, enforce_rate_limits=True))
    call = PagerDutyClient(world)
    for _ in range(960):
        call("GET", "/teams")
    assert call.last.headers["ratelimit-remaining"] == "0"
    assert call("GET", "/teams", expect=429)["error"]["code"] == 2020
    assert call.last.headers["ratelimit-reset"] == "60"
    clock.advance(60)
    call("GET", "/teams")
    world.close()

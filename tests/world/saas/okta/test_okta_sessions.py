"""Sessions: they live as the rule that opened them allows, and end when somebody says so."""

import pytest
from okta_person import NO_TOKEN, demand, open_session, person, sign_in

from twin.world.saas.okta.access_revocation import REVOKERS, revokes_oauth


def begun(call):
    """Return a new session of ada."""
    return open_session(call, sign_in(call)["sessionToken"])


def limited(call, idle, lifetime):
    """Limit the sessions of everybody, in minutes."""
    group = next(one["id"] for one in call("GET", "/api/v1/groups") if one["type"] == "BUILT_IN")
    limits = {"maxSessionIdleMinutes": idle, "maxSessionLifetimeMinutes": lifetime}
    demand(call, groups=[group], session=limits)


def test_a_session_dies_of_idleness(call, clock):
    """To look at it does not keep it alive, to use it does."""
    person(call)
    limited(call, 30, 0)
    session = begun(call)
    path = f"/api/v1/sessions/{session['id']}"
    assert session["expiresAt"] == "2026-11-22T10:30:00.000Z"
    clock.advance(1200)
    assert call("GET", path)["expiresAt"] == "2026-11-22T10:30:00.000Z"
    assert call("POST", f"{path}/lifecycle/refresh")["expiresAt"] == "2026-11-22T10:50:00.000Z"
    clock.advance(1799)
    call("GET", path)
    clock.advance(1)
    call("GET", path, expect=(404, "E0000007"))
    call("POST", f"{path}/lifecycle/refresh", expect=(404, "E0000007"))


def test_a_session_dies_of_age_however_much_it_is_used(call, clock):
    """The lifetime counts from the sign-in."""
    person(call)
    limited(call, 30, 45)
    path = f"/api/v1/sessions/{begun(call)['id']}"
    clock.advance(1500)
    assert call("POST", f"{path}/lifecycle/refresh")["expiresAt"] == "2026-11-22T10:45:00.000Z"
    clock.advance(1200)
    call("GET", path, expect=(404, "E0000007"))


def test_a_session_without_a_lifetime_lives_while_it_is_used(call, clock):
    """The default of two hours idle and no end."""
    person(call)
    path = f"/api/v1/sessions/{begun(call)['id']}"
    for _ in range(24):
        clock.advance(7000)
        call("POST", f"{path}/lifecycle/refresh")
    assert call("GET", path)["status"] == "ACTIVE"


def test_a_browser_knows_its_own_session(call):
    """`me` is the session of the cookie, without any API token; without the cookie it is nobody's."""
    person(call)
    session = begun(call)
    cookie = NO_TOKEN | {"Cookie": f"sid={session['id']}"}
    assert call("GET", "/api/v1/sessions/me", headers=cookie)["id"] == session["id"]
    assert call("POST", "/api/v1/sessions/me/lifecycle/refresh", headers=cookie)["id"] == session["id"]
    call("GET", "/api/v1/sessions/me", headers=NO_TOKEN, expect=(404, "E0000007"))
    call("DELETE", "/api/v1/sessions/me", headers=cookie)
    call("GET", "/api/v1/sessions/me", headers=cookie, expect=(404, "E0000007"))
    assert call.events()[-1] == "user.session.end"


@pytest.mark.parametrize("path", ["/api/v1/sessions/x", "/api/v1/users/me"])
def test_other_paths_need_an_api_token(call, path):
    """A session is no API token."""
    person(call)
    session = begun(call)
    call("GET", path, headers=NO_TOKEN | {"Cookie": f"sid={session['id']}"}, expect=(401, "E0000011"))


def test_clearing_sessions_ends_all_of_a_user_and_of_nobody_else(call):
    """One command ends what an intruder holds; another user does not notice."""
    ada, _ = person(call), person(call, "bob")
    mine = [begun(call) for _ in range(2)]
    other = open_session(call, sign_in(call, "bob")["sessionToken"])
    call("DELETE", f"/api/v1/users/{ada['id']}/sessions")
    for session in mine:
        call("GET", f"/api/v1/sessions/{session['id']}", expect=(404, "E0000007"))
    assert call("GET", f"/api/v1/sessions/{other['id']}")["login"] == "bob@acme.example"
    (event,) = [one for one in call.okta.org.events if one["eventType"] == "user.session.clear"]
    assert event["debugContext"]["debugData"]["sessionsCleared"] == "2"


def test_oauth_tokens_end_only_when_asked(call):
    """`oauthTokens` reaches whoever keeps tokens; deactivation always does."""
    user, ended = person(call), []
    revoker = revokes_oauth(lambda org, one: ended.append(one["id"]))
    try:
        call("DELETE", f"/api/v1/users/{user['id']}/sessions")
        assert (ended, call.okta.org.revoked) == ([], {})
        call("DELETE", f"/api/v1/users/{user['id']}/sessions?oauthTokens=true")
        assert call.okta.org.revoked == {user["id"]: "2026-11-22T10:00:00.000Z"}
        call("POST", f"/api/v1/users/{user['id']}/lifecycle/deactivate")
        assert ended == [user["id"]] * 2
    finally:
        REVOKERS.remove(revoker)

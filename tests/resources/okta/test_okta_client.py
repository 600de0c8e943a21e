"""The Okta client on the wire: pages by Link, errors by code, no step to another host."""

import pytest
import responses

from twin.errors import TargetError
from twin.resources.call import Refused, okta
from twin.resources.okta.api import OktaSystem

URL = "https://acme.okta.com"
USERS = f"{URL}/api/v1/users"


@pytest.fixture
def system():
    """A client without a server behind it."""
    return OktaSystem(URL, "00token")


@responses.activate
def test_pages_follow_the_link_that_says_next(system):
    """Items of all pages come as one list; the query is sent once, the links carry it on."""
    responses.get(
        USERS,
        json=[{"id": "a"}],
        headers={"Link": f'<{USERS}?limit=1>; rel="self", <{USERS}?after=a&limit=1>; rel="next"'},
        match=[responses.matchers.query_param_matcher({"limit": "1"})],
    )
    responses.get(
        USERS,
        json=[{"id": "b"}],
        headers={"Link": f'<{USERS}?after=a&limit=1>; rel="self"'},
        match=[responses.matchers.query_param_matcher({"after": "a", "limit": "1"})],
    )
    assert system.execute(okta("GET", "/api/v1/users", query={"limit": 1}, pages=True)) == [{"id": "a"}, {"id": "b"}]
    assert system.calls == 2
    assert responses.calls[0].request.headers["Authorization"] == "SSWS 00token"


@responses.activate
def test_a_next_page_on_another_host_is_not_asked_for(system):
    """The token is not sent to a host that a reply names."""
    responses.get(USERS, json=[], headers={"Link": '<https://evil.example/api/v1/users>; rel="next"'})
    with pytest.raises(TargetError, match="another host"):
        system.execute(okta("GET", "/api/v1/users", pages=True))
    assert len(responses.calls) == 1


@responses.activate
def test_an_error_tells_code_summary_and_causes(system):
    """What Okta says is in the error, and the same call is not tried again."""
    body = {
        "errorCode": "E0000001",
        "errorSummary": "Api validation failed: login",
        "errorCauses": [
            {"errorSummary": "login: An object with this field already exists in the current organization"}
        ],
    }
    responses.post(USERS, json=body, status=400)
    with pytest.raises(Refused, match="already exists") as refused:
        system.execute(okta("POST", "/api/v1/users", {"profile": {}}))
    assert (refused.value.code, refused.value.status, refused.value.transient) == ("E0000001", 400, False)


@responses.activate
@pytest.mark.parametrize("absent", ["E0000007", "404"])
def test_what_is_gone_is_none_when_that_is_expected(system, absent):
    """An absent code or status makes the reply None; without it the same reply is an error."""
    responses.delete(f"{USERS}/u", json={"errorCode": "E0000007", "errorSummary": "Not found"}, status=404)
    assert system.execute(okta("DELETE", "/api/v1/users/u", absent=(absent,))) is None
    with pytest.raises(Refused):
        system.execute(okta("DELETE", "/api/v1/users/u"))


@responses.activate
def test_an_empty_reply_is_none(system):
    """204 has no body."""
    responses.delete(f"{USERS}/u", status=204)
    assert system.execute(okta("DELETE", "/api/v1/users/u")) is None


@responses.activate
def test_a_page_of_html_is_refused(system):
    """A proxy's page is no reply of Okta's."""
    responses.get(USERS, body="<html>Bad Gateway</html>", status=500)
    with pytest.raises(Refused) as refused:
        system.execute(okta("GET", "/api/v1/users"))
    assert refused.value.code == "NotJson"


@responses.activate
def test_out_of_reach_is_a_target_error(system):
    """A connection that fails is not Okta saying no."""
    with pytest.raises(TargetError):
        system.execute(okta("GET", "/api/v1/users"))

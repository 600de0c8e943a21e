"""The server as such: authentication, refusals by name, headers, the log, determinism, coverage."""

import hashlib
import json
import pickle
import re
from datetime import UTC, datetime

import pytest
from okta_client import TOKEN, URL, Client
from okta_contract import CONTRACT
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world.ids import Ids
from twin.world.saas.okta.server import Okta
from twin.world.saas.rsa_keys import rsa_key


@pytest.mark.parametrize("header", [f"SSWS {TOKEN}", f"SSWS{TOKEN}"])
def test_a_token_is_accepted_with_and_without_the_space(okta, header):
    """The SDK leaves the space out."""
    reply = okta.handle(Request("GET", f"{URL}/api/v1/org", Headers({"Authorization": header})))
    assert reply.status == 200


@pytest.mark.parametrize("header", ["", "SSWS wrong", f"Basic {TOKEN}", f"ssws {TOKEN}x", "SSWS"])
def test_any_other_credential_is_refused(okta, header):
    """The vendor's whole error shape comes back with 401."""
    reply = okta.handle(Request("GET", f"{URL}/api/v1/org", Headers({"Authorization": header} if header else {})))
    body = json.loads(reply.body)
    assert (reply.status, body["errorCode"], body["errorLink"]) == (401, "E0000011", "E0000011")
    assert set(body) == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}
    assert TOKEN not in reply.body.decode()


def test_a_revoked_token_works_no_longer(call):
    """Tokens are listed without their value; the current one revokes itself."""
    (token,) = call("GET", "/api/v1/api-tokens")
    assert TOKEN not in call.last.body.decode()
    assert call("GET", f"/api/v1/api-tokens/{token['id']}")["name"] == "bootstrap"
    call("DELETE", "/api/v1/api-tokens/current")
    call("GET", "/api/v1/org", expect=(401, "E0000011"))


def test_a_token_is_renamed_and_revoked_by_id(call):
    """The new name is kept; after revocation by id the token is refused."""
    (token,) = call("GET", "/api/v1/api-tokens")
    path, network = f"/api/v1/api-tokens/{token['id']}", {"connection": "ANYWHERE"}
    assert call("PUT", path, {"name": "ci", "network": network})["name"] == "ci"
    call("PUT", path, {"name": "ci", "network": {"connection": "MARS"}}, expect=(400, "E0000001"))
    call("DELETE", path)
    call("GET", "/api/v1/org", expect=(401, "E0000011"))


def test_a_token_dies_with_its_owner(call):
    """A deactivated admin's token is refused."""
    call("POST", "/api/v1/users/me/lifecycle/deactivate")
    call("GET", "/api/v1/org", expect=(401, "E0000011"))


def test_what_is_not_served_is_refused_by_name(call):
    """Documented operations are named, wrong methods and unknown paths have their own codes; none is a 200."""
    call("GET", "/api/v1/idps", expect=(400, "E0000060"))
    assert "GET /api/v1/idps" in json.loads(call.last.body)["errorSummary"]
    for path in (
        "/api/v1/trustedOrigins",
        "/api/v1/iam/roles",
        "/api/v1/domains",
        "/api/v1/meta/schemas/group/default",
    ):
        call("POST", path, {}, expect=(400, "E0000060"))
    call("PATCH", "/api/v1/groups", {}, expect=(405, "E0000022"))
    call("GET", "/api/v1/nothing", expect=(404, "E0000008"))


def test_every_documented_operation_answers_or_refuses_by_name(okta, call):
    """No operation of the vendor's documents falls through to an unknown path or method."""
    served = CONTRACT.served()
    refused = 0
    for operation, _, _ in CONTRACT.operations:
        method, path = operation.split(" ")
        if operation in served:
            continue
        reply = okta.handle(
            Request(method, URL + re.sub(r"\{\w+\}", "x", path), Headers({"Authorization": f"SSWS {TOKEN}"}))
        )
        code = json.loads(reply.body)["errorCode"]
        assert code in ("E0000060", "E0000007"), f"{operation}: {reply.status} {code}"
        refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("body", "headers", "refusal"),
    [
        (b"{not json", {}, (400, "E0000003")),
        (b"[1]", {}, (400, "E0000003")),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, (400, "E0000021")),
    ],
)
def test_a_body_that_is_no_json_object_is_refused(call, body, headers, refusal):
    """Malformed and foreign bodies have their own codes."""
    call("POST", "/api/v1/groups", body, headers=headers, expect=refusal)


def test_every_reply_tells_the_rate_limit(call):
    """Refusals carry the headers too, and the limit is the endpoint's own."""
    for path, limit in (("/api/v1/users", "600"), ("/api/v1/users/ada", "2000"), ("/api/v1/logs", "120")):
        call.last = None
        call("GET", path, expect=(404, "E0000007") if path.endswith("ada") else None)
        assert call.last.headers["X-Rate-Limit-Limit"] == limit
        assert int(call.last.headers["X-Rate-Limit-Reset"]) > 0
        assert call.last.headers["Date"] == "Sun, 22 Nov 2026 10:00:00 GMT"
        assert call.last.headers["X-Okta-Request-Id"]


def test_an_enforced_limit_refuses_until_the_window_turns(clock):
    """The 101st listing of apps in a minute is 429; a minute later it works again."""
    okta = Okta(clock=clock, ids=Ids(1), org_url=URL, org_name="acme", token=TOKEN, enforce_rate_limits=True)
    call = Client(okta)
    for _ in range(100):
        call("GET", "/api/v1/apps")
    assert call.last.headers["X-Rate-Limit-Remaining"] == "0"
    call("GET", "/api/v1/apps", expect=(429, "E0000047"))
    clock.advance(60)
    call("GET", "/api/v1/apps")


def test_the_log_records_who_did_what_to_whom(call, clock):
    """Events are filtered by type and time, and read on from where a reader stopped."""
    user = call.user()
    clock.advance(60)
    group = call.group()
    call("PUT", f"/api/v1/groups/{group['id']}/users/{user['id']}")
    (event,) = call("GET", '/api/v1/logs?filter=eventType eq "group.user_membership.add"')
    assert [one["id"] for one in event["target"]] == [user["id"], group["id"]]
    assert event["actor"]["alternateId"] == "admin@acme.example"
    assert event["published"] == "2026-11-22T10:01:00.000Z"
    late = call("GET", "/api/v1/logs?since=2026-11-22T10:00:30Z&until=2026-11-22T10:02:00Z")
    assert [one["eventType"] for one in late] == ["group.lifecycle.create", "group.user_membership.add"]
    assert len(call("GET", "/api/v1/logs?limit=1&sortOrder=DESCENDING")) == 1
    call("GET", "/api/v1/logs")
    following = call.last.headers.getlist("Link")[1].partition(">")[0].lstrip("<")
    assert call("GET", following) == []
    call.group("Later")
    assert [one["eventType"] for one in call("GET", following)] == ["group.lifecycle.create"]
    call("GET", '/api/v1/logs?filter=shoe eq "x"', expect=(400, "E0000031"))
    call("GET", "/api/v1/logs?since=yesterday", expect=(400, "E0000001"))


def test_the_org_is_read_and_changed(call):
    """Settings change one by one or whole; anyone may ask who the org is."""
    assert call("GET", "/api/v1/org")["subdomain"] == "acme"
    assert call("POST", "/api/v1/org", {"city": "Oslo"})["companyName"] == "acme"
    assert call("PUT", "/api/v1/org", {"companyName": "Acme Inc"})["city"] == ""
    call("PUT", "/api/v1/org", {"city": "Oslo"}, expect=(400, "E0000001"))
    call.token = "none"
    assert call("GET", "/.well-known/okta-organization")["pipeline"] == "idx"


def _run(seed):
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    call = Client(Okta(clock=clock, ids=Ids(seed), org_url=URL, org_name="acme", token=TOKEN))
    call.user()
    call.group()
    kid = call("GET", "/api/v1/authorizationServers/default")["credentials"]["signing"]["kid"]
    rsa_key.cache_clear()
    call("GET", f"/api/v1/authorizationServers/default/credentials/keys/{kid}")
    return call.last.body + call.okta.handle(Request("GET", f"{URL}/api/v1/users")).body


def test_the_same_seed_gives_the_same_bytes():
    """Ids, keys and errors repeat with the seed and change with it."""
    assert _run(1) == _run(1)
    assert _run(1) != _run(2)


def test_a_key_from_a_text_is_whole_and_stays_the_same():
    """Its halves are primes that fit each other; of this text another pair comes when a sieved round draws nothing."""
    numbers = rsa_key("key 3").private_numbers()
    assert numbers.private_key().key_size == 2048  # which looks whether it is a key
    assert hashlib.sha256(str(numbers.public_numbers.n).encode()).hexdigest()[:16] == "57f3a2368414eed1"


def test_the_state_travels_by_pickle(call):
    """An org that was pickled goes on where it was."""
    user = call.user()
    other = Client(pickle.loads(pickle.dumps(call.okta)))
    assert other("GET", f"/api/v1/users/{user['id']}") == call("GET", f"/api/v1/users/{user['id']}")


@pytest.mark.parametrize(
    "tamper",
    [
        lambda body: body | {"status": "SLEEPING"},
        lambda body: body | {"created": "yesterday"},
        lambda body: body | {"profile": {"email": 7}},
        lambda body: [body],
    ],
)
def test_the_contract_check_catches_a_reply_that_strays(call, tamper):
    """The check that guards every other test fails on a wrong enum, date, type and shape."""
    user = call.user()
    request = Request("GET", f"{URL}/api/v1/users/{user['id']}")
    reply = call.last
    CONTRACT.check(request, reply)
    reply.body = json.dumps(tamper(user)).encode()
    with pytest.raises(AssertionError):
        CONTRACT.check(request, reply)


def test_the_contract_check_catches_an_undocumented_status(call):
    """A 201 where the vendor answers 200 is caught."""
    call.group()
    call.last.status = 201
    with pytest.raises(AssertionError, match="does not answer 201"):
        CONTRACT.check(Request("POST", f"{URL}/api/v1/groups"), call.last)


def test_null_fields_say_the_same_as_absent_ones(call):
    """Clients that write null for what they do not set are understood."""
    profile = {"firstName": "A", "lastName": "B", "email": "a@b.example", "login": "a@b.example", "title": None}
    body = {"profile": profile, "credentials": None, "groupIds": None, "type": None}
    assert call("POST", "/api/v1/users?activate=false", body)["status"] == "STAGED"


@pytest.mark.parametrize(("path", "field"), [("apps", "name"), ("zones", "type"), ("behaviors", "type")])
def test_a_kind_that_is_no_text_is_refused(call, path, field):
    """The name of an app and the type of a zone or a behavior decide what else is read."""
    for odd in ([], {}, ["x"], {"a": 1}, 5):
        body = {"name": "n", "label": "x", "signOnMode": "BOOKMARK", field: odd}
        call("POST", f"/api/v1/{path}", body, expect=(400, "E0000001"))

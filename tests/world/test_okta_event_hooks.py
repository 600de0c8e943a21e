"""Event hooks of Okta: verified by their challenge, then called with the events of a short time, tried once more."""

import json

import pytest
from receivers import Receiver
from werkzeug.datastructures import Headers

from twin.wire import Request

HOOK = "https://hooks.acme.example"


@pytest.fixture
def call(world):
    """Calls the org's management API and returns the status and the JSON."""

    def call(method, path, body=None):
        sent = Headers({"Authorization": f"SSWS {world.okta.token}", "Content-Type": "application/json"})
        raw = b"" if body is None else json.dumps(body).encode()
        reply = world.handle(Request(method, f"{world.okta.url}/api/v1{path}", sent, raw))
        return reply.status, json.loads(reply.body) if reply.body else {}

    return call


def hook(*events, uri=f"{HOOK}/okta", name="h", **config):
    """Return the body of a hook."""
    scheme = {"type": "HEADER", "key": "Authorization", "value": "my-secret"}
    config = {"uri": uri, "headers": [{"key": "X-Org", "value": "acme"}], "authScheme": scheme} | config
    told = {"type": "EVENT_TYPE", "items": list(events) or ["group.lifecycle.create"]}
    return {"name": name, "events": told, "channel": {"type": "HTTP", "version": "1.0.0", "config": config}}


def group(call, name):
    """Make a group."""
    return call("POST", "/groups", {"profile": {"name": name, "description": "x"}})[1]


@pytest.fixture
def receiver(world):
    """A receiver that answers the challenge and takes what comes."""
    found = Receiver()
    world.scene.reach.receivers[HOOK] = found
    return found


def verified(call, *events):
    """Make a hook that is verified."""
    made = call("POST", "/eventHooks", hook(*events))[1]
    assert call("POST", f"/eventHooks/{made['id']}/lifecycle/verify")[1]["verificationStatus"] == "VERIFIED"
    return made


def kinds(world):
    """Return what was told of deliveries."""
    return [one.kind for one in world.scene.happenings if one.kind.startswith("webhook.")]


def test_a_hook_gets_nothing_before_its_address_returned_the_challenge(world, call, clock, receiver):
    """A wrong answer leaves it unverified and stands in the log; the secret is sent but never shown."""
    made = call("POST", "/eventHooks", hook())[1]
    assert (made["status"], made["verificationStatus"]) == ("ACTIVE", "UNVERIFIED")
    assert made["channel"]["config"]["authScheme"] == {"type": "HEADER", "key": "authorization"}
    group(call, "early")
    receiver.verifies = False
    verify = f"/eventHooks/{made['id']}/lifecycle/verify"
    status, told = call("POST", verify)
    assert (status, told["errorCode"]) == (400, "E0000001")
    clock.advance(60)
    world.settle()
    assert [one.method for one in receiver.got] == ["GET"]
    receiver.verifies = True
    assert call("POST", verify)[0] == 200
    asked = receiver.got[-1]
    assert asked.headers["Authorization"] == "my-secret"
    assert len(asked.headers["X-Okta-Verification-Challenge"]) > 20
    log = [(one["eventType"], one["outcome"]["result"]) for one in world.vendors.okta().events]
    assert log.count(("event_hook.verified", "FAILURE")) == log.count(("event_hook.verified", "SUCCESS")) == 1


def test_events_of_a_short_time_come_in_one_request(world, call, clock, receiver):
    """Only the types that were asked for, in the form of the log, with the headers of the hook."""
    made = verified(call, "group.lifecycle.create")
    for name in ("a", "b"):
        found = group(call, name)
    call("DELETE", f"/groups/{found['id']}")
    clock.advance(2)
    world.settle()
    post = receiver.got[-1]
    told = json.loads(post.body)
    assert (post.method, post.headers["Authorization"], post.headers["X-Org"]) == ("POST", "my-secret", "acme")
    assert told["eventType"] == "com.okta.event_hook"
    assert told["source"] == f"{world.okta.url}/api/v1/eventHooks/{made['id']}"
    assert [one["target"][0]["displayName"] for one in told["data"]["events"]] == ["a", "b"]
    assert kinds(world) == ["webhook.delivered"]
    assert "my-secret" not in str([one.facts for one in world.scene.happenings])
    clock.advance(600)
    world.settle()
    assert len(receiver.got) == 2
    assert world.agenda.next() is None


@pytest.mark.parametrize(("status", "posts"), [(500, 2), (404, 1), (204, 1)])
def test_a_request_that_nobody_takes_is_sent_once_more_unless_it_was_refused(
    world, call, clock, receiver, status, posts
):
    """A 5xx is tried again with the same event id, a 4xx is not; what is given up stands in the log."""
    verified(call)
    receiver.status = status
    group(call, "a")
    clock.advance(60)
    world.settle()
    sent = [json.loads(one.body)["eventId"] for one in receiver.got if one.method == "POST"]
    assert (len(sent), len(set(sent))) == (posts, 1)
    failed = [one for one in world.vendors.okta().events if one["eventType"] == "event_hook.delivery"]
    assert len(failed) == (status >= 400)


def test_what_would_leave_this_machine_is_not_sent(world, call, clock, receiver):
    """An address elsewhere cannot be verified; one that was taken away is told as undeliverable, and no failure."""
    made = call("POST", "/eventHooks", hook(uri="https://hooks.example.org/x"))[1]
    status, told = call("POST", f"/eventHooks/{made['id']}/lifecycle/verify")
    assert (status, "outside" in str(told)) == (400, True)
    verified(call)
    world.scene.reach.receivers.clear()
    group(call, "a")
    clock.advance(60)
    world.settle()
    assert kinds(world) == ["webhook.undeliverable"]
    assert "event_hook.delivery" not in [one["eventType"] for one in world.vendors.okta().events]


def test_hooks_are_held_to_what_okta_takes(call, receiver):
    """Types that are not eligible, plain http to elsewhere, deleting one that is active: refused."""
    for body in (
        hook("system.log.no_such_event"),
        hook("event_hook.created"),
        hook(uri="http://hooks.acme.example/x"),
        hook(uri="http://["),
        hook(uri="https://hooks.acme.example:port/x"),
        hook(uri=5),
        hook(headers=[{"key": "a b", "value": "x"}]),
        hook(headers=[{"key": "x-a", "value": "x\r\nx-b: y"}]),
        hook(authScheme={"type": "HEADER", "key": "auth:", "value": "x"}),
        hook() | {"name": ""},
        hook() | {"colour": "red"},
        {"name": "h"},
    ):
        status, told = call("POST", "/eventHooks", body)
        assert (status, told["errorCode"]) == (400, "E0000001"), body
    made = verified(call)
    path = f"/eventHooks/{made['id']}"
    assert call("DELETE", path)[0] == 400
    moved = call("PUT", path, hook(uri=f"{HOOK}/other"))[1]
    assert moved["verificationStatus"] == "UNVERIFIED"
    assert call("PUT", path, hook(uri=f"{HOOK}/other", name="renamed"))[1]["verificationStatus"] == "UNVERIFIED"
    assert call("POST", f"{path}/lifecycle/deactivate")[1]["status"] == "INACTIVE"
    assert [call("DELETE", path)[0], call("DELETE", path)[0]] == [204, 404]


def test_a_hook_that_stands_still_loses_what_was_gathered(world, call, clock, receiver):
    """Deactivated before the request is due, it gets nothing, then and after it is active again."""
    path = f"/eventHooks/{verified(call)['id']}/lifecycle"
    group(call, "a")
    call("POST", f"{path}/deactivate")
    call("POST", f"{path}/activate")
    clock.advance(60)
    world.settle()
    assert [one.method for one in receiver.got] == ["GET"]

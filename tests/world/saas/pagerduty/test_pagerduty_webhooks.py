"""Webhooks of PagerDuty: signed, in order, tried again, given up for a day."""

import hashlib
import hmac
import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
from receivers import Receiver

from twin.world.outbox import Answer
from twin.world.saas.pagerduty.webhooks import again

HOOK = "https://hooks.acme.example"
BAD_HEADERS = (
    "X-A: x",
    ["X-A"],
    [{"name": "X A", "value": "x"}],
    [{"name": "X-A", "value": "x\nX-B: y"}],
    [{"name": "X-A", "value": "x"}, {"name": "x-a", "value": "y"}],
)


@pytest.fixture
def receiver(world):
    """A receiver that takes what comes."""
    found = Receiver()
    world.scene.reach.receivers[HOOK] = found
    return found


def subscription(*events, url=f"{HOOK}/pd", scope=None, **more):
    """Return the body of a subscription."""
    headers = [{"name": "X-Team", "value": "sre"}]
    method = {"type": "http_delivery_method", "url": url, "custom_headers": headers}
    told = {"type": "webhook_subscription", "description": "d", "events": list(events), "delivery_method": method}
    return {"webhook_subscription": told | {"filter": scope or {"type": "account_reference"}} | more}


def with_headers(told):
    """Return the body of a subscription with headers of somebody's choice."""
    body = subscription("incident.triggered")
    body["webhook_subscription"]["delivery_method"]["custom_headers"] = told
    return body


def subscribe(call, *events, **more):
    """Make a subscription and return it with its secret."""
    body = subscription(*(events or ("incident.triggered", "incident.resolved")), **more)
    return call("POST", "/webhook_subscriptions", body, expect=201)["webhook_subscription"]


def types(receiver):
    """Return the types of the events that came."""
    return [json.loads(one.body)["event"]["event_type"] for one in receiver.got]


def later(world, clock, seconds):
    """Let time go by."""
    clock.advance(seconds)
    world.settle()


def test_an_incident_comes_signed_with_who_has_it(world, call, clock, shop, receiver):
    """The signature is that of the raw body by the secret, which is shown once; headers are sent and never shown."""
    made = subscribe(call)
    shown = call("GET", f"/webhook_subscriptions/{made['id']}")["webhook_subscription"]["delivery_method"]
    assert (shown["secret"], shown["custom_headers"]) == (None, [{"name": "X-Team", "value": "-- redacted --"}])
    call.event(shop.key, dedup_key="k1")
    later(world, clock, 2)
    (post,) = receiver.got
    event = json.loads(post.body)["event"]
    secret = made["delivery_method"]["secret"]
    signed = hmac.new(secret.encode(), post.body, hashlib.sha256).hexdigest()
    assert post.headers["X-PagerDuty-Signature"] == f"v1={signed}"
    assert (post.headers["X-Team"], post.headers["X-Webhook-Subscription"]) == ("sre", made["id"])
    assert (event["event_type"], event["resource_type"]) == ("incident.triggered", "incident")
    assert [one["summary"] for one in event["data"]["assignees"]] == [shop.ada["name"]]
    assert event["data"]["service"]["id"] == shop.service["id"]


def test_what_happens_to_an_incident_comes_in_order(world, call, clock, shop, receiver):
    """From the trigger over escalation, note and priority to the end; other scopes get nothing."""
    names = ("triggered", "escalated", "acknowledged", "annotated", "priority_updated", "reassigned", "resolved")
    subscribe(
        call, *(f"incident.{name}" for name in names), scope={"type": "service_reference", "id": shop.service["id"]}
    )
    other = call("POST", "/services", {"service": {"name": "Other", "escalation_policy": {"id": shop.policy["id"],
                 "type": "escalation_policy_reference"}}}, expect=201)["service"]  # fmt: skip
    subscribe(call, url=f"{HOOK}/other", scope={"type": "service_reference", "id": other["id"]})
    call.event(shop.key, dedup_key="k1")
    later(world, clock, 301)
    (incident,) = call("GET", "/incidents")["incidents"]
    path, ada = f"/incidents/{incident['id']}", shop.ada["email"]
    (first, *_) = call("GET", "/priorities")["priorities"]
    call("PUT", path, {"incident": {"type": "incident", "status": "acknowledged"}}, by=ada)
    call("POST", f"{path}/notes", {"note": {"content": "looking"}}, by=ada)
    call("PUT", path, {"incident": {"type": "incident", "priority": {"id": first["id"]}}}, by=ada)
    to_ada = [{"assignee": {"id": shop.ada["id"], "type": "user_reference"}}]
    call("PUT", path, {"incident": {"type": "incident", "assignments": to_ada}}, by=ada)
    call("PUT", path, {"incident": {"type": "incident", "status": "resolved"}}, by=ada)
    later(world, clock, 10)
    assert types(receiver) == [f"incident.{name}" for name in names]
    assert {one.url for one in receiver.got} == {f"{HOOK}/pd"}
    agents = [json.loads(one.body)["event"]["agent"] for one in receiver.got]
    assert [one and one["id"] for one in agents] == [None, None, *[shop.ada["id"]] * 5]


def test_a_failing_endpoint_is_tried_five_times_and_three_drops_cost_a_day(world, call, clock, shop, receiver):
    """Retries repeat the webhook's id, what waits behind it is dropped with the third; `enable` ends it at once."""
    made = subscribe(call, "service.updated")
    path, receiver.status = f"/webhook_subscriptions/{made['id']}", 503

    def rename():
        call("PUT", f"/services/{shop.service['id']}", {"service": {"name": "Shop"}})

    def temporarily():
        return call("GET", path)["webhook_subscription"]["delivery_method"]["temporarily_disabled"]

    for _ in range(4):
        rename()
    later(world, clock, 1210)
    assert len(receiver.got) == 5 + 1
    assert len({one.headers["X-Webhook-Id"] for one in receiver.got}) == 2
    later(world, clock, 2500)
    assert (len(receiver.got), temporarily()) == (15, True)
    receiver.status = 200
    rename()
    later(world, clock, 60)
    assert len(receiver.got) == 15
    call("POST", f"{path}/enable")
    rename()
    later(world, clock, 60)
    assert (len(receiver.got), temporarily()) == (16, False)
    assert world.agenda.next() is None


def test_a_disablement_ends_by_itself_after_a_day(world, call, clock, shop, receiver):
    """A refusal is not tried again; a good answer in between starts the count anew."""
    made = subscribe(call, "service.updated")
    for status in (400, 404, 200, 410, 403, 404):
        receiver.status = status
        call("PUT", f"/services/{shop.service['id']}", {"service": {"name": "Shop"}})
        later(world, clock, 2)
    assert len(receiver.got) == 6
    shown = call("GET", f"/webhook_subscriptions/{made['id']}")["webhook_subscription"]
    assert shown["delivery_method"]["temporarily_disabled"] is True
    later(world, clock, 86_400)
    receiver.status = 200
    call("PUT", f"/services/{shop.service['id']}", {"service": {"name": "Shop"}})
    later(world, clock, 2)
    assert len(receiver.got) == 7


def test_a_ping_tests_the_way(world, call, clock, receiver):
    """It is no event of an incident; a subscription that is gone is not found."""
    made = subscribe(call)
    path = f"/webhook_subscriptions/{made['id']}"
    call("POST", f"{path}/ping", expect=202)
    later(world, clock, 2)
    assert types(receiver) == ["pagey.ping"]
    call("DELETE", path, expect=204)
    for method, at in (("DELETE", path), ("GET", path), ("POST", f"{path}/ping"), ("PUT", path)):
        call(method, at, subscription("incident.triggered") if method == "PUT" else None, expect=404)


def test_subscriptions_are_held_to_what_pagerduty_takes(call, shop):
    """Unknown events, scopes and addresses are refused; a list is filtered by what it is of."""
    service = {"type": "service_reference", "id": shop.service["id"]}
    subscribe(call)
    subscribe(call, scope=service)
    for body in (
        subscription("incident.exploded"),
        subscription(),
        subscription("incident.triggered", url="ftp://x"),
        subscription("incident.triggered", url="http://["),
        subscription("incident.triggered", url="http://a:port"),
        *(with_headers(told) for told in BAD_HEADERS),
        subscription("incident.triggered", scope={"type": "service_reference", "id": "PNONE00"}),
        subscription("incident.triggered", scope={"type": "galaxy_reference"}),
        subscription("incident.triggered", active="yes"),
        {"subscription": {}},
    ):
        call("POST", "/webhook_subscriptions", body, expect=400)
    path = "/webhook_subscriptions"
    of_service = call("GET", f"{path}?filter_type=service&filter_id={shop.service['id']}")["webhook_subscriptions"]
    of_account = call("GET", f"{path}?filter_type=account")["webhook_subscriptions"]
    assert [len(of_service), len(of_account), len(call("GET", path)["webhook_subscriptions"])] == [1, 1, 2]
    call("GET", f"{path}?filter_type=service", expect=400)
    for _ in range(9):
        subscribe(call)
    call("POST", path, subscription("incident.triggered"), expect=400)


def test_a_change_keeps_the_headers_that_come_back_redacted(world, call, clock, shop, receiver):
    """What a client read and sends back whole changes nothing; an inactive subscription gets nothing."""
    made = subscribe(call, "service.updated")
    path, name = f"/webhook_subscriptions/{made['id']}", {"service": {"name": "Shop"}}
    read = call("GET", path)
    assert call("PUT", path, read) == read
    call("PUT", f"/services/{shop.service['id']}", name)
    later(world, clock, 2)
    assert receiver.got[-1].headers["X-Team"] == "sre"
    call("PUT", path, {"webhook_subscription": {"active": False}})
    call("PUT", f"/services/{shop.service['id']}", name)
    call("PUT", path, {"webhook_subscription": {"active": True, "events": ["service.deleted"]}})
    call("PUT", f"/services/{shop.service['id']}", name)
    later(world, clock, 2)
    assert len(receiver.got) == 1
    call("PUT", path, {"webhook_subscription": {"events": []}}, expect=400)


def test_an_answer_may_come_after_its_subscription_is_gone(world):
    """What is taken away while a delivery is on its way ends it, and nothing else."""
    for status in (202, 404):
        assert again(world.scene.vendors.pagerduty(), "gone", 0, Answer(status)) is None

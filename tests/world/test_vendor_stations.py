"""Calls to Okta and Cloudflare pass principal, fault, authorise, answer and record; the evidence keeps all of them."""

import json
from datetime import UTC, datetime

import pytest
from werkzeug.datastructures import Headers

from twin.clock import VirtualClock
from twin.wire import Request
from twin.world import snapshot
from twin.world.saas.accounts import OktaOrg
from twin.world.saas.stations import VendorDenied, VendorFault
from twin.world.world import World

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


class Org:
    """A world seen by somebody who holds both vendors' tokens."""

    def __init__(self, seed=7, **options):
        self.clock = VirtualClock(AT)
        self.world = World(seed, self.clock, **options)
        self.vendors = self.world.vendors
        self.account = f"/accounts/{self.world.cloudflare.account_id}"

    def okta(self, method, path, body=None, *, token=None, **headers):
        """Call Okta; returns the wire reply."""
        sent = {"Authorization": f"SSWS {token or self.world.okta.token}", **headers}
        return self._send(method, f"{self.world.okta.url}/api/v1{path}", body, sent)

    def cloudflare(self, method, path, body=None, *, token=None, **headers):
        """Call Cloudflare; returns the wire reply."""
        sent = {"Authorization": f"Bearer {token or self.world.cloudflare.token}", **headers}
        return self._send(method, f"https://api.cloudflare.com/client/v4{path}", body, sent)

    def _send(self, method, url, body, headers):
        data = b"" if body is None else json.dumps(body).encode()
        lines = {"Content-Type": "application/json", **headers}
        return self.world.handle(Request(method, url, Headers(list(lines.items())), data))

    def last(self):
        """Return the newest entry of the evidence."""
        return self.vendors.evidence.call(len(self.vendors.evidence) - 1)


@pytest.fixture
def org():
    """A world of its own."""
    made = Org()
    yield made
    made.world.close()


def failing(status, kind="outage", **options):
    """Return a fault that every call meets."""

    def fault(_call):
        raise VendorFault(status, kind, **options)

    return fault


def group(name="G"):
    """Return the body of a group."""
    return {"profile": {"name": name, "description": "x"}}


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [(500, "outage", "E0000009"), (502, "edge", "E0000009"), (503, "outage", "E0000009"), (504, "slow", "E0000009"),
     (503, "read-only", "E0000010"), (429, "throttling", "E0000047")],
)  # fmt: skip
def test_a_fault_of_okta_has_oktas_shape_and_changes_nothing(org, status, kind, code):
    """The error body, the request id, and the headers without which the SDK breaks; healed, the call works."""
    org.vendors.faults.append(failing(status, kind))
    reply = org.okta("POST", "/groups", group())
    body = json.loads(reply.body)
    assert (reply.status, body["errorCode"], body["errorLink"]) == (status, code, code)
    assert set(body) == {"errorCode", "errorSummary", "errorLink", "errorId", "errorCauses"}
    assert int(reply.headers["X-Rate-Limit-Reset"]) > AT.timestamp()
    assert reply.headers["Date"] == "Sun, 01 Mar 2026 12:00:00 GMT"
    assert reply.headers["X-Okta-Request-Id"]
    assert (reply.headers["X-Rate-Limit-Remaining"] == "0") == (status == 429)
    assert (org.last().status, org.last().fault, org.last().error) == (status, kind, code)
    org.vendors.faults.clear()
    assert [one["profile"]["name"] for one in json.loads(org.okta("GET", "/groups").body)] == ["Everyone"]
    assert org.okta("POST", "/groups", group()).status == 200
    assert org.last().fault == ""


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [(500, 10001, "Internal server error"), (502, 7010, "Service unavailable"), (503, 7010, "Service unavailable"),
     (504, 7010, "Service unavailable"), (429, 971, "Please wait and consider throttling your request speed")],
)  # fmt: skip
def test_a_fault_of_cloudflare_has_its_envelope_and_changes_nothing(org, status, code, message):
    """`success` is false, the error has code and message, 429 tells when to come back; healed, the call works."""
    org.vendors.faults.append(failing(status))
    reply = org.cloudflare("POST", "/zones", {"name": "example.com"})
    assert reply.status == status
    assert json.loads(reply.body) == {
        "result": None, "success": False, "errors": [{"code": code, "message": message}], "messages": []}  # fmt: skip
    assert reply.headers.get("Retry-After") == ("300" if status == 429 else None)
    assert (org.last().status, org.last().fault) == (status, "outage")
    org.vendors.faults.clear()
    assert json.loads(org.cloudflare("GET", "/zones").body)["result"] == []
    assert org.cloudflare("POST", "/zones", {"name": "example.com"}).status == 200


def test_a_throttled_caller_is_told_for_how_long(org):
    """The wait of the fault is in Okta's reset and in Cloudflare's Retry-After."""
    org.vendors.faults.append(failing(429, "throttling", retry_after=17, message="Slow down"))
    reply = org.okta("GET", "/users")
    assert int(reply.headers["X-Rate-Limit-Reset"]) - AT.timestamp() == 17
    assert json.loads(reply.body)["errorSummary"] == "Slow down"
    reply = org.cloudflare("GET", "/zones")
    assert reply.headers["Retry-After"] == "17"
    assert json.loads(reply.body)["errors"][0]["message"] == "Slow down"


def test_a_throttled_call_to_okta_is_a_rate_limit_violation_in_its_log(org):
    """Once in a window for each bucket, with the caller as its actor; other faults are none of the log's business."""
    org.vendors.faults.append(failing(429))
    for _ in range(3):
        org.okta("GET", "/users")
    org.vendors.faults[:] = [failing(503)]
    org.okta("GET", "/groups")
    org.vendors.faults.clear()
    events = list(org.vendors.evidence.events("okta"))
    assert [event["eventType"] for event in events] == ["system.org.rate_limit.violation"]
    assert events[0]["actor"]["type"] == "User"
    assert events[0]["target"][0]["id"] == "/api/v1/users"
    assert json.loads(org.okta("GET", "/logs").body) == events


def test_a_faulted_or_denied_change_is_a_failure_in_cloudflares_audit(org):
    """The call stands in version 2 with its status, no effect in version 1; reads leave nothing."""

    def deny(_call):
        raise VendorDenied("no")

    org.vendors.faults.append(failing(503))
    org.cloudflare("POST", "/zones", {"name": "example.com"})
    org.cloudflare("GET", "/zones")
    org.vendors.faults[:] = [deny]
    org.cloudflare("POST", "/zones", {"name": "example.com"})
    found = list(org.vendors.evidence.events("cloudflare"))
    assert [(one["action"]["result"], one["raw"]["status_code"]) for one in found] == [
        ("failure", 503),
        ("failure", 403),
    ]
    assert list(org.vendors.evidence.events("cloudflare", log="audit_logs")) == []
    org.vendors.faults.clear()
    day = "since=2026-03-01&before=2026-03-02&direction=asc"
    assert json.loads(org.cloudflare("GET", f"{org.account}/logs/audit?{day}").body)["result"] == found


def test_a_fault_that_a_vendor_cannot_have_is_refused():
    """Faults are failures of the vendor's own: a 404 or a 200 is none."""
    for status in (200, 404, 499, 501, 600):
        with pytest.raises(ValueError, match="statuses"):
            VendorFault(status, "odd")


def test_a_fault_sees_the_call_under_the_vendors_names(org):
    """Vendor, operation, path and principal are known; a fault can pick the calls that it hits."""
    seen = []

    def fault(call):
        seen.append((call.vendor, call.method, call.operation, call.principal.name, call.principal.owner_kind))
        if call.operation == "PUT /api/v1/groups/{groupId}/users/{userId}":
            raise VendorFault(500, "membership")

    org.vendors.faults.append(fault)
    made = json.loads(org.okta("POST", "/groups", group()).body)
    me = json.loads(org.okta("GET", "/users/me").body)
    assert org.okta("PUT", f"/groups/{made['id']}/users/{me['id']}").status == 500
    zone = json.loads(org.cloudflare("POST", "/zones", {"name": "example.com"}).body)["result"]
    org.cloudflare("GET", f"/zones/{zone['id']}/dns_records")
    assert seen == [
        ("okta", "POST", "POST /api/v1/groups", "bootstrap", "user"),
        ("okta", "GET", "GET /api/v1/users/{id}", "bootstrap", "user"),
        ("okta", "PUT", "PUT /api/v1/groups/{groupId}/users/{userId}", "bootstrap", "user"),
        ("cloudflare", "POST", "POST /zones", "bootstrap", "user"),
        ("cloudflare", "GET", "GET /zones/{zone_id}/dns_records", "bootstrap", "user"),
    ]
    assert org.last().principal != org.vendors.evidence.call(0).principal


def test_the_stations_come_in_their_order(org):
    """Wrong credentials are refused before any fault, a fault comes before the authoriser, both before the answer."""
    order = []
    org.vendors.faults.append(lambda call: order.append("fault"))
    org.vendors.authorisers.append(lambda call: order.append("authorise"))
    assert org.okta("GET", "/users", token="00wrong").status == 401
    assert org.cloudflare("GET", "/zones", token="x" * 40).status == 403
    assert order == []
    assert org.last().principal == ""
    org.okta("GET", "/users")
    org.cloudflare("GET", "/zones")
    assert order == ["fault", "authorise"] * 2
    org.vendors.faults.append(failing(503))
    assert org.okta("GET", "/users").status == 503
    assert order[-1] == "fault"


def test_an_authoriser_refuses_in_the_vendors_words(org):
    """Okta says E0000006, Cloudflare 10000, and the thing is not done; others go on."""

    def readers_only(call):
        if call.method != "GET":
            raise VendorDenied("read only")

    org.vendors.authorisers.append(readers_only)
    reply = org.okta("POST", "/groups", group())
    assert (reply.status, json.loads(reply.body)["errorCode"]) == (403, "E0000006")
    reply = org.cloudflare("POST", "/zones", {"name": "example.com"})
    assert (reply.status, json.loads(reply.body)["errors"][0]["code"]) == (403, 10000)
    assert len(json.loads(org.okta("GET", "/groups").body)) == 1
    assert json.loads(org.cloudflare("GET", "/zones").body)["result"] == []


def test_a_cloudflare_token_is_refused_outside_its_addresses(org):
    """The condition on the request's address counts, inside and outside; the refusal names the address."""
    policy = {"effect": "allow", "resources": {"com.cloudflare.api.account.zone.*": "*"},
              "permission_groups": [{"id": "82e64a83756745bbbb1c9c2701bf816b"}]}  # fmt: skip
    condition = {"request_ip": {"in": ["192.0.2.0/24"], "not_in": ["192.0.2.9/32"]}}
    made = org.cloudflare("POST", "/user/tokens", {"name": "ci", "policies": [policy], "condition": condition})
    secret = json.loads(made.body)["result"]["value"]
    for address, status in (("192.0.2.7", 200), ("192.0.2.9", 403), ("198.51.100.1", 403)):
        reply = org.cloudflare("GET", "/zones", token=secret, **{"X-Twin-Source-Ip": address})
        assert reply.status == status
    error = json.loads(reply.body)["errors"][0]
    assert error == {"code": 9109, "message": "Cannot use the access token from location: 198.51.100.1"}


def test_the_rate_limits_of_a_worlds_okta_can_be_enforced():
    """The 101st listing of apps in a minute is refused with Okta's headers, and the clock opens the next window."""
    org = Org(okta=OktaOrg("https://acme.okta.com", "acme", "00token", enforce_rate_limits=True))
    statuses = [org.okta("GET", "/apps").status for _ in range(101)]
    assert statuses == [200] * 100 + [429]
    reset = int(org.okta("GET", "/apps").headers["X-Rate-Limit-Reset"])
    org.clock.advance(reset - AT.timestamp())
    assert org.okta("GET", "/apps").status == 200
    org.world.close()


def test_the_evidence_has_every_call_read_or_refused(org):
    """Who asked for what from where, and how it ended, of reads and refusals too; no secret is in it."""
    org.okta("GET", "/users?limit=3", **{"X-Twin-Source-Ip": "203.0.113.9", "User-Agent": "curl/8"})
    org.okta("GET", "/users", token="00stolen-token")
    org.cloudflare("GET", "/zones/" + "0" * 32)
    first, second, third = org.vendors.evidence.calls()
    assert (first.vendor, first.operation, first.status) == ("okta", "GET /api/v1/users", 200)
    assert (first.source, first.user_agent) == ("203.0.113.9", "curl/8")
    assert first.url.endswith("/api/v1/users?limit=3")
    assert first.time == AT
    assert (second.status, second.error, second.principal) == (401, "E0000011", "")
    assert (third.vendor, third.status, third.error) == ("cloudflare", 404, "1001")
    text = str(list(org.vendors.evidence.calls()))
    assert not any(secret in text for secret in (org.world.okta.token, org.world.cloudflare.token, "00stolen-token"))


def test_the_evidence_keeps_what_the_vendors_logs_lose(org):
    """A log that is emptied, or grew too old, does not change the second copy; nor does an event that is altered."""
    org.okta("POST", "/groups", group())
    org.cloudflare("POST", "/zones", {"name": "example.com"})
    before = [list(org.vendors.evidence.events(vendor)) for vendor in ("okta", "cloudflare")]
    state = org.vendors._made["cloudflare"].state
    events = org.vendors._made["okta"].org.events
    events[0]["eventType"] = "nothing.happened"
    events.clear()
    state.audit.actions[0]["action"]["result"] = "failure"
    state.audit.actions.clear()
    state.audit.changes.clear()
    assert json.loads(org.okta("GET", "/logs").body) == []
    after = [list(org.vendors.evidence.events(vendor)) for vendor in ("okta", "cloudflare")]
    assert before == after
    assert before[0][0]["eventType"] == "group.lifecycle.create"
    assert before[1][0]["action"]["result"] == "success"
    (added,) = org.vendors.evidence.events("cloudflare", log="audit_logs")
    assert added["action"]["type"] == "add"


def test_the_evidence_keeps_everything_when_blocks_are_sealed(org):
    """Thousands of calls are compressed and read back the same; an entry out of order is refused."""
    org.okta("POST", "/groups", group())
    evidence = org.vendors.evidence
    sample = evidence.call(0)
    for number in range(1, 3000):
        evidence.append(sample._replace(number=number))
    assert len(evidence) == len(list(evidence.calls())) == 3000
    assert evidence.call(0)._replace(events=[]) == sample._replace(events=[])
    assert len(list(evidence.events("okta"))) == 3000
    with pytest.raises(ValueError, match="in order"):
        evidence.append(sample)


def test_a_copy_of_the_vendors_goes_on_alone(org):
    """Servers, logs and evidence travel with a snapshot; what is done in the original since is not seen in the copy."""
    org.okta("POST", "/groups", group())
    org.cloudflare("POST", "/zones", {"name": "example.com"})
    before = {vendor: list(org.vendors.evidence.events(vendor)) for vendor in ("okta", "cloudflare")}
    kept = snapshot.save(org.world, b"k" * 32)
    org.okta("POST", "/groups", group(name="later"))
    copy = snapshot.restore(kept, b"k" * 32, VirtualClock).world
    token = Headers({"Authorization": f"SSWS {copy.okta.token}"})
    asked = Request("GET", f"{copy.okta.url}/api/v1/logs", token)
    assert json.loads(copy.handle(asked).body) == before["okta"]
    assert {vendor: list(copy.vendors.evidence.events(vendor)) for vendor in before} == before
    assert (len(copy.vendors.evidence), len(org.vendors.evidence)) == (3, 3)


def _run(seed):
    org = Org(seed)
    org.okta("POST", "/groups", group())
    org.okta("POST", "/groups", {"profile": {}})
    zone = json.loads(org.cloudflare("POST", "/zones", {"name": "example.com"}).body)["result"]
    org.cloudflare("PATCH", f"/zones/{zone['id']}/settings/ssl", {"value": "strict"})
    found = "\n".join(map(str, org.vendors.evidence.calls()))
    org.world.close()
    return found


def test_the_same_seed_gives_the_same_evidence():
    """Equal to the byte with its events; another seed has other ids."""
    assert _run(1) == _run(1)
    assert _run(1) != _run(2)


def test_the_okta_org_is_at_hand_for_its_people(world):
    """The state that the API changes is the one that a person's phone would answer from."""
    org = world.vendors.okta()
    before = len(org.users)
    body = {"firstName": "A", "lastName": "B", "email": "a@acme.example", "login": "a@acme.example"}
    headers = Headers({"Authorization": f"SSWS {world.okta.token}", "Content-Type": "application/json"})
    request = Request("POST", f"{world.okta.url}/api/v1/users", headers, json.dumps({"profile": body}).encode())
    assert world.vendors.handle("okta", request).status == 200
    assert len(world.vendors.okta().users) == before + 1
    assert world.vendors.okta() is org

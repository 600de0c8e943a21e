"""Both audit logs: version 1 with an entry per effect, version 2 with an entry per call, failures too."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from twin.world.saas.cloudflare.audit_changes import area_of
from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import ROUTER, contract_name

ACCOUNT = "/accounts/" + "a" * 32
DAY = "since=2026-03-01&before=2026-03-02"
FROM = {"X-Twin-Source-Ip": "203.0.113.9", "User-Agent": "terraform/1.11"}
BLOCK = {"action": "block", "expression": '(http.request.uri.path eq "/admin")'}
POLICY = {
    "effect": "allow",
    "resources": {"com.cloudflare.api.account.zone.*": "*"},
    "permission_groups": [{"id": "82e64a83756745bbbb1c9c2701bf816b"}],
}


def changed(api, query=""):
    """Return the entries of version 1, oldest first."""
    return api.ok("GET", f"{ACCOUNT}/audit_logs?direction=asc{query}")


def done(api, query=""):
    """Return the entries of version 2, oldest first."""
    return api.ok("GET", f"{ACCOUNT}/logs/audit?{DAY}&direction=asc{query}")


def record(name, content="192.0.2.1"):
    """Return the body of an address record."""
    return {"type": "A", "name": name, "content": content}


def elsewhere(api, method, path, body=None):
    """Call from another address, as another client."""
    return api.send(method, path, body, headers={"Authorization": f"Bearer {api.token}", **FROM})


def test_every_operation_that_changes_something_is_audited():
    """Each has an area with words and a description; none that reads has one."""
    unsupported = set(reference("unsupported", "operations"))
    claimed = {contract_name(name) for name in ROUTER.endpoints} - unsupported
    changing = {operation for operation in claimed if not operation.startswith("GET ")}
    assert set(reference("audit", "descriptions")) == changing
    assert len(changing) == 72
    assert {operation for operation in claimed if area_of(operation)} == changing


def test_a_change_of_a_record_has_old_and_new_value(api, zone):
    """Who, by which token, from where, what, in which zone, before and after."""
    made = api.ok("POST", f"{zone}/dns_records", record("www"))
    elsewhere(api, "PATCH", f"{zone}/dns_records/{made['id']}", {"content": "192.0.2.2"})
    api.ok("DELETE", f"{zone}/dns_records/{made['id']}")
    added, moved, removed = changed(api, "&zone.name=example.com")[2:]
    kinds = [entry["action"]["type"] for entry in (added, moved, removed)]
    assert kinds == ["rec_add", "rec_set", "rec_del"]
    assert (added["oldValueJson"], added["newValueJson"]["content"]) == ({}, "192.0.2.1")
    assert (moved["oldValueJson"]["content"], moved["newValueJson"]["content"]) == ("192.0.2.1", "192.0.2.2")
    assert (removed["oldValueJson"]["content"], removed["newValueJson"]) == ("192.0.2.2", {})
    (token,) = api.ok("GET", "/user/tokens")
    user = api.ok("GET", "/user")
    assert moved["actor"] == {"id": user["id"], "email": user["email"], "ip": "203.0.113.9", "type": "user"}
    assert (moved["metadata"]["token_id"], moved["metadata"]["token_name"]) == (token["id"], "bootstrap")
    assert moved["resource"] == {"id": made["id"], "type": "DNS_record"}
    assert moved["zone"] == {"id": zone.removeprefix("/zones/"), "name": "example.com"}
    assert (moved["interface"], moved["owner"]["id"], moved["action"]["result"]) == ("API", user["id"], True)
    assert moved["when"] == "2026-03-01T12:00:00Z"


def test_a_batch_is_one_call_and_many_effects(api, zone):
    """Version 1 tells each record, version 2 the call; a batch that fails has no effects and one failure."""
    old = api.ok("POST", f"{zone}/dns_records", record("old"))
    before, calls = len(changed(api)), len(done(api))
    batch = {"deletes": [{"id": old["id"]}], "posts": [record("a"), record("b")]}
    api.ok("POST", f"{zone}/dns_records/batch", batch)
    assert [entry["action"]["type"] for entry in changed(api)[before:]] == ["rec_del", "rec_add", "rec_add"]
    assert len(done(api)) == calls + 1
    api.refused("POST", f"{zone}/dns_records/batch", {"posts": [record("c"), record("c", "no address")]})
    assert len(changed(api)) == before + 3
    assert [entry["action"]["result"] for entry in done(api)[calls:]] == ["success", "failure"]


def test_a_setting_is_told_by_name_with_its_two_values(api, zone):
    """Single values stand as text; several settings of one call are several changes of the zone."""
    api.ok("PATCH", f"{zone}/settings/ssl", {"value": "strict"})
    api.ok("PATCH", f"{zone}/settings", [{"id": "min_tls_version", "value": "1.2"}, {"id": "ssl", "value": "full"}])
    first, *both = changed(api, "&action.type=change_setting")
    assert (first["metadata"]["name"], first["newValue"]) == ("ssl", "strict")
    assert first["oldValue"] != "strict"
    assert first["resource"] == {"id": zone.removeprefix("/zones/"), "type": "zone"}
    assert {(one["metadata"]["name"], one["oldValue"], one["newValue"]) for one in both} == {
        ("ssl", "strict", "full"), ("min_tls_version", "1.0", "1.2")}  # fmt: skip


def test_rules_and_load_balancing_are_audited_with_both_values(make_api):
    """A rule that goes, a pool that moves: what stood before is in the log."""
    api = make_api("enterprise")
    zone = "/zones/" + api.ok("POST", "/zones", {"name": "example.com"})["id"]
    entry = f"{zone}/rulesets/phases/http_request_firewall_custom/entrypoint"
    api.ok("PUT", entry, {"rules": [BLOCK]})
    api.ok("PUT", entry, {"rules": []})
    made, emptied = (one for one in changed(api) if one["resource"]["type"] == "ruleset")
    assert [made["action"]["type"], emptied["action"]["type"]] == ["create", "update"]
    assert emptied["oldValueJson"]["rules"][0]["action"] == "block"
    assert emptied["newValueJson"]["rules"] == []
    pool = {"name": "main", "origins": [{"name": "o1", "address": "192.0.2.10"}]}
    one = api.ok("POST", f"{ACCOUNT}/load_balancers/pools", pool)
    api.ok("PATCH", f"{ACCOUNT}/load_balancers/pools/{one['id']}", {"enabled": False})
    moved = changed(api)[-1]
    assert (moved["oldValueJson"]["enabled"], moved["newValueJson"]["enabled"]) == (True, False)
    assert "zone" not in moved


def test_a_deleted_zone_keeps_its_name_in_the_log(api, zone):
    """Both logs name the zone that is gone, and its old value is there."""
    api.ok("DELETE", zone)
    entry = changed(api)[-1]
    assert (entry["action"]["type"], entry["zone"]["name"]) == ("delete", "example.com")
    assert entry["oldValueJson"]["name_servers"]
    assert done(api)[-1]["zone"]["name"] == "example.com"


def test_a_call_is_told_with_request_response_and_ray(api, zone):
    """Version 2 has the method, the path, the client, the body that was sent and the answer."""
    made = json.loads(elsewhere(api, "POST", f"{zone}/dns_records", record("www")).body)["result"]
    ray = elsewhere(api, "PATCH", f"{zone}/dns_records/{made['id']}", {"ttl": 300}).headers["CF-RAY"]
    entry = done(api)[-1]
    assert entry["action"] == {
        "description": "Update DNS Record",
        "result": "success",
        "time": "2026-03-01T12:00:00Z",
        "type": "update",
    }
    assert entry["raw"] == {
        "cf_ray_id": ray.partition("-")[0],
        "method": "PATCH",
        "status_code": 200,
        "uri": f"{zone}/dns_records/{made['id']}",
        "user_agent": "terraform/1.11",
    }
    actor = entry["actor"]
    assert (actor["context"], actor["type"], actor["token_name"]) == ("api_token", "user", "bootstrap")
    assert actor["ip_address"] == "203.0.113.9"
    assert entry["resource"]["request"] == {"ttl": 300}
    assert entry["resource"]["response"]["ttl"] == 300
    assert (entry["resource"]["id"], entry["resource"]["product"]) == (made["id"], "dns_records")
    assert entry["resource"]["scope"] == "zones"
    assert entry["account"] == {"id": "a" * 32, "name": "Twin"}


def test_a_failed_call_is_a_failure_in_version_2_only(api, zone):
    """The status tells how it failed; reads, wrong tokens and unknown routes leave nothing."""
    effects, calls = len(changed(api)), len(done(api))
    api.refused("POST", f"{zone}/dns_records", {"type": "A", "name": "x", "content": "no address"})
    api.refused("DELETE", f"{zone}/dns_records/{'0' * 32}")
    api.refused("POST", f"{zone}/dns_records", raw=b"{")
    api.ok("GET", f"{zone}/dns_records")
    api.refused("DELETE", "/zones/nowhere")
    api.refused("POST", "/zones", {"name": "x.com"}, headers={"Authorization": "Bearer " + "x" * 40})
    failed = done(api)[calls:]
    assert [entry["raw"]["status_code"] for entry in failed] == [400, 404, 400]
    assert {entry["action"]["result"] for entry in failed} == {"failure"}
    assert len(changed(api)) == effects


@pytest.mark.parametrize("path", ["/user/tokens", f"{ACCOUNT}/tokens"])
def test_a_tokens_secret_is_in_no_log(api, path):
    """Its life is told; a roll within the same second too; the secrets are not."""
    made = api.ok("POST", path, {"name": "ci", "policies": [POLICY]})
    rolled = api.ok("PUT", f"{path}/{made['id']}/value", {})
    api.ok("PUT", f"{path}/{made['id']}", {"name": "cd", "status": "active", "policies": [POLICY]})
    api.ok("DELETE", f"{path}/{made['id']}")
    entries = changed(api)
    assert [entry["action"]["type"] for entry in entries] == ["create", "roll", "update", "delete"]
    assert {entry["resource"]["id"] for entry in entries} == {made["id"]}
    assert (entries[2]["oldValueJson"]["name"], entries[2]["newValueJson"]["name"]) == ("ci", "cd")
    text = json.dumps([changed(api), done(api)])
    assert not any(secret in text for secret in (made["value"], rolled, api.token))


def test_a_header_that_carries_a_credential_is_masked(make_api):
    """A monitor may send an Authorization header; its value is in the monitor, not in the logs."""
    api = make_api("enterprise")
    header = {"Host": ["example.com"], "Authorization": ["Bearer hunter2"]}
    api.ok("POST", f"{ACCOUNT}/load_balancers/monitors", {"expected_codes": "2xx", "header": header})
    (entry,) = changed(api)
    assert entry["newValueJson"]["header"] == {"Host": ["example.com"], "Authorization": "[redacted]"}
    assert "hunter2" not in json.dumps(done(api))
    assert "hunter2" in json.dumps(api.ok("GET", f"{ACCOUNT}/load_balancers/monitors"))


def test_an_account_token_acts_for_the_account(api):
    """Its calls name the account and the token, no user; they are not in the user's own log."""
    zones = {**POLICY, "permission_groups": [{"id": "e6d2666161e84845a636613608cee8d5"}]}
    made = api.ok("POST", f"{ACCOUNT}/tokens", {"name": "ci", "policies": [zones]})
    own, api.token = api.token, made["value"]
    api.ok("POST", "/zones", {"name": "example.com"})
    api.token = own
    actor = done(api)[-1]["actor"]
    assert (actor["type"], actor["id"], actor["token_id"]) == ("account", "a" * 32, made["id"])
    assert "email" not in actor
    assert "email" not in changed(api)[-1]["actor"]
    assert [entry["action"]["type"] for entry in api.ok("GET", "/user/audit_logs")] == ["create"]


def test_version_1_is_filtered_ordered_and_paged(api, zone, clock):
    """By type, address, address range, mail, zone, time and id; newest first; past the end the page is empty."""
    clock.advance(3600)
    elsewhere(api, "POST", f"{zone}/dns_records", record("www"))
    path, user = f"{ACCOUNT}/audit_logs", api.ok("GET", "/user")["email"]
    newest = api.ok("GET", path)[0]
    assert newest["action"]["type"] == "rec_add"
    for query in ("action.type=rec_add", "actor.ip=203.0.113.9", "actor.ip=203.0.113.0/24", f"id={newest['id']}",
                  "since=2026-03-01T13:00:00Z", "since=2026-03-01T15:00:00%2B02:00"):  # fmt: skip
        assert [entry["id"] for entry in api.ok("GET", f"{path}?{query}")] == [newest["id"]], query
    for query in ("action.type=purge", "actor.ip=203.0.113.8", "actor.ip=10.0.0.0/8", "since=2026-03-02", "id=x",
                  "before=2026-03-01", "zone.name=other.com", "actor.email=a@b.c", "per_page=1&page=9"):  # fmt: skip
        assert api.ok("GET", f"{path}?{query}") == [], query
    assert len(api.ok("GET", f"{path}?before=2026-03-01T12:30:00Z&actor.email={quote(user)}")) == 2
    pages = [api.ok("GET", f"{path}?per_page=2&page={page}") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [2, 1, 0]
    for query in ("since=yesterday", "actor.ip=here", "per_page=1001", "direction=up", "hide_user_logs=maybe"):
        assert api.refused("GET", f"{path}?{query}")[0] == 400, query
    assert "audit_logs?export" in api.refused("GET", f"{path}?export=true")[2]


def test_user_level_entries_can_be_hidden(api, zone):
    """What happened in a user's profile goes, what happened in the account stays."""
    api.ok("POST", "/user/tokens", {"name": "ci", "policies": [POLICY]})
    assert [entry["resource"]["type"] for entry in changed(api)] == ["zone", "zone", "api_token"]
    assert [entry["resource"]["type"] for entry in changed(api, "&hide_user_logs=true")] == ["zone", "zone"]


def test_version_2_is_filtered_and_read_by_cursor(api, zone):
    """`name` keeps, `name.not` drops; the cursor is there while more is to come; both instants are required."""
    for number in range(5):
        api.ok("POST", f"{zone}/dns_records", record(f"h{number}"))
    api.refused("POST", f"{zone}/dns_records", record("h0"))
    path = f"{ACCOUNT}/logs/audit?{DAY}"
    assert len(api.ok("GET", f"{path}&resource_product=dns_records&action_result=success")) == 5
    assert len(api.ok("GET", f"{path}&action_result.not=success")) == 1
    assert len(api.ok("GET", f"{path}&resource_product.not=dns_records&resource_product.not=zones")) == 0
    assert len(api.ok("GET", f"{path}&raw_status_code=400&zone_name=example.com&actor_type=user")) == 1
    seen, cursor, sizes = [], "", []
    while True:
        entries, info = api.page(f"{path}&limit=3&direction=asc" + (f"&cursor={cursor}" if cursor else ""))
        seen, cursor = seen + [entry["id"] for entry in entries], info.get("cursor")
        sizes.append((len(entries), info["count"]))
        if not cursor:
            break
    assert sizes == [(3, "3"), (3, "3"), (2, "2")]
    assert seen == [entry["id"] for entry in done(api)]
    assert seen[::-1] == [entry["id"] for entry in api.ok("GET", path)]
    for query in ("since=2026-03-01", "before=2026-03-02", f"{DAY}&cursor=x", f"{DAY}&limit=0"):
        assert api.refused("GET", f"{ACCOUNT}/logs/audit?{query}")[0] == 400, query
    assert "product_category" in api.refused("GET", f"{path}&product_category=dns")[2]


def test_both_logs_are_kept_for_eighteen_months(api, zone, clock):
    """What is older is gone; what is younger is there."""
    clock.advance(timedelta(days=547).total_seconds())
    assert len(changed(api)) == 2
    long = f"{ACCOUNT}/logs/audit?since=2026-01-01&before=2028-01-01"
    assert len(api.ok("GET", long)) == 2
    clock.advance(timedelta(days=2).total_seconds())
    api.ok("PATCH", f"{zone}/settings/ssl", {"value": "strict"})
    assert [entry["action"]["type"] for entry in changed(api)] == ["change_setting"]
    assert len(api.ok("GET", long)) == 1


@pytest.mark.parametrize("path", [f"{ACCOUNT}/audit_logs", f"{ACCOUNT}/logs/audit", "/user/audit_logs"])
@pytest.mark.parametrize("method", ["DELETE", "PUT", "POST", "PATCH"])
def test_nobody_changes_the_logs_through_the_api(api, zone, method, path):
    """Only reading is served, and the entries stay."""
    assert api.refused(method, path, {}) == (405, 7001, f"{method} not supported for requested URI.")
    assert len(changed(api)) == len(done(api)) == 2


def test_another_account_shows_no_log(api):
    """The log of an account that is not ours is refused."""
    for log in ("audit_logs", f"logs/audit?{DAY}"):
        assert api.refused("GET", f"/accounts/{'b' * 32}/{log}")[:2] == (403, 10000)

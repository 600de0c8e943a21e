"""Every operation that the server claims, called with success, each reply checked against the contract."""

import re
from uuid import UUID

import pytest
from cloudflare_contract import CONTRACT
from vendor_contract import CONTRACTS

from twin.world.saas.cloudflare.reference import reference
from twin.world.saas.cloudflare.routes import ROUTER, contract_name
from twin.world.saas.cloudflare.server import UUIDS

ACCOUNT = "/accounts/" + "a" * 32
BLOCK = {"action": "block", "expression": '(http.request.uri.path eq "/admin")'}
POLICY = {
    "effect": "allow",
    "resources": {"com.cloudflare.api.account.zone.*": "*"},
    "permission_groups": [{"id": "82e64a83756745bbbb1c9c2701bf816b"}],
}


def tour_accounts(api):
    """Call accounts and tokens."""
    api.page("/accounts")
    api.ok("GET", ACCOUNT)
    api.ok("GET", "/user")
    api.ok("PUT", ACCOUNT, {"name": "Renamed", "settings": {"enforce_twofactor": True}})
    for path in ("/user/tokens", f"{ACCOUNT}/tokens"):
        made = api.ok("POST", path, {"name": "ci", "policies": [POLICY]})
        api.page(path)
        api.page(f"{path}/permission_groups")
        api.ok("GET", f"{path}/{made['id']}")
        api.ok("PUT", f"{path}/{made['id']}", {"name": "ci2", "status": "disabled", "policies": [POLICY]})
        api.ok("PUT", f"{path}/{made['id']}", {"name": "ci2", "status": "active", "policies": [POLICY]})
        secret, bootstrap = api.ok("PUT", f"{path}/{made['id']}/value", {}), api.token
        api.token = secret
        api.ok("GET", f"{path}/verify")
        api.token = bootstrap
        api.ok("DELETE", f"{path}/{made['id']}")


def tour_audit(api):
    """Call both audit logs."""
    day = "since=2026-03-01&before=2026-03-02"
    for path in (f"{ACCOUNT}/audit_logs", "/user/audit_logs", f"{ACCOUNT}/logs/audit?{day}"):
        assert len(api.ok("GET", path)) > 20


def tour_zone(api, zone):
    """Call a zone, its settings and its records."""
    api.page("/zones")
    api.ok("GET", zone)
    api.ok("PATCH", zone, {"paused": True})
    api.ok("GET", f"{zone}/settings")
    api.ok("GET", f"{zone}/settings/ssl")
    api.ok("PATCH", f"{zone}/settings/ssl", {"value": "strict"})
    api.ok("PATCH", f"{zone}/settings", [{"id": "min_tls_version", "value": "1.2"}])
    records = f"{zone}/dns_records"
    made = api.ok("POST", records, {"type": "A", "name": "www", "content": "192.0.2.1", "proxied": True})
    api.page(records)
    api.ok("GET", f"{records}/{made['id']}")
    api.ok("PATCH", f"{records}/{made['id']}", {"content": "192.0.2.2"})
    api.ok("PUT", f"{records}/{made['id']}", {"type": "A", "name": "www", "content": "192.0.2.3"})
    api.ok("POST", f"{records}/batch", {"posts": [{"type": "TXT", "name": "@", "content": "v=spf1 -all"}]})
    assert api.send("GET", f"{records}/export").status == 200
    api.ok("DELETE", f"{records}/{made['id']}")


def tour_rulesets(api, scope, kind, phase, rule):
    """Call rulesets of one level."""
    entry = f"{scope}/rulesets/phases/{phase}/entrypoint"
    api.page(f"{scope}/rulesets")
    made = api.ok("POST", f"{scope}/rulesets", {"name": "r", "kind": kind, "phase": phase, "rules": [rule]})
    one = f"{scope}/rulesets/{made['id']}"
    api.ok("GET", one)
    api.ok("PUT", one, {"rules": [rule]})
    added = api.ok("POST", f"{one}/rules", {**rule, "ref": "second"})["rules"][1]
    api.ok("PATCH", f"{one}/rules/{added['id']}", {"position": {"index": 1}})
    api.ok("DELETE", f"{one}/rules/{added['id']}")
    api.ok("GET", f"{one}/versions")
    api.ok("GET", f"{one}/versions/1")
    api.ok("GET", entry)
    api.ok("PUT", entry, {"rules": []})
    api.ok("GET", f"{entry}/versions")
    api.ok("GET", f"{entry}/versions/1")
    api.ok("DELETE", f"{one}/versions/1")
    api.ok("DELETE", one)


def tour_load_balancing(api, zone):
    """Call monitors, pools and load balancers."""
    base = f"{ACCOUNT}/load_balancers"
    monitor = api.ok("POST", f"{base}/monitors", {"expected_codes": "2xx"})
    pool = {"name": "main", "monitor": monitor["id"], "origins": [{"name": "o1", "address": "192.0.2.10"}]}
    made = api.ok("POST", f"{base}/pools", pool)
    balancer = {"name": "app.example.com", "default_pools": [made["id"]], "fallback_pool": made["id"]}
    lb = api.ok("POST", f"{zone}/load_balancers", balancer)
    for path, body, change in (
        (f"{base}/monitors/{monitor['id']}", {"expected_codes": "200"}, {"retries": 1}),
        (f"{base}/pools/{made['id']}", pool, {"description": "d"}),
        (f"{zone}/load_balancers/{lb['id']}", balancer, {"proxied": True}),
    ):
        api.ok("GET", path)
        api.ok("PUT", path, body)
        api.ok("PATCH", path, change)
        api.ok("GET", path.rpartition("/")[0])
    api.ok("PATCH", f"{base}/pools", {"notification_email": "ops@example.com"})
    api.ok("GET", f"{base}/pools/{made['id']}/health")
    api.ok("GET", f"{base}/pools/{made['id']}/references")
    api.ok("GET", f"{base}/monitors/{monitor['id']}/references")
    for path in (f"{zone}/load_balancers/{lb['id']}", f"{base}/pools/{made['id']}", f"{base}/monitors/{monitor['id']}"):
        api.ok("DELETE", path)


def tour_certificates_and_cache(api, zone):
    """Call certificate packs, Universal SSL, purge and Cloudflare's addresses."""
    packs = f"{zone}/ssl/certificate_packs"
    hosts = ["example.com", "a.b.example.com"]
    order = {"validation_method": "txt", "validity_days": 90, "certificate_authority": "google"}
    made = api.ok("POST", f"{packs}/order", {"type": "advanced", "hosts": hosts, **order})
    assert len(api.page(f"{packs}?status=all")[0]) == 2
    api.ok("GET", f"{packs}/quota")
    api.ok("GET", f"{packs}/{made['id']}")
    api.ok("PATCH", f"{packs}/{made['id']}")
    api.ok("DELETE", f"{packs}/{made['id']}")
    api.ok("PATCH", f"{zone}/ssl/universal/settings", {"enabled": False})
    api.ok("GET", f"{zone}/ssl/universal/settings")
    api.ok("POST", f"{zone}/purge_cache", {"purge_everything": True})
    api.ok("GET", "/ips")


def tour_access(api):
    """Call applications, policies, groups, providers and service tokens."""
    base = f"{ACCOUNT}/access"
    group = {"name": "staff", "include": [{"email_domain": {"domain": "example.com"}}]}
    app = {"type": "self_hosted", "name": "admin", "domain": "admin.example.com"}
    provider = {"name": "pin", "type": "onetimepin", "config": {}}
    for path, body in (
        (f"{base}/groups", group),
        (f"{base}/identity_providers", provider),
        (f"{base}/service_tokens", {"name": "ci"}),
        (f"{base}/apps", app),
    ):
        made = api.ok("POST", path, body)
        api.page(path)
        one = f"{path}/{made['id']}"
        api.ok("GET", one)
        api.ok("PUT", one, body)
        if path.endswith("tokens"):
            api.ok("POST", f"{one}/rotate")
            api.ok("POST", f"{one}/refresh")
        if path.endswith("apps"):
            tour_policies(api, f"{one}/policies")
            api.ok("POST", f"{one}/revoke_tokens")
        api.ok("DELETE", one)


def tour_policies(api, path):
    """Call the policies of an application."""
    policy = {"name": "all", "decision": "allow", "include": [{"everyone": {}}]}
    made = api.ok("POST", path, policy)
    api.page(path)
    api.ok("GET", f"{path}/{made['id']}")
    api.ok("PUT", f"{path}/{made['id']}", {**policy, "decision": "deny"})
    api.ok("DELETE", f"{path}/{made['id']}")


def test_every_claimed_operation_answers_as_its_contract_says(make_api):
    """All operations on an Enterprise account; what was not called with success is named."""
    api = make_api("enterprise")
    zone = "/zones/" + api.ok("POST", "/zones", {"name": "example.com"})["id"]
    api.ok("PUT", f"{zone}/activation_check")
    tour_accounts(api)
    tour_zone(api, zone)
    tour_rulesets(api, zone, "zone", "http_request_firewall_custom", BLOCK)
    tour_rulesets(api, ACCOUNT, "root", "http_request_firewall_custom", BLOCK)
    tour_load_balancing(api, zone)
    tour_certificates_and_cache(api, zone)
    tour_access(api)
    api.ok("DELETE", zone)
    tour_audit(api)
    print(f"\ncloudflare: {len(api.seen)} of {len(CONTRACT.served())} claimed operations checked against the contract")
    assert {name for name, successes in api.seen.items() if successes} == CONTRACT.served()


def test_every_contract_operation_is_claimed_or_refused_by_name():
    """No operation of the contracts is without a route."""
    if CONTRACT.absent():
        pytest.skip(CONTRACT.absent())
    assert {path.stem for path in CONTRACTS.glob("cloudflare-*.json")} == set(CONTRACT.documents)
    known = {one.name for one in CONTRACT.operations}
    routed = {contract_name(name) for name in ROUTER.endpoints}
    assert known == routed


def test_a_reply_that_breaks_the_contract_is_caught(api, monkeypatch):
    """The check itself can fail: a zone without its name servers does not pass."""
    api.ok("POST", "/zones", {"name": "example.com"})
    handle = api.server.handle

    def spoiled(request):
        reply = handle(request)
        reply.body = reply.body.replace(b'"name_servers"', b'"nameservers"')
        return reply

    monkeypatch.setattr(api.server, "handle", spoiled)
    with pytest.raises(AssertionError, match="name_servers"):
        api.page("/zones")


def test_unsupported_operation_is_refused_by_its_name(api, zone):
    """A known operation that the twin lacks says so."""
    status, code, message = api.refused("GET", f"{zone}/dnssec")
    assert (status, code) == (405, 10405)
    assert message == "TWIN_UNSUPPORTED: the twin does not implement GET /zones/{zone_id}/dnssec"


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("{zone}/pagerules/1", "/zones/{}/pagerules"), ("{zone}/firewall/rules", "/zones/{}/firewall"),
        ("{account}/workers/scripts", "/accounts/{}/workers"), ("{account}/cfd_tunnel", "/accounts/{}/cfd_tunnel"),
        ("{account}/access/organizations", "/accounts/{}/access/organizations"), ("/certificates", "/certificates"),
    ],
)  # fmt: skip
def test_an_area_that_the_twin_lacks_is_refused_by_its_name(api, zone, path, named):
    """A 404 would have a client take what is there for gone; what nobody has is one."""
    status, code, message = api.refused("GET", path.format(zone=zone, account=ACCOUNT))
    assert (status, code) == (405, 10405)
    assert message == f"TWIN_UNSUPPORTED: the twin does not implement GET {named}"
    assert api.refused("GET", f"{zone}/nothing")[:2] == (404, 7003)


def test_an_unsupported_change_is_refused_by_its_name_and_changes_nothing(api, zone):
    """Every operation that the twin lacks, and would write, is answered so; the audit has no entry of it."""
    trail = api.server.state.audit
    before = len(trail.changes) + len(trail.actions)
    names = [name for name in reference("unsupported", "operations") if not name.startswith("GET")]
    assert len(names) > 30
    for name in names:
        method, _, rule = name.partition(" ")
        path = rule.replace("/accounts/{account_id}", ACCOUNT).replace("/zones/{zone_id}", zone)
        path = re.sub(r"\{\w+\}", lambda found: str(UUID(int=0)) if found[0][1:-1] in UUIDS else "0" * 32, path)
        told = 405, 10405, f"TWIN_UNSUPPORTED: the twin does not implement {name}"
        assert api.refused(method, path, {}) == told
    assert len(trail.changes) + len(trail.actions) == before


@pytest.mark.parametrize("path", ["/nowhere", "/zones/example.com", "/zones/" + "A" * 32])
def test_unknown_route_is_7003(api, path):
    """Unknown paths and ids that are none get the vendor's routing error."""
    status, code, message = api.refused("GET", path)
    assert (status, code) == (404, 7003)
    assert f"/client/v4{path}" in message


def test_wrong_method_is_405(api):
    """A path without that method says which method."""
    assert api.refused("DELETE", "/zones") == (405, 7001, "DELETE not supported for requested URI.")


def test_broken_json_is_6007(api):
    """A body that is not JSON, and one that is no object."""
    assert api.refused("POST", "/zones", raw=b"{")[:2] == (400, 6007)
    assert api.refused("POST", "/zones", raw=b"[]")[:2] == (400, 6007)


def test_other_content_type_is_refused(api):
    """The chain of 6003 names the header."""
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "text/plain"}
    assert api.refused("POST", "/zones", {"name": "x.com"}, headers=headers)[:2] == (400, 6003)

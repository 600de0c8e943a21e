"""Journeys with the vendor's own SDK over HTTP on loopback."""

import cloudflare
import pytest

from twin.world.saas.stations import VendorFault

ACCOUNT_ID = "a" * 32
CUSTOM = "http_request_firewall_custom"


@pytest.fixture
def sdk(api, served):
    """Return a client of the SDK on a served instance; retries are off so that each answer counts."""
    base = served(api.server.handle) + "/client/v4"
    with cloudflare.Cloudflare(api_token=api.token, base_url=base, max_retries=0) as client:
        yield client


@pytest.fixture
def zone_id(sdk):
    """Return an active zone made through the SDK."""
    made = sdk.zones.create(account={"id": ACCOUNT_ID}, name="example.com", type="full")
    assert made.status == "pending"
    sdk.zones.activation_check.trigger(zone_id=made.id)
    assert sdk.zones.get(zone_id=made.id).status == "active"
    return made.id


def test_sdk_pages_to_the_end_of_a_list(sdk, zone_id):
    """Iteration stops at the empty page, having seen each record once."""
    posts = [{"type": "TXT", "name": f"t{number}", "content": "x", "ttl": 1} for number in range(25)]
    sdk.dns.records.batch(zone_id=zone_id, posts=posts)
    names = [record.name for record in sdk.dns.records.list(zone_id=zone_id, per_page=10)]
    assert len(names) == len(set(names)) == 25
    assert [zone.name for zone in sdk.zones.list()] == ["example.com"]
    assert [account.id for account in sdk.accounts.list()] == [ACCOUNT_ID]


def test_sdk_manages_records_and_settings(sdk, zone_id):
    """Create, filter, edit, update, export, delete; a conflict is a BadRequestError."""
    made = sdk.dns.records.create(zone_id=zone_id, type="A", name="www", content="192.0.2.1", ttl=1, proxied=True)
    with pytest.raises(cloudflare.BadRequestError) as refused:
        sdk.dns.records.create(zone_id=zone_id, type="CNAME", name="www", content="a.example.net", ttl=1)
    assert refused.value.errors[0].code == 81053
    found = list(sdk.dns.records.list(zone_id=zone_id, name={"exact": "www.example.com"}, type="A"))
    assert [record.id for record in found] == [made.id]
    sdk.dns.records.edit(dns_record_id=made.id, zone_id=zone_id, type="A", name="www", ttl=1, content="192.0.2.2")
    updated = sdk.dns.records.update(
        dns_record_id=made.id, zone_id=zone_id, type="A", name="www", ttl=300, content="192.0.2.3"
    )
    assert (updated.content, updated.ttl, updated.proxied) == ("192.0.2.3", 300, False)
    assert "www.example.com." in sdk.dns.records.export(zone_id=zone_id)
    assert sdk.zones.settings.edit(setting_id="ssl", zone_id=zone_id, value="strict").value == "strict"
    assert sdk.zones.settings.get(setting_id="ssl", zone_id=zone_id).value == "strict"
    sdk.dns.records.delete(dns_record_id=made.id, zone_id=zone_id)
    with pytest.raises(cloudflare.NotFoundError):
        sdk.dns.records.get(dns_record_id=made.id, zone_id=zone_id)


def test_sdk_manages_rulesets(sdk, zone_id):
    """Entry point, rules, versions, and the Free plan's quota."""
    rule = {"action": "block", "expression": 'http.request.uri.path eq "/a"'}
    sdk.rulesets.phases.update(ruleset_phase=CUSTOM, zone_id=zone_id, rules=[rule])
    made = sdk.rulesets.phases.get(ruleset_phase=CUSTOM, zone_id=zone_id)
    sdk.rulesets.rules.create(ruleset_id=made.id, zone_id=zone_id, **rule)
    added = sdk.rulesets.get(ruleset_id=made.id, zone_id=zone_id)
    sdk.rulesets.rules.edit(
        rule_id=added.rules[1].id, ruleset_id=made.id, zone_id=zone_id, **{**rule, "action": "managed_challenge"}
    )
    shown = sdk.rulesets.phases.get(ruleset_phase=CUSTOM, zone_id=zone_id)
    assert [rule.action for rule in shown.rules] == ["block", "managed_challenge"]
    assert [version.version for version in sdk.rulesets.versions.list(ruleset_id=made.id, zone_id=zone_id)] == [
        "3",
        "2",
        "1",
    ]
    assert made.id in {ruleset.id for ruleset in sdk.rulesets.list(zone_id=zone_id, per_page=1)}
    with pytest.raises(cloudflare.BadRequestError, match="6 out of 5"):
        sdk.rulesets.phases.update(ruleset_phase=CUSTOM, zone_id=zone_id, rules=[rule] * 6)
    sdk.rulesets.delete(ruleset_id=made.id, zone_id=zone_id)
    with pytest.raises(cloudflare.NotFoundError):
        sdk.rulesets.phases.get(ruleset_phase=CUSTOM, zone_id=zone_id)


def test_sdk_manages_load_balancing(sdk, zone_id):
    """Monitor, pool, load balancer, and the refusal to delete what is used."""
    account = {"account_id": ACCOUNT_ID}
    monitor = sdk.load_balancers.monitors.create(**account, type="https", path="/health", expected_codes="2xx")
    origins = [{"name": "eu", "address": "eu.origin.example.net", "weight": 0.5}]
    pool = sdk.load_balancers.pools.create(**account, name="eu", origins=origins, monitor=monitor.id)
    balancer = sdk.load_balancers.create(
        zone_id=zone_id, name="app.example.com", default_pools=[pool.id], fallback_pool=pool.id, proxied=True
    )
    with pytest.raises(cloudflare.APIStatusError) as refused:
        sdk.load_balancers.pools.delete(pool_id=pool.id, **account)
    assert refused.value.status_code == 412
    assert sdk.load_balancers.pools.health.get(pool_id=pool.id, **account).pool_id == pool.id
    assert [found.id for found in sdk.load_balancers.list(zone_id=zone_id)] == [balancer.id]
    sdk.load_balancers.delete(load_balancer_id=balancer.id, zone_id=zone_id)
    sdk.load_balancers.pools.delete(pool_id=pool.id, **account)
    sdk.load_balancers.monitors.delete(monitor_id=monitor.id, **account)
    assert list(sdk.load_balancers.pools.list(**account)) == []


def test_sdk_rotates_a_token(sdk, api):
    """The old secret fails with a PermissionDeniedError after the roll."""
    groups = sdk.accounts.tokens.permission_groups.list(account_id=ACCOUNT_ID, name="DNS Read")
    (group,) = list(groups)
    policy = {
        "effect": "allow",
        "resources": {"com.cloudflare.api.account.zone.*": "*"},
        "permission_groups": [{"id": group.id}],
    }
    made = sdk.user.tokens.create(name="ci", policies=[policy])
    holder = sdk.with_options(api_token=made.value)
    assert holder.user.tokens.verify().status == "active"
    fresh = sdk.user.tokens.value.update(token_id=made.id)
    with pytest.raises(cloudflare.PermissionDeniedError):
        list(holder.zones.list())
    assert list(sdk.with_options(api_token=fresh).zones.list()) == []
    assert [token.name for token in sdk.user.tokens.list()] == ["bootstrap", "ci"]


def test_sdk_reads_both_audit_logs_to_their_end(sdk, zone_id):
    """Pages end at the empty one, cursors with the last; who, what, before and after are in the SDK's own classes."""
    for number in range(5):
        sdk.dns.records.create(zone_id=zone_id, type="A", name=f"h{number}", content="192.0.2.1", ttl=1)
    with pytest.raises(cloudflare.BadRequestError):
        sdk.dns.records.create(zone_id=zone_id, type="A", name="h0", content="192.0.2.1", ttl=1)
    entries = list(sdk.audit_logs.list(account_id=ACCOUNT_ID, per_page=3, action={"type": "rec_add"}))
    assert len({entry.id for entry in entries}) == len(entries) == 5
    assert (entries[0].actor.type, entries[0].interface, entries[0].resource.type) == ("user", "API", "DNS_record")
    assert len(list(sdk.user.audit_logs.list(zone={"name": "example.com"}))) == 7
    span = {"account_id": ACCOUNT_ID, "since": "2026-03-01", "before": "2026-03-02"}
    calls = list(sdk.accounts.logs.audit.list(**span, limit=3))
    assert len({call.id for call in calls}) == len(calls) == 8
    (failed,) = sdk.accounts.logs.audit.list(**span, action_result={"not": ["success"]})
    assert (failed.action.result, failed.raw.status_code, failed.actor.context) == ("failure", 400, "api_token")
    assert failed.zone.name == "example.com"
    assert failed.raw.user_agent.startswith("Cloudflare/Python")


def test_sdk_meets_faults_as_its_own_errors(api, served):
    """429 and 503 are the SDK's classes; with retries it comes through once the fault is over."""
    left = []

    def fault(_call):
        if left:
            raise left.pop()

    base = served(lambda request: api.server.serve(request, fault).response) + "/client/v4"
    with cloudflare.Cloudflare(api_token=api.token, base_url=base, max_retries=0) as sdk:
        left.append(VendorFault(429, "throttling", retry_after=1))
        with pytest.raises(cloudflare.RateLimitError) as refused:
            sdk.zones.list()
        assert refused.value.response.headers["Retry-After"] == "1"
        left.append(VendorFault(503, "outage"))
        with pytest.raises(cloudflare.InternalServerError, match="Service unavailable"):
            sdk.zones.list()
        left.append(VendorFault(500, "outage"))
        assert list(sdk.with_options(max_retries=1).zones.list()) == []
        assert left == []


def test_sdk_sees_an_unsupported_operation_as_an_error(sdk, zone_id):
    """It is not retried, and it names the operation."""
    with pytest.raises(cloudflare.APIStatusError, match=r"TWIN_UNSUPPORTED.*GET /zones/{zone_id}/dnssec"):
        sdk.dns.dnssec.get(zone_id=zone_id)


def test_sdk_purges_and_reads_certificates(sdk, zone_id):
    """The universal pack is there once the zone is active; a purge answers with the zone's id."""
    (pack,) = list(sdk.ssl.certificate_packs.list(zone_id=zone_id))
    assert (pack.type, pack.status, sorted(pack.hosts)) == ("universal", "active", ["*.example.com", "example.com"])
    assert sdk.cache.purge(zone_id=zone_id, purge_everything=True).id == zone_id
    with pytest.raises(cloudflare.BadRequestError) as refused:
        sdk.cache.purge(zone_id=zone_id, files=["https://www.other.com/a.css"])
    assert refused.value.errors[0].code == 1016
    assert len(sdk.ips.list().ipv4_cidrs) == 15


def test_sdk_protects_an_application(sdk, zone_id):
    """Application, policy, group and service token; the token's secret is shown once."""
    access = sdk.zero_trust.access
    group = access.groups.create(
        account_id=ACCOUNT_ID, name="staff", include=[{"email_domain": {"domain": "example.com"}}]
    )
    app = access.applications.create(
        account_id=ACCOUNT_ID, type="self_hosted", name="admin", domain="admin.example.com", session_duration="8h"
    )
    token = access.service_tokens.create(account_id=ACCOUNT_ID, name="ci", duration="8760h")
    assert token.client_secret
    assert token.client_id.endswith(".access")
    for name, decision, include in (
        ("staff", "allow", [{"group": {"id": group.id}}]),
        ("ci", "non_identity", [{"service_token": {"token_id": token.id}}]),
    ):
        body = {"name": name, "decision": decision, "include": include}
        access.applications.policies.create(app.id, account_id=ACCOUNT_ID, extra_body=body)
    listed = list(access.applications.policies.list(app.id, account_id=ACCOUNT_ID))
    assert [(policy.name, policy.precedence) for policy in listed] == [("staff", 1), ("ci", 2)]
    with pytest.raises(cloudflare.ConflictError):
        access.groups.delete(group.id, account_id=ACCOUNT_ID)
    assert access.service_tokens.rotate(token.id, account_id=ACCOUNT_ID).client_secret != token.client_secret
    access.applications.delete(app.id, account_id=ACCOUNT_ID)
    assert list(access.applications.list(account_id=ACCOUNT_ID)) == []


def test_sdk_token_may_do_what_its_policy_says(api, served, sdk, zone_id):
    """A token for DNS of one zone reads records and is refused the rules; after a roll the old secret is dead."""
    policy = {
        "effect": "allow",
        "resources": {f"com.cloudflare.api.account.zone.{zone_id}": "*"},
        "permission_groups": [{"id": "4755a26eedb94da69e1066d98aa820be"}],
    }
    made = sdk.accounts.tokens.create(account_id=ACCOUNT_ID, name="dns", policies=[policy])
    base = served(api.server.handle) + "/client/v4"
    with cloudflare.Cloudflare(api_token=made.value, base_url=base, max_retries=0) as mine:
        assert list(mine.dns.records.list(zone_id=zone_id)) == []
        with pytest.raises(cloudflare.PermissionDeniedError) as refused:
            mine.rulesets.phases.get(CUSTOM, zone_id=zone_id)
        assert refused.value.errors[0].code == 10000
        fresh = sdk.accounts.tokens.value.update(made.id, account_id=ACCOUNT_ID)
        with pytest.raises(cloudflare.PermissionDeniedError):
            mine.dns.records.list(zone_id=zone_id)
    with cloudflare.Cloudflare(api_token=fresh, base_url=base, max_retries=0) as mine:
        assert list(mine.dns.records.list(zone_id=zone_id)) == []

"""Rulesets: entry points, versions, rule identity, positions, phases, parameters, plan quotas."""

import pytest

ACCOUNT = "/accounts/" + "a" * 32
FREE_MANAGED = "77454fe2d30c4220b5701f6fdfb893ba"
CUSTOM = "http_request_firewall_custom"


def block(path, **more):
    """Return a custom rule that blocks a path."""
    return {"action": "block", "expression": f'http.request.uri.path eq "{path}"', **more}


def limit(**more):
    """Return a rate limiting rule that the Free plan allows, changed by `more`."""
    rate = {"characteristics": ["cf.colo.id", "ip.src"], "period": 10, "requests_per_period": 5}
    return {**block("/login"), "ratelimit": {**rate, "mitigation_timeout": 10, **more}}


@pytest.fixture
def entry(zone):
    """Return a function from phase to the path of its entry point."""
    return lambda phase: f"{zone}/rulesets/phases/{phase}/entrypoint"


def test_missing_entry_point_is_404_and_its_versions_are_empty(api, entry):
    """As the vendor tells the two apart."""
    message = "could not find entrypoint ruleset in the http_ratelimit phase"
    assert api.refused("GET", entry("http_ratelimit")) == (404, 10003, message)
    assert api.ok("GET", entry("http_ratelimit") + "/versions") == []
    assert api.refused("GET", entry("http_ratelimit") + "/versions/1")[0] == 404
    assert api.refused("GET", entry("http_no_such_phase"))[:2] == (400, 20217)


def test_put_creates_the_entry_point_then_makes_versions(api, entry, clock):
    """Versions are texts that count up; the old ones stay readable."""
    made = api.ok("PUT", entry(CUSTOM), {"rules": [block("/a")]})
    assert (made["version"], made["kind"], made["name"], made["phase"]) == ("1", "zone", "default", CUSTOM)
    clock.advance(1)
    second = api.ok("PUT", entry(CUSTOM), {"rules": [block("/b")], "name": "edge"})
    assert (second["id"], second["version"], second["name"]) == (made["id"], "2", "edge")
    assert second["last_updated"] > made["last_updated"]
    assert [row["version"] for row in api.ok("GET", entry(CUSTOM) + "/versions")] == ["2", "1"]
    assert "rules" not in api.ok("GET", entry(CUSTOM) + "/versions")[0]
    assert api.ok("GET", entry(CUSTOM) + "/versions/1")["rules"] == made["rules"]


def test_rules_keep_their_identity_by_id_and_by_ref(api, entry, clock):
    """An unchanged rule keeps version and time; without id and ref it is a new one."""
    rules = [block("/a", ref="first"), block("/b"), block("/c")]
    first, second, third = api.ok("PUT", entry(CUSTOM), {"rules": rules})["rules"]
    assert (first["ref"], second["ref"]) == ("first", second["id"])
    clock.advance(1)
    sent = [block("/c"), {**block("/b2"), "id": second["id"]}, block("/a", ref="first")]
    new, changed, kept = api.ok("PUT", entry(CUSTOM), {"rules": sent})["rules"]
    assert kept == first
    assert (changed["id"], changed["version"], changed["ref"]) == (second["id"], "2", second["ref"])
    assert new["id"] not in {first["id"], second["id"], third["id"]}


def test_rule_that_names_no_rule_is_refused(api, entry):
    """Unknown ids and refs used twice."""
    api.ok("PUT", entry(CUSTOM), {"rules": []})
    assert api.refused("PUT", entry(CUSTOM), {"rules": [block("/a", id="f" * 32)]})[:2] == (400, 20217)
    twice = {"rules": [block("/a", ref="r"), block("/b", ref="r")]}
    assert api.refused("PUT", entry(CUSTOM), twice)[:2] == (400, 20217)


def test_second_zone_ruleset_of_a_phase_is_refused(api, zone):
    """One entry point per phase; the pointer says which field."""
    body = {"name": "r", "kind": "zone", "phase": CUSTOM, "rules": []}
    api.ok("POST", f"{zone}/rulesets", body)
    reason = f"'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase {CUSTOM}"
    assert api.refused("POST", f"{zone}/rulesets", body) == (400, 20217, reason)
    assert api.refused("POST", f"{zone}/rulesets", {**body, "kind": "root"})[:2] == (400, 20217)
    assert api.refused("POST", f"{zone}/rulesets", {**body, "name": ""})[:2] == (400, 20217)


def test_single_rules_are_added_moved_changed_and_deleted(api, zone, entry):
    """Every change answers the whole ruleset in a new version."""
    made = api.ok("PUT", entry(CUSTOM), {"rules": [block("/a"), block("/b")]})
    rules = f"{zone}/rulesets/{made['id']}/rules"

    def paths(shown):
        return [rule["expression"].split('"')[1] for rule in shown["rules"]]

    a, b = (rule["id"] for rule in made["rules"])
    added = api.ok("POST", rules, {**block("/c"), "position": {"before": b}})
    assert (paths(added), added["version"]) == (["/a", "/c", "/b"], "2")
    assert paths(api.ok("PATCH", f"{rules}/{a}", {"position": {"after": ""}})) == ["/c", "/b", "/a"]
    assert paths(api.ok("PATCH", f"{rules}/{a}", {"position": {"index": 2}})) == ["/c", "/a", "/b"]
    changed = api.ok("PATCH", f"{rules}/{a}", block("/a2", description="d"))
    assert paths(changed) == ["/c", "/a2", "/b"]
    assert [rule["version"] for rule in changed["rules"]] == ["1", "2", "1"]
    assert paths(api.ok("DELETE", f"{rules}/{a}")) == ["/c", "/b"]
    assert api.refused("DELETE", f"{rules}/{a}")[:2] == (404, 10002)
    assert api.refused("PATCH", f"{rules}/{b}", {"position": {"index": 9}})[:2] == (400, 20217)
    assert api.refused("PATCH", f"{rules}/{b}", {"enabled": False})[:2] == (400, 20127)
    assert api.ok("GET", entry(CUSTOM))["version"] == "6"


@pytest.mark.parametrize(
    ("phase", "rule", "code"),
    [
        (CUSTOM, block("/a", expression=""), 20127),
        (CUSTOM, block("/a", expression="x" * 4097), 20127),
        (CUSTOM, block("/a", expression='(http.host eq "a"'), 20127),
        (CUSTOM, block("/a", expression='http.host eq "a'), 20127),
        (CUSTOM, block("/a", expression='http.host matches "a.*"'), 20127),
        (CUSTOM, block("/a", action="log"), 20120),
        (CUSTOM, block("/a", action="redirect"), 20016),
        (CUSTOM, block("/a", colour="red"), 20030),
        (CUSTOM, block("/a", enabled="yes"), 20030),
        (CUSTOM, block("/a", action="skip"), 20030),
        (CUSTOM, block("/a", action="skip", action_parameters={"phases": ["http_request_transform"]}), 20030),
        (CUSTOM, block("/a", action_parameters={"response": {"status_code": 200}}), 20030),
        (CUSTOM, block("/a", ratelimit={}), 20121),
        ("http_ratelimit", block("/a"), 20121),
        ("http_ratelimit", limit(characteristics=["ip.src"]), 20155),
        ("http_ratelimit", limit(period=60), 20120),
        ("http_ratelimit", limit(period=11), 20121),
        ("http_ratelimit", limit(mitigation_timeout=600), 20120),
        ("http_ratelimit", limit(requests_per_period=0), 20121),
        ("http_ratelimit", limit(characteristics=["cf.colo.id", "http.host"]), 20120),
        ("http_ratelimit", limit(counting_expression="http.response.code eq 401"), 20120),
        ("http_request_dynamic_redirect", block("/a", action="redirect", action_parameters={}), 20030),
        ("http_request_transform", block("/a", action="rewrite", action_parameters={"headers": {}}), 20030),
        ("http_request_origin", block("/a", action="route", action_parameters={"host_header": "o"}), 20120),
        ("http_config_settings", block("/a", action="set_config", action_parameters={"ssl": "max"}), 20030),
        ("http_request_firewall_managed", block("/a", action="execute", action_parameters={"id": "f" * 32}), 20217),
    ],
)
def test_bad_rule_is_refused_with_its_code(api, entry, phase, rule, code):
    """One row per rule of the Free plan; no entry point is made."""
    assert api.refused("PUT", entry(phase), {"rules": [rule]})[:2] == (400, code)
    assert api.refused("GET", entry(phase))[0] == 404


@pytest.mark.parametrize(
    ("phase", "rule"),
    [
        (CUSTOM, block("/a", expression='http.host eq "a)\\"" and (ip.src in {192.0.2.0/24})')),
        (CUSTOM, block("/a", expression='http.request.uri.path wildcard r#"/a"("#')),
        (CUSTOM, block("/a", action="skip", action_parameters={"ruleset": "current"}, logging={"enabled": True})),
        ("http_ratelimit", limit()),
        ("http_request_firewall_managed", block("/", action="execute", action_parameters={"id": FREE_MANAGED})),
        (
            "http_request_cache_settings",
            block(
                "/",
                action="set_cache_settings",
                action_parameters={"cache": True, "edge_ttl": {"mode": "override_origin", "default": 7200}},
            ),
        ),
        (
            "http_request_dynamic_redirect",
            block(
                "/",
                action="redirect",
                action_parameters={
                    "from_value": {"target_url": {"value": "https://example.com/x"}, "status_code": 301}
                },
            ),
        ),
        (
            "http_response_headers_transform",
            block(
                "/",
                action="rewrite",
                action_parameters={"headers": {"X-Frame-Options": {"operation": "set", "value": "DENY"}}},
            ),
        ),
        ("http_request_origin", block("/", action="route", action_parameters={"origin": {"port": 8443}})),
        ("http_config_settings", block("/", action="set_config", action_parameters={"ssl": "strict"})),
    ],
)
def test_good_rule_of_each_phase_is_kept(api, entry, phase, rule):
    """What the Free plan allows, stored as it was sent."""
    (stored,) = api.ok("PUT", entry(phase), {"rules": [rule]})["rules"]
    assert {name: stored[name] for name in rule} == rule


def test_edge_ttl_below_the_plans_minimum_is_refused(api, make_api, entry):
    """Two hours on Free; a second on Business."""
    parameters = {"cache": True, "edge_ttl": {"mode": "override_origin", "default": 60}}
    rules = {"rules": [block("/", action="set_cache_settings", action_parameters=parameters)]}
    assert api.refused("PUT", entry("http_request_cache_settings"), rules)[:2] == (400, 20120)
    business = make_api("business")
    zone = business.ok("POST", "/zones", {"name": "example.com"})["id"]
    path = f"/zones/{zone}/rulesets/phases/http_request_cache_settings/entrypoint"
    assert len(business.ok("PUT", path, rules)["rules"]) == 1


@pytest.mark.parametrize(
    ("phase", "maximum"), [(CUSTOM, 5), ("http_ratelimit", 1), ("http_request_cache_settings", 10)]
)
def test_free_plan_limits_the_rules_of_a_phase(api, zone, entry, phase, maximum):
    """The vendor's message counts them; adding one by one is refused too."""
    cache = block("/", action="set_cache_settings", action_parameters={"cache": True})
    rule = {CUSTOM: block("/a"), "http_ratelimit": limit()}.get(phase, cache)
    message = f"exceeded the maximum number of rules in the phase {phase}: {maximum + 1} out of {maximum}"
    assert api.refused("PUT", entry(phase), {"rules": [rule] * (maximum + 1)}) == (400, 50001, message)
    made = api.ok("PUT", entry(phase), {"rules": [rule] * maximum})
    assert api.refused("POST", f"{zone}/rulesets/{made['id']}/rules", rule) == (400, 50001, message)


def test_custom_ruleset_is_executed_and_then_cannot_be_deleted(api, zone, entry):
    """Its rules count with the entry point's."""
    body = {"name": "shared", "kind": "custom", "phase": CUSTOM, "rules": [block(f"/{n}") for n in range(4)]}
    made = api.ok("POST", f"{zone}/rulesets", body)
    execute = block("/", action="execute", action_parameters={"id": made["id"]})
    assert api.refused("PUT", entry(CUSTOM), {"rules": [execute, block("/x")]})[:2] == (400, 50001)
    api.ok("PUT", entry(CUSTOM), {"rules": [execute]})
    assert api.refused("DELETE", f"{zone}/rulesets/{made['id']}")[:2] == (400, 20217)
    api.ok("PUT", entry(CUSTOM), {"rules": []})
    api.ok("DELETE", f"{zone}/rulesets/{made['id']}")
    assert api.refused("GET", f"{zone}/rulesets/{made['id']}")[:2] == (404, 10001)


def test_managed_rulesets_are_listed_and_fixed(api, zone, make_api):
    """Free sees the Free ruleset only, and nobody changes it."""
    listed = {row["id"]: row for row in api.page(f"{zone}/rulesets")[0]}
    assert listed[FREE_MANAGED]["kind"] == "managed"
    assert "efb7b8c949ac4650a09736fc376e9aee" not in listed
    assert api.refused("PUT", f"{zone}/rulesets/{FREE_MANAGED}", {"rules": []})[:2] == (403, 20118)
    assert api.refused("DELETE", f"{zone}/rulesets/{FREE_MANAGED}")[:2] == (403, 20118)


def test_ruleset_list_goes_by_cursor(api, zone):
    """The last page has none."""
    first, info = api.page(f"{zone}/rulesets?per_page=2")
    rest, last = api.page(f"{zone}/rulesets?per_page=2&cursor={info['cursor']}")
    assert len({row["id"] for row in first + rest}) == 3
    assert "cursor" not in last
    assert api.refused("GET", f"{zone}/rulesets?cursor=zzz")[:2] == (400, 1003)


def test_account_level_waf_needs_enterprise(api, make_api):
    """The phase's quota is 0 below; zone-only phases are refused at the account."""
    entry = f"{ACCOUNT}/rulesets/phases/{CUSTOM}/entrypoint"
    assert api.refused("PUT", entry, {"rules": [block("/a")]})[:2] == (400, 50001)
    made = make_api("enterprise").ok("PUT", entry, {"rules": [block("/a", action="log")]})
    assert made["kind"] == "root"
    other = f"{ACCOUNT}/rulesets/phases/http_request_cache_settings/entrypoint"
    assert api.refused("PUT", other, {"rules": []})[:2] == (400, 20217)


def test_latest_version_stays(api, zone, entry):
    """Old versions can go, the latest cannot."""
    made = api.ok("PUT", entry(CUSTOM), {"rules": []})
    api.ok("PUT", entry(CUSTOM), {"rules": [block("/a")]})
    one = f"{zone}/rulesets/{made['id']}/versions"
    assert api.refused("DELETE", f"{one}/2")[:2] == (400, 20217)
    api.ok("DELETE", f"{one}/1")
    assert api.refused("GET", f"{one}/1")[:2] == (404, 10001)


def test_refused_change_makes_no_version(api, entry):
    """A bad second rule leaves version 1."""
    api.ok("PUT", entry(CUSTOM), {"rules": [block("/a")]})
    api.refused("PUT", entry(CUSTOM), {"rules": [block("/a"), block("/b", action="log")]})
    assert api.ok("GET", entry(CUSTOM))["version"] == "1"


def test_dry_run_is_refused_by_name(api, entry):
    """It would otherwise be carried out."""
    status, code, message = api.refused("PUT", entry(CUSTOM) + "?dry_run=true", {"rules": []})
    assert (status, code) == (405, 10405)
    assert message.endswith("/entrypoint?dry_run")
    assert api.refused("GET", entry(CUSTOM))[0] == 404

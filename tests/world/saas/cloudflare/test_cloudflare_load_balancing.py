"""Monitors, pools and load balancers: defaults, ranges, references."""

import pytest

ACCOUNT = "/accounts/" + "a" * 32
MONITORS = f"{ACCOUNT}/load_balancers/monitors"
POOLS = f"{ACCOUNT}/load_balancers/pools"
UNKNOWN = "f" * 32


def pool(name="main", **more):
    """Return a pool with one origin."""
    return {"name": name, "origins": [{"name": "o1", "address": "192.0.2.10"}], **more}


@pytest.fixture
def main(api):
    """Return the id of a pool."""
    return api.ok("POST", POOLS, pool())["id"]


def balancer(main, **more):
    """Return a load balancer on one pool."""
    return {"name": "app.example.com", "default_pools": [main], "fallback_pool": main, **more}


def test_monitor_has_the_documented_defaults(api):
    """An HTTP monitor from its codes alone."""
    made = api.ok("POST", MONITORS, {"expected_codes": "2xx"})
    assert (made["type"], made["interval"], made["retries"], made["timeout"]) == ("http", 60, 2, 5)
    assert (made["method"], made["path"], made["expected_codes"]) == ("GET", "/", "2xx")
    tcp = api.ok("POST", MONITORS, {"type": "tcp", "port": 443})
    assert "path" not in tcp


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"interval": 55}, "interval is not in range [60, 3600]: validation failed"),
        ({"retries": 6}, "retries is not in range [0, 5]: validation failed"),
        ({"timeout": 10, "retries": 5}, "interval must be larger than (retries + 1) * timeout: validation failed"),
        ({"type": "tcp"}, "port is required for tcp monitors: validation failed"),
        ({"type": "gopher"}, None),
        ({"type": "tcp", "port": 1, "path": "/x"}, None),
        ({"expected_codes": "OK"}, None),
        ({"method": "POST"}, None),
        ({"interval": "60"}, None),
        ({"colour": "red"}, None),
    ],
)
def test_bad_monitor_is_refused(api, given, reason):
    """Ranges and types, in the vendor's words where they are known."""
    status, code, message = api.refused("POST", MONITORS, given)
    assert (status, code) == (400, 1002)
    assert reason in (None, message)
    assert api.page(MONITORS)[0] == []


@pytest.mark.parametrize(
    "given",
    [
        pool(origins=[]),
        pool(name="bad name"),
        pool(monitor=UNKNOWN),
        pool(minimum_origins=2),
        pool(origins=[{"name": "o", "address": "nowhere"}]),
        pool(origins=[{"name": "o", "address": "192.0.2.300"}]),
        pool(origins=[{"name": "o", "address": "192.0.2.1", "weight": 2}]),
        pool(origins=[{"name": "a", "address": "192.0.2.1"}, {"name": "b", "address": "192.0.2.1"}]),
        pool(check_regions=["MARS"]),
        pool(latitude=10.0),
    ],
)
def test_bad_pool_is_refused(api, given):
    """Origins, references, regions."""
    assert api.refused("POST", POOLS, given)[:2] == (400, 1002)
    assert api.page(POOLS)[0] == []


@pytest.mark.parametrize(
    "change",
    [
        {"default_pools": []},
        {"default_pools": [UNKNOWN]},
        {"fallback_pool": UNKNOWN},
        {"region_pools": {"MARS": []}},
        {"region_pools": {"WEU": [UNKNOWN]}},
        {"steering_policy": "magic"},
        {"session_affinity": "cookie"},
        {"ttl": 5},
        {"rules": [{"name": "r", "overrides": {"default_pools": [UNKNOWN]}}]},
        {"rules": [{"name": "r", "condition": '(http.host eq "a"'}]},
    ],
)
def test_bad_load_balancer_is_refused(api, zone, main, change):
    """References and ranges."""
    assert api.refused("POST", f"{zone}/load_balancers", balancer(main, **change))[:2] == (400, 1002)
    assert api.page(f"{zone}/load_balancers")[0] == []


def test_what_is_in_use_cannot_be_deleted(api, zone):
    """Monitor by pool, pool by load balancer: 412 and 1005; the references say who."""
    monitor = api.ok("POST", MONITORS, {"expected_codes": "200"})["id"]
    main = api.ok("POST", POOLS, pool(monitor=monitor))["id"]
    far = api.ok("POST", POOLS, pool("far"))["id"]
    made = api.ok("POST", f"{zone}/load_balancers", balancer(main, region_pools={"WEU": [far]}))
    assert (made["steering_policy"], made["ttl"]) == ("geo", 30)
    message = "This object is referenced by other objects, delete them first."
    for path in (f"{MONITORS}/{monitor}", f"{POOLS}/{main}", f"{POOLS}/{far}"):
        assert api.refused("DELETE", path) == (412, 1005, message)
    (reference,) = api.ok("GET", f"{POOLS}/{far}/references")
    assert (reference["resource_id"], reference["resource_type"]) == (made["id"], "load_balancer")
    (reference,) = api.ok("GET", f"{MONITORS}/{monitor}/references")
    assert reference["resource_name"] == "main"
    api.ok("DELETE", f"{zone}/load_balancers/{made['id']}")
    for path in (f"{POOLS}/{far}", f"{POOLS}/{main}", f"{MONITORS}/{monitor}"):
        api.ok("DELETE", path)
        assert api.refused("GET", path)[:2] == (404, 1001)


def test_names_are_taken_once(api, zone, main):
    """Pools in the account, load balancers in the zone."""
    assert api.refused("POST", POOLS, pool())[:2] == (400, 1003)
    api.ok("POST", f"{zone}/load_balancers", balancer(main))
    assert api.refused("POST", f"{zone}/load_balancers", balancer(main))[:2] == (400, 1003)


def test_patch_keeps_and_put_resets(api, main):
    """The description survives a patch, not a put; a disabled pool says since when."""
    api.ok("PATCH", f"{POOLS}/{main}", {"description": "d", "enabled": False})
    patched = api.ok("PATCH", f"{POOLS}/{main}", {"minimum_origins": 0})
    assert (patched["description"], patched["disabled_at"]) == ("d", "2026-03-01T12:00:00.000000Z")
    replaced = api.ok("PUT", f"{POOLS}/{main}", pool())
    assert replaced["description"] == ""
    assert "disabled_at" not in replaced


def test_pool_health_reports_no_probe(api, main):
    """No data centre has probed anything."""
    assert api.ok("GET", f"{POOLS}/{main}/health") == {"pool_id": main, "pop_health": {}}

"""Cloudflare's edge in the world: sites behind it answer as the API configured them."""

import pickle

import pytest
import requests
from edge_site import Site

from twin.semantics.edge import Asked, Broken, Identity, Returned
from twin.world.behaviors.route53_endpoints import endpoint_down, endpoint_up
from twin.world.edge.sessions import sign_in
from twin.world.server import serve

CUSTOM = "http_request_firewall_custom"
BLOCK = {"action": "block", "expression": 'http.request.uri.path eq "/admin"', "description": "no admin"}


@pytest.fixture
def site(world):
    """An active zone with www.example.com behind the edge."""
    made = Site(world)
    made.record()
    return made


def test_site_answers_through_the_edge_and_a_rule_of_the_api_blocks(world, site):
    """A request reaches the origin; after one PUT the path is refused, with a ray and an event in the log."""
    before = site.get("/admin")
    assert (before.status, before.headers["Server"]) == (200, "cloudflare")
    site.rules(CUSTOM, BLOCK)
    found = site.get("/admin", X_Twin_Source_Ip="198.51.100.7", X_Twin_Visitor="country=SE; asn=64500")
    assert (found.status, found.body) == (403, b"error code: 1020")
    (event,) = world.edge.events("example.com")
    assert f"{event['rayName']}-AMS" == found.headers["CF-RAY"]
    assert (event["action"], event["clientIP"], event["clientCountryName"]) == ("block", "198.51.100.7", "SE")
    assert event["description"] == "no admin"
    assert site.get("/").status == 200


def test_pending_zone_and_unknown_name_are_nobody_s(world):
    """Without an activated delegation the world does not answer for the name: 421, as for any stranger."""
    made = Site(world)
    made.record()
    assert made.get(host="www.example.net").status == 421
    other = made.api("POST", "/zones", {"name": "other.com", "account": {"id": world.cloudflare.account_id}})
    made.api(
        "POST",
        f"/zones/{other['id']}/dns_records",
        {"type": "A", "name": "www", "content": "192.0.2.1", "proxied": True},
    )
    assert made.get(host="www.other.com").status == 421


def test_paths_of_other_vendors_at_a_site_are_the_site_s(site):
    """A site's /api/v1 is not Okta's."""
    assert site.get("/api/v1/users").headers["Server"] == "cloudflare"


def test_origin_is_whoever_the_world_says(world, site):
    """Another origin takes the stores' place; what it refuses is a 521."""
    world.edge.origin = lambda sent: Broken("refused") if sent.address == "192.0.2.10" else Returned(200)
    assert site.get().status == 521


def test_cache_keeps_until_purged(world, site):
    """MISS, HIT, and MISS again after a purge through the API; another file stays."""
    statuses = [site.get(path).headers["CF-Cache-Status"] for path in ("/a.css", "/a.css", "/b.css", "/b.css")]
    assert statuses == ["MISS", "HIT", "MISS", "HIT"]
    site.api("POST", f"{site.zone}/purge_cache", {"files": ["https://www.example.com/a.css"]})
    assert [site.get(path).headers["CF-Cache-Status"] for path in ("/a.css", "/b.css")] == ["MISS", "HIT"]
    site.api("POST", f"{site.zone}/purge_cache", {"purge_everything": True})
    assert site.get("/b.css").headers["CF-Cache-Status"] == "MISS"


def test_cache_expires_on_the_world_s_clock(clock, site):
    """Two hours on, the object is fetched again."""
    site.get("/a.css")
    clock.advance(7199)
    assert site.get("/a.css").headers["CF-Cache-Status"] == "HIT"
    clock.advance(2)
    assert site.get("/a.css").headers["CF-Cache-Status"] == "EXPIRED"


def test_rate_limit_counts_on_the_world_s_clock(clock, site):
    """The Free plan's rule: by address, ten seconds, blocked for ten."""
    limit = {
        "characteristics": ["cf.colo.id", "ip.src"],
        "period": 10,
        "requests_per_period": 3,
        "mitigation_timeout": 10,
    }
    site.rules("http_ratelimit", {"action": "block", "expression": "true", "ratelimit": limit})
    assert [site.get().status for _ in range(5)] == [200, 200, 200, 429, 429]
    assert site.get(X_Twin_Source_Ip="198.51.100.9").status == 200
    clock.advance(10)
    assert site.get().status == 200


def test_zone_settings_act_at_once(site):
    """Always Use HTTPS and a least TLS version, as the API set them."""
    assert site.get("/a?b=1", scheme="http").status == 200
    site.api("PATCH", f"{site.zone}/settings/always_use_https", {"value": "on"})
    moved = site.get("/a?b=1", scheme="http")
    assert (moved.status, moved.headers["Location"]) == (301, "https://www.example.com/a?b=1")
    site.api("PATCH", f"{site.zone}/settings/min_tls_version", {"value": "1.3"})
    assert site.get(X_Twin_Visitor="tls=1.2").headers["X-Twin-Failure"] == "protocol_version"
    assert site.get(X_Twin_Visitor="tls=1.3").status == 200


def test_without_universal_ssl_no_certificate_covers_the_site(site):
    """Universal SSL off: the handshake fails until it is on again."""
    site.api("PATCH", f"{site.zone}/ssl/universal/settings", {"enabled": False})
    assert site.get().headers["X-Twin-Failure"] == "handshake_failure"
    site.api("PATCH", f"{site.zone}/ssl/universal/settings", {"enabled": True})
    assert site.get().status == 200


def test_access_stands_before_an_application(world, site):
    """Strangers go to the login, members pass with their session until it is revoked, a service token passes."""
    app = site.api(
        "POST",
        f"{site.account}/access/apps",
        {"type": "self_hosted", "name": "admin", "domain": "www.example.com/admin"},
    )
    policies = f"{site.account}/access/apps/{app['id']}/policies"
    site.api(
        "POST",
        policies,
        {"name": "staff", "decision": "allow", "include": [{"email_domain": {"domain": "example.com"}}]},
    )
    assert site.get("/").status == 200
    login = site.get("/admin")
    assert login.status == 302
    assert login.headers["Location"].startswith(
        "https://twin.cloudflareaccess.com/cdn-cgi/access/login/www.example.com"
    )
    mine = sign_in(world.scene, Identity("ada@example.com"), app["id"])
    theirs = sign_in(world.scene, Identity("eve@evil.example"), app["id"])
    assert site.get("/admin", Cookie=f"CF_Authorization={mine}").status == 200
    assert site.get("/admin", Cookie=f"CF_Authorization={theirs}").status == 403
    site.api("POST", f"{site.account}/access/apps/{app['id']}/revoke_tokens")
    assert site.get("/admin", Cookie=f"CF_Authorization={mine}").status == 302
    token = site.api("POST", f"{site.account}/access/service_tokens", {"name": "ci"})
    site.api(
        "POST",
        policies,
        {"name": "ci", "decision": "non_identity", "include": [{"service_token": {"token_id": token["id"]}}]},
    )
    carried = {"CF_Access_Client_Id": token["client_id"], "CF_Access_Client_Secret": token["client_secret"]}
    assert site.get("/admin", **carried).status == 200
    site.api("POST", f"{site.account}/access/service_tokens/{token['id']}/rotate")
    assert site.get("/admin", **carried).status == 302


def test_free_ruleset_blocks_and_its_rules_can_be_overridden(site):
    """The API tells the rules of the Free ruleset; one that is overridden lets the same request through."""
    free = "77454fe2d30c4220b5701f6fdfb893ba"
    known = site.api("GET", f"{site.zone}/rulesets/{free}")["rules"]
    shell = next(rule for rule in known if "CVE-2014-6271" in rule["description"])
    assert "expression" not in shell
    execute = {"action": "execute", "expression": "true", "action_parameters": {"id": free}}
    site.rules("http_request_firewall_managed", execute)
    assert site.get(User_Agent="() { :; }; id").status == 403
    off = {"id": free, "overrides": {"rules": [{"id": shell["id"], "enabled": False}]}}
    site.rules("http_request_firewall_managed", {**execute, "action_parameters": off})
    assert site.get(User_Agent="() { :; }; id").status == 200


def test_site_is_served_by_its_host_header(world, site):
    """Over a socket, as with curl's --resolve: the Host header chooses the site; the API answers beside it."""
    site.rules(CUSTOM, BLOCK)
    with serve(world.handle) as server:
        host = {"Host": "www.example.com"}
        plain = requests.get(f"{server.url}/", headers=host, timeout=10)
        blocked = requests.get(f"{server.url}/admin", headers=host, timeout=10)
        api = requests.get(
            f"{server.url}/client/v4/ips", headers={"Authorization": f"Bearer {world.cloudflare.token}"}, timeout=10
        )
    assert (plain.status_code, plain.headers["Server"]) == (200, "cloudflare")
    assert (blocked.status_code, blocked.text) == (403, "error code: 1020")
    assert api.json()["success"]


def test_same_seed_same_visits(world, site):
    """Rays are drawn from the seed, and a visit keeps the ray that its request has."""
    first = world.edge.visit(Asked("www.example.com"))
    assert first.ray.strip("0")
    assert world.edge.visit(Asked("www.example.com", ray="a" * 16)).ray == "a" * 16


def test_edge_s_memory_is_plain_data(world, site):
    """What the edge remembers survives a snapshot's pickle."""
    site.get("/a.css")
    site.rules(CUSTOM, BLOCK)
    site.get("/admin")
    assert pickle.loads(pickle.dumps(world.scene.memory)).keys() == world.scene.memory.keys()


@pytest.fixture
def balanced(site):
    """The site behind two pools with a monitor: one minute, two failures in a row."""
    monitor = site.api(
        "POST",
        f"{site.account}/load_balancers/monitors",
        {
            "type": "https",
            "path": "/",
            "interval": 60,
            "retries": 1,
            "timeout": 5,
            "consecutive_down": 2,
            "consecutive_up": 2,
        },
    )
    pools = [
        site.api(
            "POST",
            f"{site.account}/load_balancers/pools",
            {"name": name, "monitor": monitor["id"], "origins": [{"name": name, "address": address}]},
        )["id"]
        for name, address in (("one", "one.other.example"), ("two", "two.other.example"))
    ]
    site.api(
        "POST",
        f"{site.zone}/load_balancers",
        {"name": "www.example.com", "proxied": True, "default_pools": pools, "fallback_pool": pools[1]},
    )
    site.pools = pools
    return site


def healthy(site, pool):
    """Return what the API says of a pool's one origin."""
    told = site.api("GET", f"{site.account}/load_balancers/pools/{pool}/health")["pop_health"]
    return next(iter(told["WNAM"]["origins"][0].values()))["healthy"]


def test_monitor_turns_a_pool_and_the_balancer_follows(world, clock, balanced):
    """An origin that dies is found after two probes; traffic goes to the other pool until it answers again."""
    first, second = balanced.pools
    visit = lambda: world.edge.visit(Asked("www.example.com")).pool  # noqa: E731
    assert [healthy(balanced, pool) for pool in balanced.pools] == [True, True]
    assert visit() == first
    endpoint_down(world.scene, "one.other.example")
    assert world.edge.visit(Asked("www.example.com")).status == 522
    clock.advance(59)
    assert visit() == first
    clock.advance(75)
    assert (healthy(balanced, first), visit()) == (False, second)
    endpoint_up(world.scene, "one.other.example")
    clock.advance(59)
    assert visit() == second
    clock.advance(65)
    assert (healthy(balanced, first), visit()) == (True, first)
    assert world.agenda.entries() == []


def test_short_outage_of_an_origin_is_not_noticed(world, clock, balanced):
    """Down for less than two probes, nothing turns."""
    endpoint_down(world.scene, "one.other.example")
    clock.advance(40)
    endpoint_up(world.scene, "one.other.example")
    clock.advance(600)
    world.settle()
    assert healthy(balanced, balanced.pools[0])
    assert [
        h.kind for h in world.scene.happenings if h.kind == "cloudflare.pool.changed" and h.facts["state"] == "critical"
    ] == []


def test_pool_without_a_monitor_is_asked_whatever_happens(world, clock, balanced):
    """Without a monitor nobody notices: the visitor gets the error."""
    pool = f"{balanced.account}/load_balancers/pools/{balanced.pools[0]}"
    balanced.api("PUT", pool, {"name": "one", "origins": [{"name": "one", "address": "one.other.example"}]})
    endpoint_down(world.scene, "one.other.example")
    clock.advance(600)
    found = world.edge.visit(Asked("www.example.com"))
    assert (found.status, found.pool) == (522, balanced.pools[0])


def test_names_lead_where_the_balancer_would_go(world, clock, balanced):
    """Whoever asks where a name leads gets the healthy pool's origin; wildcards lead too; strangers nowhere."""
    lead = lambda name: [row["content"] for row in world.scene.elsewhere(name)]  # noqa: E731
    assert lead("www.example.com") == ["one.other.example"]
    endpoint_down(world.scene, "one.other.example")
    clock.advance(200)
    world.settle()
    assert lead("www.example.com") == ["two.other.example"]
    balanced.record("*", "192.0.2.77")
    assert lead("any.example.com") == ["192.0.2.77"]
    assert world.scene.elsewhere("www.example.net") is None

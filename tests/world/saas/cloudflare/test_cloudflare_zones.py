"""Zones and their settings: lifecycle, filters, pages, values, plans."""

from typing import get_args

import pytest
from cloudflare.types.zones.setting_edit_response import SettingEditResponse

ACCOUNT_ID = "a" * 32


def names(api, query):
    """List the zone names that a query finds."""
    return [row["name"] for row in api.page(f"/zones?{query}")[0]]


def test_zone_is_pending_until_its_activation_check(api, clock):
    """Status, name servers and activation instant."""
    made = api.ok("POST", "/zones", {"name": "Example.COM", "type": "full"})
    assert (made["name"], made["status"], made["activated_on"]) == ("example.com", "pending", None)
    assert len(made["name_servers"]) == 2
    assert len(made["id"]) == 32
    clock.advance(60)
    assert api.ok("PUT", f"/zones/{made['id']}/activation_check") == {"id": made["id"]}
    shown = api.ok("GET", f"/zones/{made['id']}")
    assert (shown["status"], shown["activated_on"]) == ("active", "2026-03-01T12:01:00.000000Z")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("example.com", (400, 1061, "example.com already exists")),
        ("localhost", (400, 1002, "Invalid domain")),
        ("bad_name.com", (400, 1002, "Invalid domain")),
        ("-a.com", (400, 1002, "Invalid domain")),
    ],
)
def test_bad_zone_name_is_refused(api, zone, name, expected):
    """Duplicates and names that are no domain."""
    assert api.refused("POST", "/zones", {"name": name}) == expected


def test_subdomain_of_own_zone_is_refused_below_enterprise(api, zone):
    """1116, as the vendor says it."""
    assert api.refused("POST", "/zones", {"name": "dev.example.com"})[:2] == (400, 1116)


def test_partial_zone_needs_a_higher_plan(api, make_api):
    """Free refuses, Business accepts."""
    body = {"name": "example.com", "type": "partial"}
    assert api.refused("POST", "/zones", body)[:2] == (400, 1110)
    assert make_api("business").ok("POST", "/zones", body)["type"] == "partial"


def test_foreign_account_is_refused(api):
    """A zone is made in the own account only."""
    assert api.refused("POST", "/zones", {"name": "x.com", "account": {"id": "b" * 32}})[:2] == (403, 10000)
    assert api.refused("GET", "/accounts/" + "b" * 32)[:2] == (403, 10000)


def test_zone_list_filters_orders_and_pages(api):
    """Operators, match, direction, and an empty page past the end."""
    for number in range(7):
        api.ok("POST", "/zones", {"name": f"site{number}.com"})
    api.ok("POST", "/zones", {"name": "other.org"})
    assert names(api, "name=site3.com") == ["site3.com"]
    assert names(api, "name=ends_with:.org") == ["other.org"]
    assert names(api, "name=contains:ITE6") == ["site6.com"]
    assert names(api, "name=contains_case_sensitive:ITE6") == []
    assert names(api, "name=site1.com&status=active") == []
    assert names(api, "name=site1.com&status=active&match=any") == ["site1.com"]
    assert names(api, "order=name&direction=desc&per_page=5")[0] == "site6.com"
    rows, info = api.page("/zones?per_page=5&page=2")
    assert len(rows) == 3
    assert info == {"page": 2, "per_page": 5, "count": 3, "total_count": 8, "total_pages": 2}
    rows, info = api.page("/zones?per_page=5&page=3")
    assert (rows, info["total_count"]) == ([], 8)


@pytest.mark.parametrize("query", ["per_page=51", "per_page=4", "per_page=x", "page=0"])
def test_page_outside_its_limits_is_refused(api, query):
    """The documented limits of the zone list: 5 to 50."""
    assert api.refused("GET", f"/zones?{query}")[:2] == (400, 1003)


def test_zone_changes_one_property_at_a_time(api, zone):
    """Paused, and the two ways to be refused."""
    assert api.ok("PATCH", zone, {"paused": True})["paused"] is True
    assert api.refused("PATCH", zone, {"paused": True, "type": "full"})[:2] == (400, 1004)
    assert api.refused("PATCH", zone, {"name": "new.com"})[:2] == (400, 1099)


def test_plan_change_lifts_what_the_free_plan_forbids(api, zone):
    """The setting is editable after the upgrade."""
    assert api.refused("PATCH", f"{zone}/settings/polish", {"value": "lossy"})[:2] == (403, 1015)
    assert api.ok("PATCH", zone, {"plan": {"id": "pro"}})["plan"]["name"] == "Pro Website"
    assert api.ok("PATCH", f"{zone}/settings/polish", {"value": "lossy"})["value"] == "lossy"


def test_deleted_zone_is_unknown_with_all_in_it(api, zone):
    """1001 for the zone and what was below it; its name is free again."""
    api.ok("PUT", f"{zone}/rulesets/phases/http_request_transform/entrypoint", {"rules": []})
    api.ok("DELETE", zone)
    assert api.refused("GET", zone) == (404, 1001, "Invalid zone identifier")
    assert api.refused("GET", f"{zone}/dns_records")[:2] == (404, 1001)
    assert api.server.state.rulesets == {}
    api.ok("POST", "/zones", {"name": "example.com"})


def test_settings_show_defaults_and_what_the_plan_forbids(api, zone):
    """Untouched settings have no modification time."""
    settings = {row["id"]: row for row in api.ok("GET", f"{zone}/settings")}
    assert settings["min_tls_version"] == {
        "id": "min_tls_version",
        "value": "1.0",
        "modified_on": None,
        "editable": True,
    }
    assert {name for name in ("http2", "polish", "waf", "ciphers") if settings[name]["editable"]} == set()


def test_settings_are_those_that_the_sdk_documents(api, zone):
    """The whole list, by the models of the vendor's SDK."""
    documented = set()
    for model in get_args(SettingEditResponse):
        for literal in get_args(model.model_fields["id"].annotation):
            documented.update(part for part in (get_args(literal) or [literal]) if isinstance(part, str))
    assert {row["id"] for row in api.ok("GET", f"{zone}/settings")} == documented


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl", "strict"),
        ("browser_cache_ttl", 0),
        ("tls_1_3", "zrt"),
        ("security_level", "under_attack"),
        ("edge_cache_ttl", 86400),
    ],
)
def test_setting_takes_a_documented_value(api, zone, name, value):
    """The value is kept, with its time."""
    api.ok("PATCH", f"{zone}/settings/{name}", {"value": value})
    shown = api.ok("GET", f"{zone}/settings/{name}")
    assert (shown["value"], shown["modified_on"]) == (value, "2026-03-01T12:00:00.000000Z")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("ssl", "maximal", 1007),
        ("ssl", None, 1007),
        ("browser_cache_ttl", 17, 1007),
        ("browser_cache_ttl", "14400", 1007),
        ("cache_level", "bypass", 1007),
        ("security_header", {"strict_transport_security": {"max_age": "1"}}, 1007),
        ("security_header", {"other": {}}, 1007),
        ("edge_cache_ttl", 30, 1015),
        ("max_upload", 200, 1015),
        ("http2", "off", 1015),
        ("no_such_setting", "on", 1006),
    ],
)
def test_bad_setting_is_refused(api, zone, name, value, code):
    """Values, plans and names."""
    assert api.refused("PATCH", f"{zone}/settings/{name}", {"value": value})[1] == code


def test_strict_transport_security_keeps_the_parts_not_given(api, zone):
    """An object setting is merged."""
    path = f"{zone}/settings/security_header"
    api.ok("PATCH", path, {"value": {"strict_transport_security": {"enabled": True, "max_age": 31536000}}})
    api.ok("PATCH", path, {"value": {"strict_transport_security": {"nosniff": True}}})
    shown = api.ok("GET", path)["value"]["strict_transport_security"]
    assert shown == {
        "enabled": True,
        "max_age": 31536000,
        "include_subdomains": False,
        "preload": False,
        "nosniff": True,
    }


def test_batch_of_settings_is_all_or_nothing(api, zone):
    """One bad value leaves all as they were; `items` works as well as a bare list."""
    batch = [{"id": "ssl", "value": "strict"}, {"id": "min_tls_version", "value": "9"}]
    assert api.refused("PATCH", f"{zone}/settings", batch)[:2] == (400, 1007)
    assert api.ok("GET", f"{zone}/settings/ssl")["value"] == "full"
    rows = api.ok("PATCH", f"{zone}/settings", {"items": batch[:1]})
    assert [(row["id"], row["value"]) for row in rows] == [("ssl", "strict")]
    assert api.refused("PATCH", f"{zone}/settings", {"ssl": "full"}) == (400, 1004, "Missing 'items'")


def test_development_mode_ends_after_three_hours(api, zone, clock):
    """The zone shows the seconds that are left."""
    api.ok("PATCH", f"{zone}/settings/development_mode", {"value": "on"})
    clock.advance(3600)
    assert api.ok("GET", zone)["development_mode"] == 7200
    clock.advance(7200)
    assert api.ok("GET", f"{zone}/settings/development_mode")["value"] == "off"

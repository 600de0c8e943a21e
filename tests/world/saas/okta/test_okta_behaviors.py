"""Behaviors: what a sign-in shows that the user's earlier ones did not."""

from urllib.parse import urlsplit

import pytest
from okta_person import person

from twin.world.saas.okta.detections import detected, place_of, remember, sign_in_of

OSLO = {"country": "NO", "region": "03", "city": "Oslo", "latitude": 59.9, "longitude": 10.7, "asn": "64500"}
WEST = {"country": "NO", "region": "46", "city": "Bergen", "latitude": 60.4, "longitude": 5.3, "asn": "64500"}
EAST = {"country": "SE", "region": "AB", "city": "Stockholm", "latitude": 59.3, "longitude": 18.1, "asn": "64501"}
PLACES = {"192.0.2.0/24": OSLO, "192.0.2.128/25": WEST, "198.51.100.0/24": EAST}
HOME, BERGEN, ABROAD = ("192.0.2.1", "laptop"), ("192.0.2.200", "laptop"), ("198.51.100.1", "laptop")


@pytest.fixture
def shown(call, clock):
    """Return a function that says which behaviors a sign-in shows after some others, a day apart."""
    user = person(call)
    org = call.okta.org
    org.places |= PLACES

    def names(*past, now):
        for ip, device in past:
            remember(org, org.users[user["id"]], sign_in_of(org, ip, device))
            clock.advance(86_400)
        return {one["name"] for one in detected(org, org.users[user["id"]], sign_in_of(org, *now))}

    return names


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        (HOME, set()),
        (("192.0.2.2", "laptop"), {"New IP"}),
        (("192.0.2.1", "phone"), {"New Device"}),
        (BERGEN, {"New IP", "New City", "New State", "New Geo-Location"}),
        (ABROAD, {"New IP", "New City", "New State", "New Country", "New Geo-Location"}),
        (("203.0.113.1", "laptop"), {"New IP"}),
    ],
)
def test_a_sign_in_shows_what_is_new_about_it(shown, now, wanted):
    """Each default behavior looks at its own part of a sign-in; an unknown place shows nothing of places."""
    assert shown(HOME, now=now) == wanted


def test_nothing_is_new_without_a_history(shown):
    """The first sign-in of a user is compared with none."""
    assert shown(now=ABROAD) == set()


def test_what_was_seen_once_is_not_new(shown):
    """Any of the earlier sign-ins counts, as many as the behavior looks back on."""
    assert shown(HOME, ABROAD, now=ABROAD) == set()
    assert "New Country" in shown(*[HOME] * 20, now=ABROAD)


def test_speed_is_measured_between_two_sign_ins(shown, call, clock):
    """Oslo and Stockholm an hour apart are within a flight's speed, ten minutes apart are not."""
    assert "Velocity" not in shown(HOME, now=ABROAD)
    org = call.okta.org
    (user,) = [one for one in org.users.values() if one["profile"]["firstName"] == "Ada"]
    for seconds, fast in ((600, True), (3600, False)):
        remember(org, user, sign_in_of(org, *HOME))
        clock.advance(seconds)
        names = {one["name"] for one in detected(org, user, sign_in_of(org, *ABROAD))}
        assert ("Velocity" in names) is fast


def test_a_behavior_needs_its_events_and_can_be_off(shown, call):
    """With too few events it says nothing, and an inactive one never does."""
    body = {"name": "Own", "type": "ANOMALOUS_ASN", "settings": {"minEventsNeededForEvaluation": 3}}
    own = call("POST", "/api/v1/behaviors", body)
    assert "Own" not in shown(HOME, HOME, now=ABROAD)
    assert "Own" in shown(HOME, now=ABROAD)
    call("POST", f"/api/v1/behaviors/{own['id']}/lifecycle/deactivate")
    assert "Own" not in shown(now=ABROAD)
    assert call("GET", f"/api/v1/behaviors/{own['id']}")["status"] == "INACTIVE"


def test_the_narrowest_network_says_where_an_address_is(call):
    """A part of a network may be elsewhere than the whole."""
    call.okta.org.places |= PLACES
    cities = [place_of(call.okta.org, ip).get("city") for ip in ("192.0.2.127", "192.0.2.128", "203.0.113.1")]
    assert cities == ["Oslo", "Bergen", None]


@pytest.mark.parametrize(
    "body",
    [
        {"name": "x", "type": "WEATHER"},
        {"name": "x", "type": "VELOCITY", "settings": {"velocityKph": 0}},
        {"name": "x", "type": "ANOMALOUS_LOCATION"},
        {"name": "x", "type": "ANOMALOUS_LOCATION", "settings": {"granularity": "STREET"}},
        {"name": "x", "type": "ANOMALOUS_IP", "settings": {"velocityKph": 3}},
        {"name": "New IP", "type": "ANOMALOUS_IP"},
        {"type": "ANOMALOUS_IP"},
    ],
    ids=str,
)
def test_a_behavior_that_is_none_is_refused(call, body):
    """Unknown types, settings of another type, and names that are taken."""
    call("POST", "/api/v1/behaviors", body, expect=(400, "E0000001"))


def test_a_behavior_that_a_rule_names_stays(call):
    """Deleting it is refused until the rule is gone."""
    one = call("GET", "/api/v1/behaviors")[0]["id"]
    policy = call("POST", "/api/v1/policies", {"type": "OKTA_SIGN_ON", "name": "P"})
    rules = urlsplit(policy["_links"]["rules"]["href"]).path
    actions = {"signon": {"access": "ALLOW"}}
    call(
        "POST",
        rules,
        {"name": "r", "type": "SIGN_ON", "conditions": {"risk": {"behaviors": [one]}}, "actions": actions},
    )
    call("DELETE", f"/api/v1/behaviors/{one}", expect=(400, "E0000001"))
    call("DELETE", f"/api/v1/policies/{policy['id']}")
    call("DELETE", f"/api/v1/behaviors/{one}")

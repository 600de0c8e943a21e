"""Which behaviors a sign-in shows: what differs from the user's earlier successful ones.

Source: https://help.okta.com/oie/en-us/Content/Topics/Security/behavior-detection/about-behavior-detection.htm
"""

import ipaddress
from math import asin, cos, radians, sin, sqrt

from twin.world.saas.okta.password_policies import instant
from twin.world.saas.okta.state import Org, Record

KEPT = 100  # the most events that a behavior can look back on
EARTH = 6371.0
# type -> what of a sign-in must have been seen before
SEEN = {"ANOMALOUS_IP": "ip", "ANOMALOUS_DEVICE": "device", "ANOMALOUS_ASN": "asn"}
GRANULARITY = {"CITY": ("country", "region", "city"), "SUBDIVISION": ("country", "region"), "COUNTRY": ("country",)}


def place_of(org: Org, ip: str) -> Record:
    """Return where an address is, as the world was told: the narrowest network that holds it; empty when unknown."""
    address = ipaddress.ip_address(ip)
    held = [(ipaddress.ip_network(block), place) for block, place in org.places.items()]
    found = [(network.prefixlen, place) for network, place in held if address in network]
    return dict(max(found, key=lambda pair: pair[0])[1]) if found else {}


def sign_in_of(org: Org, ip: str, device: str) -> Record:
    """Return what is remembered of a sign-in."""
    return {"ip": ip, "device": device, "at": org.now(), **place_of(org, ip)}


def remember(org: Org, user: Record, sign_in: Record) -> None:
    """Keep a successful sign-in for those that follow."""
    org.sign_ins[user["id"]] = [*org.sign_ins.get(user["id"], []), sign_in][-KEPT:]


def detected(org: Org, user: Record, sign_in: Record) -> list[Record]:
    """Return the active behaviors that a sign-in shows; without history none is judged."""
    history = org.sign_ins.get(user["id"], [])
    if not history:
        return []
    active = [one for one in org.behaviors.values() if one["status"] == "ACTIVE"]
    return [one for one in active if _shows(one, history, sign_in)]


def _shows(behavior: Record, history: list[Record], sign_in: Record) -> bool:
    settings = behavior["settings"]
    if behavior["type"] == "VELOCITY":
        return _speed(history[-1], sign_in) > float(settings["velocityKph"])
    if len(history) < settings.get("minEventsNeededForEvaluation", 0):
        return False
    past = history[-settings["maxEventsUsedForEvaluation"] :]
    if behavior["type"] in SEEN:
        name = SEEN[behavior["type"]]
        return bool(sign_in.get(name)) and all(one.get(name) != sign_in[name] for one in past)
    if settings["granularity"] == "LAT_LONG":
        near = settings.get("radiusKilometers", 20)
        return _located(sign_in) and all(_located(one) and _distance(one, sign_in) > near for one in past)
    names = GRANULARITY[settings["granularity"]]
    here = [sign_in.get(name) for name in names]
    return None not in here and all([one.get(name) for name in names] != here for one in past)


def _located(sign_in: Record) -> bool:
    return "latitude" in sign_in and "longitude" in sign_in


def _distance(one: Record, other: Record) -> float:
    """Return the kilometres between two places on a great circle."""
    north, south = radians(one["latitude"]), radians(other["latitude"])
    east = radians(other["longitude"] - one["longitude"])
    half = sin((south - north) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2
    return 2 * EARTH * asin(min(1.0, sqrt(half)))


def _speed(last: Record, sign_in: Record) -> float:
    if not (_located(last) and _located(sign_in)):
        return 0.0
    hours = (instant(sign_in["at"]) - instant(last["at"])).total_seconds() / 3600
    distance = _distance(last, sign_in)
    return float("inf") if not hours and distance else distance / hours if hours else 0.0

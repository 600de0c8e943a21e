"""Behavior detection rules: what counts as unusual for a user, for policies to name."""

from typing import Any

from twin.wire import Response
from twin.world.saas.okta.body import object_of, verify
from twin.world.saas.okta.errors import refuse
from twin.world.saas.okta.links import base, lifecycle, link
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.policy_shapes import filled
from twin.world.saas.okta.shapes import READ_ONLY, Check, anything, choice, integer, record, text
from twin.world.saas.okta.state import ROUTER, Org, Record, find
from twin.world.saas.router import Hit, json_response

BEHAVIORS = "/api/v1/behaviors"
HISTORY: dict[str, Check] = {
    "maxEventsUsedForEvaluation": integer(1, 100),
    "minEventsNeededForEvaluation": integer(0, 10),
}
SETTINGS: dict[str, Check] = {
    "ANOMALOUS_DEVICE": record(**HISTORY),
    "ANOMALOUS_IP": record(**HISTORY),
    "ANOMALOUS_ASN": record(**HISTORY),
    "ANOMALOUS_LOCATION": record(
        "granularity",
        **HISTORY,
        granularity=choice("CITY", "COUNTRY", "LAT_LONG", "SUBDIVISION"),
        radiusKilometers=integer(1),
    ),
    "VELOCITY": record("velocityKph", velocityKph=integer(1)),
}
PAST = {"maxEventsUsedForEvaluation": 20, "minEventsNeededForEvaluation": 0}
DEFAULTS: dict[str, dict[str, Any]] = {
    "ANOMALOUS_DEVICE": PAST,
    "ANOMALOUS_IP": PAST | {"maxEventsUsedForEvaluation": 50},
    "ANOMALOUS_ASN": PAST,
    "ANOMALOUS_LOCATION": PAST,
    "VELOCITY": {"velocityKph": 805},
}
# The behaviors of a new org: https://help.okta.com/oie/en-us/Content/Topics/Security/behavior-detection/about-behavior-detection.htm
FIRST: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("New Geo-Location", "ANOMALOUS_LOCATION", {"granularity": "LAT_LONG", "radiusKilometers": 20}),
    ("New City", "ANOMALOUS_LOCATION", {"granularity": "CITY"}),
    ("New State", "ANOMALOUS_LOCATION", {"granularity": "SUBDIVISION"}),
    ("New Country", "ANOMALOUS_LOCATION", {"granularity": "COUNTRY"}),
    ("New Device", "ANOMALOUS_DEVICE", {}),
    ("New IP", "ANOMALOUS_IP", {}),
    ("Velocity", "VELOCITY", {}),
)


def new_behavior(org: Org, name: str, kind: str, settings: Record) -> Record:
    """Add an active behavior to the org."""
    one = org.new("abe", name=name, status="ACTIVE") | {"type": kind, "settings": filled(DEFAULTS[kind], settings)}
    org.behaviors[one["id"]] = one
    return one


def _render(hit: Hit, one: Record) -> Record:
    href = f"{base(hit)}{BEHAVIORS}/{one['id']}"
    return {**one, "_links": {"self": link(href, "GET", "PUT", "DELETE"), **lifecycle(href, one["status"])}}


def _validated(org: Org, hit: Hit, own: Record | None = None) -> Record:
    body = object_of(hit)
    kind = str(body.get("type"))
    if kind not in SETTINGS or (own and own["type"] != kind):
        refuse("type", f"type: '{kind}' is not a type of behavior, or not the behavior's own")
    fields: dict[str, Check] = READ_ONLY | {"_link": anything, "type": anything}
    shape = record("name type", **fields, name=text(least=1, most=128), settings=SETTINGS[kind])
    verify(body, shape, "behaviorRule")
    if kind == "ANOMALOUS_LOCATION" and "settings" not in body:
        refuse("settings", "settings: The field cannot be left blank")
    if any(one["name"] == body["name"] and one is not own for one in org.behaviors.values()):
        refuse("name", "name: An object with this field already exists in the current organization")
    return body


@ROUTER.route("GET", BEHAVIORS)
def list_behaviors(org: Org, hit: Hit) -> Response:
    """List the behaviors of the org."""
    return json_response(200, [_render(hit, one) for one in org.behaviors.values()])


@ROUTER.route("POST", BEHAVIORS)
def create_behavior(org: Org, hit: Hit) -> Response:
    """Add a behavior; it is ACTIVE at once."""
    body = _validated(org, hit)
    one = new_behavior(org, body["name"], body["type"], body.get("settings", {}))
    log(org, "security.behavior.settings.create", target("BehaviorSettings", one))
    return json_response(200, _render(hit, one))


def _behavior(org: Org, hit: Hit) -> Record:
    return find(org.behaviors, hit.path["behavior_id"], "Behavior")


@ROUTER.route("GET", f"{BEHAVIORS}/<behavior_id>")
def get_behavior(org: Org, hit: Hit) -> Response:
    """Return one behavior."""
    return json_response(200, _render(hit, _behavior(org, hit)))


@ROUTER.route("PUT", f"{BEHAVIORS}/<behavior_id>")
def replace_behavior(org: Org, hit: Hit) -> Response:
    """Replace the name and the settings of a behavior."""
    one = _behavior(org, hit)
    body = _validated(org, hit, one)
    one |= {"name": body["name"], "settings": filled(DEFAULTS[one["type"]], body.get("settings", {}))}
    return _changed(org, hit, one)


def _changed(org: Org, hit: Hit, one: Record) -> Response:
    org.touch(one)
    log(org, "security.behavior.settings.update", target("BehaviorSettings", one))
    return json_response(200, _render(hit, one))


@ROUTER.route("DELETE", f"{BEHAVIORS}/<behavior_id>")
def delete_behavior(org: Org, hit: Hit) -> Response:
    """Delete a behavior that no policy rule names."""
    one = _behavior(org, hit)
    for rules in org.policy_rules.values():
        for rule in rules.values():
            named = ((rule.get("conditions") or {}).get("risk") or {}).get("behaviors") or []
            if one["id"] in named or one["name"] in named:
                refuse("behaviorRule", f"behaviorRule: The behavior is used by the policy rule {rule['name']}")
    del org.behaviors[one["id"]]
    log(org, "security.behavior.settings.delete", target("BehaviorSettings", one))
    return Response(204)


@ROUTER.route("POST", f"{BEHAVIORS}/<behavior_id>/lifecycle/activate")
def activate_behavior(org: Org, hit: Hit) -> Response:
    """Activate a behavior."""
    return _set_status(org, hit, "ACTIVE")


@ROUTER.route("POST", f"{BEHAVIORS}/<behavior_id>/lifecycle/deactivate")
def deactivate_behavior(org: Org, hit: Hit) -> Response:
    """Deactivate a behavior."""
    return _set_status(org, hit, "INACTIVE")


def _set_status(org: Org, hit: Hit, status: str) -> Response:
    one = _behavior(org, hit)
    one["status"] = status
    return _changed(org, hit, one)

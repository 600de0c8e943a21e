"""A hub subscribes to standards, whose controls are checked.

https://docs.aws.amazon.com/securityhub/latest/userguide/standards-reference.html
"""

import json
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens
from twin.world.behaviors.securityhub_hubs import HUBS, Hub, Place, hub_at, hub_of, place_of
from twin.world.behaviors.securityhub_pages import invalid, many, page
from twin.world.scene import Scene

MOST = 25
Enabled = tuple[Mapping[str, Any], list[str]]


@cache
def standards() -> Mapping[str, Any]:
    """Return the standards and the controls that the twin evaluates, from one data file."""
    found: Mapping[str, Any] = json.loads((Path(__file__).parent / "data" / "securityhub_standards.json").read_text())
    return found


def _subscription(place: Place, arn: str) -> str:
    path = arn.split(":", 5)[5].partition("/")[2]
    return f"arn:aws:securityhub:{place[1]}:{place[0]}:subscription/{path}"


def subscribe(scene: Scene, place: Place, arn: str) -> None:
    """Subscribe to a standard, unless it is already; it is ready after a while, and its checks begin later."""
    hub, id_ = scene.memory[HUBS][place], _subscription(place, arn)
    if id_ in hub["standards"]:
        return
    since = scene.now().isoformat()
    hub["standards"][id_] = {"arn": arn, "status": "PENDING", "since": since, "checked": False}
    told = {"place": place, "subscription": id_, "since": since}
    scene.after(scene.delay("securityhub.ready"), "securityhub.ready", **told)
    scene.after(scene.delay("securityhub.first_check"), "securityhub.check.first", **told)


def subscription_at(scene: Scene, place: Place, id_: str, *, since: str) -> dict[str, Any] | None:
    """Return a subscription if it is still the one that began at that instant."""
    hub = hub_at(scene, place)
    found: dict[str, Any] | None = None if hub is None else hub["standards"].get(id_)
    return found if found is not None and found["since"] == since else None


@happens("securityhub.ready")
def ready(scene: Scene, *, place: Place, subscription: str, since: str) -> None:
    """Let a subscription be ready."""
    found = subscription_at(scene, place, subscription, since=since)
    if found is not None:
        found["status"] = "READY"


def enabled_controls(hub: Hub, region: str, within: Collection[str] | None = None) -> Iterator[Enabled]:
    """Yield the controls of a hub's standards, or of those of some ARNs, each with all standards that have it."""
    arns = {one["arn"] for one in hub["standards"].values()}
    asked = arns if within is None else within
    by_name = {one["name"]: one["arn"].format(region=region) for one in standards()["standards"]}
    for control in standards()["controls"]:
        having = [by_name[name] for name in control["standards"] if by_name[name] in arns]
        if any(arn in asked for arn in having):
            yield control, [arn.split(":", 5)[5] for arn in having]


@answers("securityhub", "DescribeStandards")
def described_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the standards that there are."""
    hub_of(asked, scene)
    told = [
        {"StandardsArn": one["arn"].format(region=asked.call.region), "Name": one["title"], "Description": one["title"],
         "EnabledByDefault": one["default"]}
        for one in standards()["standards"]
    ]  # fmt: skip
    return page(asked, told, "Standards")


@answers("securityhub", "BatchEnableStandards")
def enable_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Subscribe to standards; one of AWS's that the twin has no controls of is refused by name."""
    hub, place = hub_of(asked, scene), place_of(asked)
    known = {one["arn"].format(region=place[1]) for one in standards()["standards"]}
    wanted = [one["StandardsArn"] for one in many(asked, "StandardsSubscriptionRequests", most=MOST)]
    foreign = [arn for arn in wanted if arn not in known]
    for arn in foreign:
        if arn in {one.format(region=place[1]) for one in standards()["elsewhere"]}:
            raise AwsError(
                "TwinUnsupportedOperation", f"The twin has no standard {arn}; it has {', '.join(sorted(known))}."
            )
    if foreign:
        requests = json.dumps([{"StandardsArn": arn} for arn in foreign], separators=(",", ":"))
        raise AwsError("InvalidInputException", f"Invalid StandardsSubscriptionRequest(s): {requests}")
    for arn in wanted:
        subscribe(scene, place, arn)
    return {"StandardsSubscriptions": [_told(hub, _subscription(place, arn)) for arn in wanted]}


@answers("securityhub", "BatchDisableStandards")
def disable_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """End subscriptions; findings of controls that no standard has any more are archived days later."""
    hub, place = hub_of(asked, scene), place_of(asked)
    wanted = list(dict.fromkeys(many(asked, "StandardsSubscriptionArns", most=MOST)))
    for arn in wanted:
        if arn not in hub["standards"]:
            raise invalid("StandardsSubscriptionArns", f"{arn} is not enabled")
    before = {control["id"] for control, _ in enabled_controls(hub, place[1])}
    gone = []
    for arn in wanted:
        gone.append(_told(hub, arn) | {"StandardsStatus": "DELETING"})
        del hub["standards"][arn]
    ended = sorted(before - {control["id"] for control, _ in enabled_controls(hub, place[1])})
    if ended:
        told = {"place": place, "since": hub["since"], "controls": ended}
        scene.after(scene.delay("securityhub.archived"), "securityhub.controls.archive", **told)
    return {"StandardsSubscriptions": gone}


def _told(hub: Hub, arn: str) -> dict[str, Any]:
    kept = hub["standards"][arn]
    ready_ = kept["status"] == "READY"
    return {
        "StandardsSubscriptionArn": arn,
        "StandardsArn": kept["arn"],
        "StandardsInput": {},
        "StandardsStatus": kept["status"],
        "StandardsControlsUpdatable": "READY_FOR_UPDATES" if ready_ else "NOT_READY_FOR_UPDATES",
    }


@answers("securityhub", "GetEnabledStandards")
def enabled_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the subscriptions."""
    hub, wanted = hub_of(asked, scene), asked.parameters.get("StandardsSubscriptionArns")
    if wanted is not None:
        many(asked, "StandardsSubscriptionArns", most=MOST)
    found = [_told(hub, arn) for arn in hub["standards"] if wanted is None or arn in wanted]
    return page(asked, found, "StandardsSubscriptions")


@answers("securityhub", "DescribeStandardsControls")
def controls(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the controls of a subscription that the twin evaluates."""
    hub, place = hub_of(asked, scene), place_of(asked)
    arn = asked.parameters["StandardsSubscriptionArn"]
    if arn not in hub["standards"]:
        raise AwsError("ResourceNotFoundException", f"Standards subscription {arn} was not found", 404)
    path = arn.partition("subscription/")[2]
    name = next(one["name"] for one in standards()["standards"] if one["arn"].endswith(path))
    told = [
        {
            "StandardsControlArn": f"arn:aws:securityhub:{place[1]}:{place[0]}:control/{path}/{one['id']}",
            "ControlStatus": "ENABLED",
            "ControlStatusUpdatedAt": hub["standards"][arn]["since"],
            "ControlId": one["id"],
            "Title": one["title"],
            "Description": one["title"],
            "SeverityRating": one["severity"],
        }
        for one in standards()["controls"]
        if name in one["standards"]
    ]
    return page(asked, told, "Controls")

"""Security Hub is enabled and disabled per account and Region, and subscribes to standards of controls."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens
from twin.world.scene import Scene

PROVIDES = {
    "security-hub": "Security Hub takes findings of GuardDuty, Config and Access Analyzer, and checks some controls "
    "of its standards by Config's rules."
}
HUBS = "securityhub.hubs"
Hub = dict[str, Any]
Place = tuple[str, str]


@cache
def standards() -> Mapping[str, Any]:
    """Return the standards and the controls that the twin evaluates, from one data file."""
    found: Mapping[str, Any] = json.loads((Path(__file__).parent / "data" / "securityhub_standards.json").read_text())
    return found


def hub_at(scene: Scene, place: Place) -> Hub | None:
    """Return the hub of an account and Region; None where Security Hub is not enabled."""
    found: Hub | None = scene.memory.get(HUBS, {}).get(tuple(place))
    return found


def place_of(asked: Asked) -> Place:
    """Return the account and Region of a call."""
    return (asked.call.account, asked.call.region)


def hub_of(asked: Asked, scene: Scene) -> Hub:
    """Return the hub of a call's account and Region; what AWS says where there is none."""
    hub = hub_at(scene, place_of(asked))
    if hub is None:
        raise AwsError(
            "InvalidAccessException", f"Account {asked.call.account} is not subscribed to AWS Security Hub", 401
        )
    return hub


def hub_arn(place: Place) -> str:
    """Return the ARN of a hub."""
    return f"arn:aws:securityhub:{place[1]}:{place[0]}:hub/default"


@answers("securityhub", "EnableSecurityHub")
def enable(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Enable Security Hub, by default with the standards that it enables for everybody."""
    place, told = place_of(asked), asked.parameters
    if hub_at(scene, place) is not None:
        raise AwsError("ResourceConflictException", "Account is already subscribed to Security Hub", 409)
    hub: Hub = {"since": scene.now().isoformat(), "tags": dict(told.get("Tags") or {}), "auto": True}
    hub |= {"generator": told.get("ControlFindingGenerator") or "SECURITY_CONTROL"}
    scene.memory.setdefault(HUBS, {})[place] = hub | {"standards": {}, "findings": {}, "checked": None, "due": None}
    if told.get("EnableDefaultStandards", True):
        for one in standards()["standards"]:
            if one["default"]:
                _subscribe(scene, place, one["arn"].format(region=place[1]))
    return {}


@answers("securityhub", "DisableSecurityHub")
def disable(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Disable Security Hub; findings and subscriptions go with it."""
    hub_of(asked, scene)
    del scene.memory[HUBS][place_of(asked)]
    return {}


@answers("securityhub", "DescribeHub")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell since when Security Hub is enabled."""
    hub, arn = hub_of(asked, scene), hub_arn(place_of(asked))
    if asked.parameters.get("HubArn") not in (None, arn):
        raise AwsError("ResourceNotFoundException", f"Hub {asked.parameters['HubArn']} was not found", 404)
    told = {"HubArn": arn, "SubscribedAt": hub["since"], "AutoEnableControls": hub["auto"]}
    return told | {"ControlFindingGenerator": hub["generator"]}


@answers("securityhub", "UpdateSecurityHubConfiguration")
def configure(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Say whether new controls are enabled by themselves; one finding per control and resource is all that there is."""
    hub, told = hub_of(asked, scene), asked.parameters
    if told.get("ControlFindingGenerator") == "STANDARD_CONTROL":
        raise AwsError("TwinUnsupportedOperation", "The twin has no findings per standard (STANDARD_CONTROL).")
    hub["auto"] = told.get("AutoEnableControls", hub["auto"])
    return {}


@answers("securityhub", "TagResource", "UntagResource", "ListTagsForResource")
def tags(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Read and write the tags of the hub."""
    hub, told = hub_of(asked, scene), asked.parameters
    if told["ResourceArn"] != hub_arn(place_of(asked)):
        raise AwsError("ResourceNotFoundException", f"Resource {told['ResourceArn']} was not found", 404)
    if asked.call.operation == "ListTagsForResource":
        return {"Tags": hub["tags"]}
    hub["tags"] |= told.get("Tags") or {}
    for key in told.get("TagKeys") or ():
        hub["tags"].pop(key, None)
    return {}


def _subscription(place: Place, arn: str) -> str:
    path = arn.split(":", 5)[5].partition("/")[2]
    return f"arn:aws:securityhub:{place[1]}:{place[0]}:subscription/{path}"


def _subscribe(scene: Scene, place: Place, arn: str) -> None:
    """Subscribe to a standard, which is ready after a while and whose checks begin later."""
    hub = scene.memory[HUBS][place]
    hub["standards"].setdefault(_subscription(place, arn), {"arn": arn, "status": "PENDING"})
    scene.after(scene.delay("securityhub.ready"), "securityhub.ready", place=place, since=hub["since"])
    scene.after(scene.delay("securityhub.first_check"), "securityhub.check", place=place, since=hub["since"])


@happens("securityhub.ready")
def ready(scene: Scene, *, place: Place, since: str) -> None:
    """Let the standards of a hub be ready."""
    hub = hub_at(scene, place)
    if hub is not None and hub["since"] == since:
        for one in hub["standards"].values():
            one["status"] = "READY"


def enabled_controls(hub: Hub, region: str) -> Iterator[tuple[Mapping[str, Any], list[str]]]:
    """Yield the controls of a hub's standards, each with the standards that have it."""
    arns = {one["arn"] for one in hub["standards"].values()}
    by_name = {one["name"]: one["arn"].format(region=region) for one in standards()["standards"]}
    for control in standards()["controls"]:
        having = [by_name[name].split(":", 5)[5] for name in control["standards"] if by_name[name] in arns]
        if having:
            yield control, having


@answers("securityhub", "DescribeStandards")
def described_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the standards that there are."""
    told = [
        {"StandardsArn": one["arn"].format(region=asked.call.region), "Name": one["title"], "Description": one["title"],
         "EnabledByDefault": one["default"]}
        for one in standards()["standards"]
    ]  # fmt: skip
    return {"Standards": told}


@answers("securityhub", "BatchEnableStandards")
def enable_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Subscribe to standards; one that the twin has no controls of is refused by name."""
    hub, place = hub_of(asked, scene), place_of(asked)
    known = {one["arn"].format(region=place[1]) for one in standards()["standards"]}
    wanted = [one["StandardsArn"] for one in asked.parameters["StandardsSubscriptionRequests"]]
    for arn in wanted:
        if arn not in known:
            raise AwsError(
                "TwinUnsupportedOperation", f"The twin has no standard {arn}; it has {', '.join(sorted(known))}."
            )
    for arn in wanted:
        _subscribe(scene, place, arn)
    return {"StandardsSubscriptions": [_told(hub, _subscription(place, arn)) for arn in wanted]}


@answers("securityhub", "BatchDisableStandards")
def disable_standards(asked: Asked, scene: Scene) -> dict[str, Any]:
    """End subscriptions; findings of controls that no standard has any more are archived."""
    hub, place = hub_of(asked, scene), place_of(asked)
    gone = []
    for arn in asked.parameters["StandardsSubscriptionArns"]:
        if arn not in hub["standards"]:
            raise AwsError(
                "InvalidInputException", f"Invalid parameter 'StandardsSubscriptionArns': {arn} is not enabled"
            )
    for arn in asked.parameters["StandardsSubscriptionArns"]:
        gone.append(_told(hub, arn) | {"StandardsStatus": "DELETING"})
        del hub["standards"][arn]
    left = {control["id"] for control, _ in enabled_controls(hub, place[1])}
    for finding in hub["findings"].values():
        control = (finding.get("Compliance") or {}).get("SecurityControlId")
        if control and control not in left:
            finding["RecordState"] = "ARCHIVED"
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
    return {"StandardsSubscriptions": [_told(hub, arn) for arn in hub["standards"] if wanted is None or arn in wanted]}


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
            "ControlStatusUpdatedAt": hub["since"],
            "ControlId": one["id"],
            "Title": one["title"],
            "Description": one["title"],
            "SeverityRating": one["severity"],
        }
        for one in standards()["controls"]
        if name in one["standards"]
    ]
    return {"Controls": told}

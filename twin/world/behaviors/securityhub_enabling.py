"""Security Hub is enabled and disabled per account and Region."""

from collections.abc import Mapping
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_hubs import (
    ADMINISTRATORS,
    HUBS,
    MEMBERS,
    Hub,
    Place,
    hub_arn,
    hub_at,
    hub_of,
    place_of,
)
from twin.world.behaviors.securityhub_standards import standards, subscribe
from twin.world.scene import Scene

PROVIDES = {
    "security-hub": "Security Hub takes findings of GuardDuty, Config and Access Analyzer, and checks some controls "
    "of its standards by Config's rules."
}


@answers("securityhub", "EnableSecurityHub")
def enable(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Enable Security Hub, by default with the standards that it enables for everybody."""
    place, told = place_of(asked), asked.parameters
    if hub_at(scene, place) is not None:
        raise AwsError("ResourceConflictException", "Account is already subscribed to Security Hub", 409)
    _check_generator(asked)
    switch_on(scene, place, tags=told.get("Tags") or {}, default=told.get("EnableDefaultStandards", True))
    return {}


def switch_on(scene: Scene, place: Place, *, tags: Mapping[str, str], default: bool) -> None:
    """Make the hub of a place, and subscribe it to the standards that are there by default, if so."""
    hub: Hub = {"since": scene.now().isoformat(), "tags": dict(tags), "auto": True, "checked": None, "due": None}
    scene.memory.setdefault(HUBS, {})[place] = hub | {"standards": {}, "findings": {}, "marks": {}}
    for one in standards()["standards"]:
        if default and one["default"]:
            subscribe(scene, place, one["arn"].format(region=place[1]))


def _check_generator(asked: Asked) -> None:
    """One finding per control and resource is all that there is."""
    if asked.parameters.get("ControlFindingGenerator") == "STANDARD_CONTROL":
        raise AwsError("TwinUnsupportedOperation", "The twin has no findings per standard (STANDARD_CONTROL).")


@answers("securityhub", "DisableSecurityHub")
def disable(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Disable Security Hub; findings, subscriptions and the association with an administrator go with it."""
    hub_of(asked, scene)
    account, region = place_of(asked)
    administrators = scene.memory.get(ADMINISTRATORS, {}).items()
    if any(admin == account and at == region for (_, at), admin in administrators):
        raise AwsError("InvalidInputException", f"Account {account} is the Security Hub administrator account")
    for (_, at), members in scene.memory.get(MEMBERS, {}).items():
        if at == region:
            members.pop(account, None)
    del scene.memory[HUBS][account, region]
    return {}


@answers("securityhub", "DescribeHub")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell since when Security Hub is enabled."""
    hub, arn = hub_of(asked, scene), hub_arn(place_of(asked))
    if asked.parameters.get("HubArn") not in (None, arn):
        raise AwsError("ResourceNotFoundException", f"Hub {asked.parameters['HubArn']} was not found", 404)
    told = {"HubArn": arn, "SubscribedAt": hub["since"], "AutoEnableControls": hub["auto"]}
    return told | {"ControlFindingGenerator": "SECURITY_CONTROL"}


@answers("securityhub", "UpdateSecurityHubConfiguration")
def configure(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Say whether new controls are enabled by themselves."""
    hub, told = hub_of(asked, scene), asked.parameters
    _check_generator(asked)
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

"""Findings of other Regions are seen in one, where an aggregator links them.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html; that they
are seen at once is assumed.
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_hubs import Hub, hub_of, place_of
from twin.world.behaviors.securityhub_pages import page
from twin.world.scene import Scene

MODES = ("ALL_REGIONS", "SPECIFIED_REGIONS")


@answers("securityhub", "CreateFindingAggregator")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Link Regions to this one; an account has one aggregator."""
    hub, told = hub_of(asked, scene), asked.parameters
    mode = told["RegionLinkingMode"]
    if mode not in MODES:
        raise AwsError("TwinUnsupportedOperation", f"The twin does not link Regions by {mode}.")
    if _held(asked, scene) is not None:
        raise AwsError("InvalidInputException", "An account can have only one finding aggregator")
    if mode == "SPECIFIED_REGIONS" and not told.get("Regions"):
        raise AwsError("InvalidInputException", "Regions is required for SPECIFIED_REGIONS")
    id_ = scene.ids("securityhub").uuid()
    hub["aggregator"] = f"arn:aws:securityhub:{asked.call.region}:{asked.call.account}:finding-aggregator/{id_}"
    hub["linked"] = "*" if mode == "ALL_REGIONS" else list(told["Regions"])
    return _told(asked.call.region, hub)


def _held(asked: Asked, scene: Scene) -> tuple[str, Hub] | None:
    """Return the Region and the hub that aggregate for an account."""
    hubs = scene.memory["securityhub.hubs"].items()
    own = asked.call.account
    return next(((place[1], hub) for place, hub in hubs if place[0] == own and hub.get("aggregator")), None)


def _told(region: str, hub: Hub) -> dict[str, Any]:
    told = {"FindingAggregatorArn": hub["aggregator"], "FindingAggregationRegion": region}
    if hub["linked"] == "*":
        return told | {"RegionLinkingMode": "ALL_REGIONS"}
    return told | {"RegionLinkingMode": "SPECIFIED_REGIONS", "Regions": hub["linked"]}


@answers("securityhub", "ListFindingAggregators")
def listed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the aggregator, if there is one."""
    hub_of(asked, scene)
    held = _held(asked, scene)
    told = [] if held is None else [{"FindingAggregatorArn": held[1]["aggregator"]}]
    return page(asked, told, "FindingAggregators")


@answers("securityhub", "GetFindingAggregator", "DeleteFindingAggregator")
def one(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell what is linked, or end it."""
    hub_of(asked, scene)
    held, arn = _held(asked, scene), asked.parameters["FindingAggregatorArn"]
    if held is None or held[1]["aggregator"] != arn:
        raise AwsError("ResourceNotFoundException", f"Finding aggregator {arn} was not found", 404)
    if asked.call.operation == "GetFindingAggregator":
        return _told(*held)
    if held[0] != place_of(asked)[1]:
        raise AwsError("InvalidInputException", "A finding aggregator is deleted in its own Region")
    del held[1]["aggregator"], held[1]["linked"]
    return {}

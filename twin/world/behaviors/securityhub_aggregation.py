"""Findings of other Regions are seen in one, where an aggregator links them.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html; that they
are seen at once is assumed.
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_hubs import Hub, hub_of, place_of
from twin.world.behaviors.securityhub_pages import invalid, page
from twin.world.scene import Scene

LISTING = ("SPECIFIED_REGIONS", "ALL_REGIONS_EXCEPT_SPECIFIED")
MODES = ("ALL_REGIONS", "NO_REGIONS", *LISTING)


@answers("securityhub", "CreateFindingAggregator")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Link Regions to this one; an account has one aggregator."""
    hub = hub_of(asked, scene)
    if _held(asked, scene) is not None:
        raise AwsError("InvalidInputException", "An account can have only one finding aggregator")
    links = _links(asked)
    id_ = scene.ids("securityhub").uuid()
    hub["aggregator"] = f"arn:aws:securityhub:{asked.call.region}:{asked.call.account}:finding-aggregator/{id_}"
    hub |= links
    return _told(asked.call.region, hub)


def _links(asked: Asked) -> dict[str, Any]:
    """Return the Regions that a call wants linked, or not, and how they are meant."""
    mode, regions = asked.parameters.get("RegionLinkingMode"), list(asked.parameters.get("Regions") or ())
    if mode not in MODES:
        raise invalid("RegionLinkingMode", "data.RegionLinkingMode should be equal to one of the allowed values")
    if mode in LISTING and not regions:
        raise invalid("Regions", f"Regions is required for {mode}")
    if mode not in LISTING and regions:
        raise invalid("Regions", f"Regions is not allowed for {mode}")
    return {"mode": mode, "linked": regions}


def _held(asked: Asked, scene: Scene) -> tuple[str, Hub] | None:
    """Return the Region and the hub that aggregate for an account."""
    hubs = scene.memory["securityhub.hubs"].items()
    own = asked.call.account
    return next(((place[1], hub) for place, hub in hubs if place[0] == own and hub.get("aggregator")), None)


def _told(region: str, hub: Hub) -> dict[str, Any]:
    told = {"FindingAggregatorArn": hub["aggregator"], "FindingAggregationRegion": region}
    regions = {"Regions": hub["linked"]} if hub["mode"] in LISTING else {}
    return told | {"RegionLinkingMode": hub["mode"], **regions}


@answers("securityhub", "ListFindingAggregators")
def listed(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the aggregator, if there is one."""
    hub_of(asked, scene)
    held = _held(asked, scene)
    told = [] if held is None else [{"FindingAggregatorArn": held[1]["aggregator"]}]
    return page(asked, told, "FindingAggregators")


@answers("securityhub", "GetFindingAggregator", "UpdateFindingAggregator", "DeleteFindingAggregator")
def one(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell what is linked, link otherwise, or end it."""
    hub_of(asked, scene)
    held, arn = _held(asked, scene), asked.parameters["FindingAggregatorArn"]
    if held is None or held[1]["aggregator"] != arn:
        raise AwsError("ResourceNotFoundException", f"Finding aggregator {arn} was not found", 404)
    region, hub = held
    if asked.call.operation == "GetFindingAggregator":
        return _told(region, hub)
    if region != place_of(asked)[1]:
        raise AwsError("InvalidInputException", "A finding aggregator is changed and deleted in its own Region")
    if asked.call.operation == "UpdateFindingAggregator":
        hub |= _links(asked)
        return _told(region, hub)
    for name in ("aggregator", "mode", "linked"):
        del hub[name]
    return {}

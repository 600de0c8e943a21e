"""Findings are told by filters, those of linked Regions too where a Region aggregates."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_hubs import Place, hub_at, hub_of, seen_from
from twin.world.behaviors.securityhub_pages import invalid, page
from twin.world.scene import Scene
from twin.world.signals.asff_filters import FIELDS, meets, ordered, wrong_filter

ORDERS = ("asc", "desc")


@answers("securityhub", "GetFindings")
def findings(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell findings, page by page."""
    hub_of(asked, scene)
    told = asked.parameters
    filters, criteria = told.get("Filters") or {}, told.get("SortCriteria") or ()
    for name in filters:
        if name not in FIELDS:
            raise AwsError("TwinUnsupportedOperation", f"The twin does not filter findings by {name}.")
    if (fault := wrong_filter(filters)) is not None:
        raise invalid("Filters", fault)
    for number, one in enumerate(criteria):
        if "Field" not in one:
            raise invalid("SortCriteria", f"data.SortCriteria[{number}] should have required property 'Field'")
        if one.get("SortOrder", "asc") not in ORDERS:
            allowed = "should be equal to one of the allowed values"
            raise invalid("SortCriteria", f"data.SortCriteria[{number}].SortOrder {allowed}")
    held = [one for place in seen_from(asked, scene) for one in _held(scene, place)]
    found = ordered([one for one in held if meets(one, filters, scene.now())], criteria)
    return page(asked, found, "Findings")


def _held(scene: Scene, place: Place) -> list[dict[str, Any]]:
    hub = hub_at(scene, place)
    return [] if hub is None else list(hub["findings"].values())

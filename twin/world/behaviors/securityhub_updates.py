"""Customers say of findings how they deal with them.

https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_BatchUpdateFindings.html
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers
from twin.world.behaviors.securityhub_findings import instant, key_of, tell
from twin.world.behaviors.securityhub_hubs import Hub, Place, hub_at, hub_of, seen_from
from twin.world.behaviors.securityhub_pages import many
from twin.world.scene import Scene
from twin.world.signals.asff_format import wrong_values
from twin.world.signals.asff_updates import PROVIDED, marked

BATCH = 100
DUPLICATED = {"ErrorCode": "DuplicatedFindingIdentifier", "ErrorMessage": "Finding Identifier is duplicated"}
NOT_FOUND = {"ErrorCode": "FindingNotFound", "ErrorMessage": "Finding Not Found"}
INVALID = {"ErrorCode": "InvalidInput", "ErrorMessage": "Invalid Input"}


@answers("securityhub", "BatchUpdateFindings")
def update(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Write what a caller says of findings: workflow, note, severity and the like."""
    hub_of(asked, scene)
    told = {name: value for name, value in asked.parameters.items() if name != "FindingIdentifiers"}
    fault = wrong_values(told)
    done, undone, seen = [], [], set[str]()
    for one in many(asked, "FindingIdentifiers", most=BATCH):
        key = key_of(one)
        found = next(((place, hub) for place, hub in _seen(asked, scene) if key in hub["findings"]), None)
        if key in seen or found is None or fault is not None:
            why = DUPLICATED if key in seen else INVALID if found is not None else NOT_FOUND
            undone.append({"FindingIdentifier": dict(one), **why})
            continue
        seen.add(key)
        place, hub = found
        said = {*hub["marks"].get(key, ()), *(name for name in PROVIDED if name in told)}
        hub["marks"][key] = sorted(said)
        made = hub["findings"][key] = marked(hub["findings"][key], told, instant(scene))
        tell(scene, place, made)
        done.append(dict(one))
    return {"ProcessedFindings": done, "UnprocessedFindings": undone}


def _seen(asked: Asked, scene: Scene) -> list[tuple[Place, Hub]]:
    hubs = ((place, hub_at(scene, place)) for place in seen_from(asked, scene))
    return [(place, hub) for place, hub in hubs if hub is not None]

"""The hub of Security Hub that an account has in a Region, and whose findings are seen from there.

https://docs.aws.amazon.com/securityhub/latest/userguide/finding-aggregation.html: an administrator sees the findings of
its members, the home Region those of the Regions that are linked to it.
"""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.scene import Scene

HUBS = "securityhub.hubs"
ADMINISTRATORS = "securityhub.administrators"
"""Management account and Region to the account that administers the organization's hubs there."""
MEMBERS = "securityhub.members"
"""Administrator and Region to its members there, each as it is told, by account."""
Hub = dict[str, Any]
Place = tuple[str, str]


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


def sees(scene: Scene, watcher: Place, place: Place) -> bool:
    """Tell whether the findings of a place are seen from another one."""
    hub = hub_at(scene, watcher)
    if hub is None:
        return False
    near = place[1] == watcher[1] or _linked(hub, place[1])
    return near and (place[0] == watcher[0] or administers(scene, watcher[0], place))


def _linked(hub: Hub, region: str) -> bool:
    """Tell whether a hub aggregates the findings of another Region."""
    if hub.get("mode") == "SPECIFIED_REGIONS":
        return region in hub["linked"]
    if hub.get("mode") == "ALL_REGIONS_EXCEPT_SPECIFIED":
        return region not in hub["linked"]
    return hub.get("mode") == "ALL_REGIONS"


def administers(scene: Scene, account: str, place: Place) -> bool:
    """Tell whether an account administers the hub of another one."""
    members = scene.memory.get(MEMBERS, {}).get((account, place[1]), {})
    return place[0] in members and members[place[0]]["MemberStatus"] == "ENABLED"


def seen_from(asked: Asked, scene: Scene) -> list[Place]:
    """Return the places whose findings are seen from where a call acts, itself first."""
    own = place_of(asked)
    return [own, *(place for place in scene.memory[HUBS] if place != own and sees(scene, own, place))]


def seen_at(scene: Scene, place: Place) -> list[Place]:
    """Return the places from which the findings of a place are seen, itself first."""
    return [place, *(other for other in scene.memory[HUBS] if other != place and sees(scene, other, place))]

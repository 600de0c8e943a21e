"""Events of services reach the rules of an EventBridge that another store keeps, which matches and delivers them."""

import json

from twin.world.behaviors import watches
from twin.world.scene import Happening, Scene
from twin.world.stores.elsewhere import ELSEWHERE


@watches("aws.event")
def hand_over(scene: Scene, happening: Happening) -> None:
    """Put an event of a service on the default bus of its account and Region."""
    if "events" not in ELSEWHERE:
        return
    told = happening.facts
    bus = scene.state("events", told["account"], told["region"]).event_buses["default"]
    detail = json.loads(json.dumps(told["detail"], default=str))
    event = {"source": told["source"], "detail-type": told["detail_type"], "detail": detail}
    for rule in bus.rules.values():
        rule.send_to_targets({**event, "resources": list(told.get("resources") or ())})

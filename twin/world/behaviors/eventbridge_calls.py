"""Calls that a trail takes become events of EventBridge, `AWS API Call via CloudTrail`: management calls that write."""

from typing import Any

from twin.world.behaviors import happens, reads
from twin.world.behaviors.eventbridge import make_event, send_event
from twin.world.behaviors.eventbridge_targets import Bus
from twin.world.scene import Scene
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import data_type, event_region, read_only

API_CALL = "AWS API Call via CloudTrail"


@reads
def plan(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Put the event of a call on the agenda, when a rule might want it."""
    if not takers or read_only(entry.service, entry.operation) or data_type(entry.service, entry.operation):
        return
    if _wanted(scene, entry.account, event_region(entry.service, entry.region)):
        scene.after(scene.delay("eventbridge_calls.delivery"), "events.call", number=entry.number)


def _wanted(scene: Scene, account: str, region: str) -> bool:
    bus = scene.state("events", account, region).event_buses["default"]
    for rule in bus.rules.values():
        pattern = rule.event_pattern.get_pattern()
        if rule.targets and pattern and API_CALL in pattern.get("detail-type", (API_CALL,)):
            return True
    return False


@happens("events.call")
def send(scene: Scene, *, number: int) -> None:
    """Hand a call to the default bus of its account and Region."""
    detail = scene.gateway.cloudtrail.evidence.event(number)
    bus = Bus(detail["recipientAccountId"], detail["awsRegion"], "default")
    source = "aws." + detail["eventSource"].removesuffix(".amazonaws.com")
    told = {"source": source, "detail_type": API_CALL, "resources": [], "detail": detail}
    time = scene.gateway.cloudtrail.evidence.call(number).time
    send_event(scene, bus, make_event(scene, bus, told | {"time": time}))

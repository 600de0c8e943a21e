"""Auto Scaling balances a group over its zones again when one comes back: launch first, then terminate."""

from collections import Counter
from typing import Any

from twin.world.behaviors import happens, watches
from twin.world.behaviors.auto_scaling import converge, shrink
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_balance import lacking
from twin.world.behaviors.auto_scaling_members import facts, find_group, groups, launch, live, suspended
from twin.world.behaviors.auto_scaling_template import instances_for
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.behaviors.reachability import has_capacity
from twin.world.scene import Happening, Scene

# How far a group may grow beyond its wish while it rebalances: a tenth, or one instance.
# https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html
MARGIN = 10


@watches("zone.restored", "region.restored", "capacity.restored")
def restored(scene: Scene, happening: Happening) -> None:
    """The groups of a zone that is back look whether they are whole and balanced."""
    name = happening.facts["name"]
    for group in groups():
        if name == group.region or name in group.availability_zones:
            scene.after(scene.delay("auto_scaling.rebalance"), "autoscaling.rebalance", **facts(group))


@watches("autoscaling.group.updated")
def updated(scene: Scene, happening: Happening) -> None:
    """A group that left a zone replaces the members there."""
    group = find_group(**happening.facts)
    if not suspended(group, "AZRebalance") and _lacking(scene, group):
        scene.after(scene.delay("auto_scaling.rebalance"), "autoscaling.rebalance", **happening.facts)


def _lacking(scene: Scene, group: Any) -> list[str]:
    counts = Counter(state.availability_zone for state in live(group))
    zones = [zone for zone in dict.fromkeys(group.availability_zones) if has_capacity(scene, zone)]
    # What lives in a zone of the group that takes nothing new is left there.
    stuck = set(group.availability_zones) - set(zones)
    return lacking({zone: number for zone, number in counts.items() if zone not in stuck}, zones)


@happens("autoscaling.rebalance")
def rebalance(scene: Scene, *, account: str, region: str, group: str) -> None:
    """A group launches what it lacks; then it moves instances, some at a time, until its zones are even."""
    found = find_group(account, region, group)
    if found is None:
        return
    converge(scene, found, why="", pace=AGAIN)
    if suspended(found, "AZRebalance"):
        return
    missing = _lacking(scene, found)
    if not missing:
        return
    room = max(1, instances_for(found) // MARGIN)
    cause = f"At {stamp(scene)} an instance was launched to aid in balancing the group's zones."
    if launch(scene, found, zones=missing[:room], cause=cause, pace=AGAIN):
        scene.emit("autoscaling.group.rebalancing", **facts(found), zones=missing[:room])


@watches("autoscaling.instance.launched")
def evened(scene: Scene, happening: Happening) -> None:
    """When what was launched beyond the wish is in service, as many go from the fullest zones; then the next round."""
    names = {key: happening.facts[key] for key in ("account", "region", "group")}
    group = find_group(**names)
    if len(live(group)) <= instances_for(group) or any(s.lifecycle_state != "InService" for s in live(group)):
        return
    why = (
        f"At {stamp(scene)} instances were launched to balance instances in zones {happening.facts['zone']} with other "
        "zones resulting in more than desired number of instances in the group.  "
    )
    shrink(scene, group, why=why)
    if _lacking(scene, group):
        scene.after(scene.delay("auto_scaling.rebalance"), "autoscaling.rebalance", **names)

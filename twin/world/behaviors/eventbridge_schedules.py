"""Scheduled rules fire on the clock: only the next occurrence of a rule that has targets is on the agenda."""

from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.eventbridge import make_event
from twin.world.behaviors.eventbridge_targets import Bus, Sent, deliver
from twin.world.scene import Scene
from twin.world.signals.schedule import next_time

PROVIDES = {"scheduled-rules": "EventBridge's scheduled rules fire on the clock."}
PLANS = "events.schedules"
Rule = tuple[str, str, str]


@follows("events", "PutRule", "EnableRule", "DisableRule", "DeleteRule")
def changed(done: Done, scene: Scene) -> None:
    """Plan a rule anew; a rate counts from here."""
    rule = (done.call.account, done.call.region, done.parameters["Name"])
    scene.memory.setdefault(PLANS, {}).setdefault(rule, {})["start"] = scene.now()
    _plan(scene, rule)


@follows("events", "PutTargets", "RemoveTargets")
def aimed(done: Done, scene: Scene) -> None:
    """Plan a rule that got its first target, or lost its last."""
    _plan(scene, (done.call.account, done.call.region, done.parameters["Rule"]))


def _plan(scene: Scene, rule: Rule) -> None:
    plans = scene.memory.setdefault(PLANS, {})
    plan = plans.setdefault(rule, {"start": scene.now()})
    kept = _kept(scene, rule)
    if "task" in plan:
        scene.agenda.cancel(plan.pop("task"))
    if kept is None or not kept.scheduled_expression or not kept.targets or kept.state == "DISABLED":
        if kept is None:
            del plans[rule]
        return
    time = next_time(kept.scheduled_expression, after=scene.now(), start=plan["start"])
    if time is not None:
        plan["task"] = scene.agenda.at(time, "events.schedule", rule=rule)


@happens("events.schedule")
def fire(scene: Scene, *, rule: Rule) -> None:
    """Send the event of a schedule to the rule's own targets, and plan the next."""
    rule = (rule[0], rule[1], rule[2])
    scene.memory[PLANS][rule].pop("task", None)
    kept = _kept(scene, rule)
    if kept is None:
        return
    bus = Bus(rule[0], rule[1], "default")
    told = {"source": "aws.events", "detail_type": "Scheduled Event", "resources": [kept.arn], "detail": {}}
    event = make_event(scene, bus, told)
    for target in list(kept.targets):
        deliver(scene, Sent(bus, kept.arn, dict(target)), event)
    _plan(scene, rule)


def _kept(scene: Scene, rule: Rule) -> Any:
    return scene.state("events", rule[0], rule[1]).event_buses["default"].rules.get(rule[2])

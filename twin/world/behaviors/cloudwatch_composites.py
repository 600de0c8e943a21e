"""Composite alarms: a rule over other alarms' states, and a suppressor that holds their actions back.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Composite_Alarm.html, …/alarm-suppression.html
"""

import json
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.cloudwatch_actions import check_actions
from twin.world.behaviors.cloudwatch_states import Name, act_on, change_state, find_alarm, note_written
from twin.world.scene import Happening, Scene
from twin.world.signals.alarm_rule import Rule, RuleError, parse_rule
from twin.world.signals.alarm_state import State

PROVIDES = {"composite-alarms": "Composite alarms follow the alarms of their rule, and a suppressor holds them back."}
WAITS = ("ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod")


@answers("cloudwatch", "PutCompositeAlarm")
def put_composite(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Write a composite alarm, and judge it at once."""
    told, call = asked.parameters, asked.call
    name = Name(call.account, call.region, told["AlarmName"])
    check_actions(told, "cloudwatch:PutCompositeAlarm")
    _check(scene, name, told)
    fresh = find_alarm(scene, name) is None
    alarm = asked.state().put_metric_alarm(**_kept(told))
    alarm.twin_suppressor = told.get("ActionsSuppressor")
    alarm.twin_waits = tuple(told.get(wait) for wait in WAITS)
    alarm.twin_suppressed, alarm.twin_triggering, alarm.twin_held = None, [], None
    scene.memory.setdefault("cloudwatch.known", set()).add(name)
    note_written(scene, name, "Create" if fresh else "Update")
    _judge(scene, name, None)
    return {}


def _kept(told: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": told["AlarmName"],
        "namespace": None,
        "metric_name": None,
        "comparison_operator": None,
        "evaluation_periods": None,
        "period": None,
        "threshold": None,
        "statistic": None,
        "description": told.get("AlarmDescription"),
        "dimensions": [],
        "alarm_actions": told.get("AlarmActions") or [],
        "ok_actions": told.get("OKActions"),
        "insufficient_data_actions": told.get("InsufficientDataActions"),
        "actions_enabled": told.get("ActionsEnabled", True),
        "rule": told["AlarmRule"],
        "tags": told.get("Tags"),
    }


def _check(scene: Scene, name: Name, told: dict[str, Any]) -> None:
    try:
        rule = parse_rule(told["AlarmRule"])
    except RuleError as wrong:
        raise AwsError("ValidationError", f"AlarmRule is not valid: {wrong}.") from wrong
    present = find_alarm(scene, name)
    if present is not None and present.rule is None:
        raise AwsError("ValidationError", f"An alarm named {name.alarm} exists and is not a composite alarm.")
    for one in rule.names():
        if find_alarm(scene, _named(name, one)) is None and _named(name, one) != name:
            raise AwsError("ValidationError", f"Could not save the composite alarm as alarm(s) [{one}] do not exist.")
    if _reaches(scene, name, rule):
        raise AwsError("ValidationError", f"The rule of {name.alarm} depends on the alarm itself.")
    suppressor = told.get("ActionsSuppressor")
    if suppressor and any(told.get(wait) is None for wait in WAITS):
        raise AwsError("ValidationError", f"ActionsSuppressor needs {' and '.join(WAITS)}.")
    if suppressor and find_alarm(scene, _named(name, suppressor)) is None:
        raise AwsError("ValidationError", f"The alarm {suppressor} does not exist.")


def _reaches(scene: Scene, name: Name, rule: Rule) -> bool:
    """Tell whether a rule leads back to the alarm whose it is."""
    for one in (_named(name, written) for written in rule.names()):
        if one == name:
            return True
        alarm = find_alarm(scene, one)
        if alarm is not None and alarm.rule is not None and _reaches(scene, name, parse_rule(alarm.rule)):
            return True
    return False


def _named(name: Name, written: str) -> Name:
    return name._replace(alarm=written.partition(":alarm:")[2] if written.startswith("arn:") else written)


@answers("cloudwatch", "DeleteAlarms")
def keep_children(asked: Asked, scene: Scene) -> None:
    """Refuse to delete an alarm on which a composite alarm still depends."""
    call = asked.call
    going = asked.parameters.get("AlarmNames") or []
    for alarm in asked.state().alarms.values():
        if alarm.rule is None or alarm.name in going:
            continue
        place = Name(call.account, call.region, alarm.name)
        needed = {_named(place, one).alarm for one in parse_rule(alarm.rule).names()} & set(going)
        if needed:
            raise AwsError(
                "ValidationError",
                f"Cannot delete {sorted(needed)[0]} as there are composite alarm(s) depending on it: {alarm.name}",
            )


@watches("cloudwatch.alarm.changed")
def child_changed(scene: Scene, happening: Happening) -> None:
    """Judge the composite alarms that name an alarm, and tell those that it suppresses."""
    told = happening.facts
    child = Name(told["account"], told["region"], told["alarm"])
    for alarm in list(scene.state("cloudwatch", child.account, child.region).alarms.values()):
        if alarm.rule is None:
            continue
        name = child._replace(alarm=alarm.name)
        if child in {_named(name, one) for one in parse_rule(alarm.rule).names()}:
            _judge(scene, name, told["arn"])
        if alarm.twin_suppressor and _named(name, alarm.twin_suppressor) == child:
            _suppressor_changed(scene, name, told["new"])


def _judge(scene: Scene, name: Name, because: str | None) -> None:
    alarm = find_alarm(scene, name)
    rule = parse_rule(alarm.rule)
    states = {one: find_alarm(scene, _named(name, one)) for one in rule.names()}
    met = rule.holds(lambda one: states[one].state_value if states[one] is not None else "INSUFFICIENT_DATA")
    state: State = "ALARM" if met else "OK"
    if alarm.state_value == state:
        return
    children = [child for child in states.values() if child is not None]
    alarm.twin_triggering = [_child(child) for child in children if because in (None, child.alarm_arn)]
    old = alarm.state_value
    reason = _reason(scene, children, because, state=state)
    data = json.dumps({"triggeringAlarms": [_triggering(child) for child in children if child.alarm_arn == because]})
    change_state(scene, name, state, reason=reason, data=data, act=False)
    _act(scene, name, old)


def _reason(scene: Scene, children: list[Any], because: str | None, *, state: str) -> str:
    child = next((child for child in children if child.alarm_arn == because), None)
    if child is None:
        return f"The alarm was judged when it was written: its rule makes it {state}"
    time = scene.now().strftime("%A %d %B, %Y %H:%M:%S UTC")
    return f"{child.alarm_arn} transitioned to {child.state_value} at {time}"


def _child(alarm: Any) -> dict[str, Any]:
    at = alarm.state_updated_timestamp
    return {"Arn": alarm.alarm_arn, "State": {"Value": alarm.state_value, "Timestamp": at.isoformat() + "+0000"}}


def _triggering(alarm: Any) -> dict[str, Any]:
    at = alarm.state_updated_timestamp
    return {"arn": alarm.alarm_arn, "state": {"value": alarm.state_value, "timestamp": at.isoformat() + "+0000"}}


def _act(scene: Scene, name: Name, old: str) -> None:
    """Carry out the actions, or hold them back for the suppressor."""
    alarm = find_alarm(scene, name)
    if alarm.twin_held is not None:
        scene.agenda.cancel(alarm.twin_held)
        alarm.twin_held = None
    if not alarm.twin_suppressor:
        act_on(scene, name, old)
        return
    suppressor = find_alarm(scene, _named(name, alarm.twin_suppressor))
    if suppressor is not None and suppressor.state_value == "ALARM":
        _hold(alarm, "Alarm", old)
    elif alarm.state_value == "ALARM":
        _hold(alarm, "WaitPeriod", old)
        alarm.twin_held = scene.after(alarm.twin_waits[0], "cloudwatch.unsuppress", name=name)
    else:
        alarm.twin_suppressed = None
        act_on(scene, name, old)


def _hold(alarm: Any, by: str, old: str) -> None:
    before = alarm.twin_suppressed
    alarm.twin_suppressed = {"by": by, "old": before["old"] if before else old}


def _suppressor_changed(scene: Scene, name: Name, state: str) -> None:
    alarm = find_alarm(scene, name)
    held = alarm.twin_suppressed
    if held is None:
        return
    if alarm.twin_held is not None:
        scene.agenda.cancel(alarm.twin_held)
        alarm.twin_held = None
    if state == "ALARM":
        _hold(alarm, "Alarm", held["old"])
    elif held["by"] == "Alarm":
        _hold(alarm, "ExtensionPeriod", held["old"])
        alarm.twin_held = scene.after(alarm.twin_waits[1], "cloudwatch.unsuppress", name=name)


@happens("cloudwatch.unsuppress")
def unsuppress(scene: Scene, *, name: Name) -> None:
    """Carry out what was held back, when the alarm is still in another state than before."""
    alarm = find_alarm(scene, Name(*name))
    if alarm is None or alarm.rule is None or alarm.twin_suppressed is None:
        return
    held, alarm.twin_suppressed, alarm.twin_held = alarm.twin_suppressed, None, None
    if held["old"] != alarm.state_value:
        act_on(scene, Name(*name), held["old"])

"""The state of an alarm: it changes in one place, is kept in the history, told to EventBridge, and acts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple

from twin.world.aws_call import Asked
from twin.world.behaviors import answers
from twin.world.behaviors.cloudwatch_actions import configuration, perform, scales_only
from twin.world.scene import Scene
from twin.world.signals.alarm_state import State

HISTORY = "cloudwatch.history"
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html; assumed: 30 days.
KEPT = timedelta(days=30)
PAGE = 100


class Name(NamedTuple):
    """Which alarm: names are unique in a Region of an account."""

    account: str
    region: str
    alarm: str


def find_alarm(scene: Scene, name: Name) -> Any:
    """Return the store's alarm; None when there is none."""
    return scene.state("cloudwatch", name.account, name.region).alarms.get(name.alarm)


def note(scene: Scene, name: Name, kind: str, *, summary: str, data: dict[str, Any]) -> None:
    """Add to an alarm's history, which outlives the alarm."""
    entry = {
        "time": scene.now(),
        "alarm": name.alarm,
        "kind": kind,
        "summary": summary,
        "data": json.dumps(data, separators=(",", ":")),
        "type": _type(find_alarm(scene, name)),
    }
    scene.memory.setdefault(HISTORY, {}).setdefault((name.account, name.region), []).append(entry)


def note_written(scene: Scene, name: Name, how: Literal["Create", "Update", "Delete"]) -> None:
    """Add to an alarm's history that its configuration was written, or is gone."""
    summary = f'Alarm "{name.alarm}" {how.lower().removesuffix("e")}ed'
    note(scene, name, "ConfigurationUpdate", summary=summary, data={"version": "1.0", "type": how})


def _type(alarm: Any) -> str:
    return "CompositeAlarm" if alarm is not None and alarm.rule is not None else "MetricAlarm"


def change_state(scene: Scene, name: Name, state: State, *, reason: str, data: str = "", act: bool = True) -> None:
    """Put an alarm in a state; when that is another than before, tell it and carry out the state's actions."""
    alarm = find_alarm(scene, name)
    before = _told(alarm)
    alarm.state_reason, alarm.state_reason_data = reason, data
    alarm.state_updated_timestamp = scene.now().replace(tzinfo=None)
    if alarm.state_value == state:
        return
    old, alarm.state_value = alarm.state_value, state
    alarm.state_transitioned_timestamp = alarm.state_updated_timestamp
    changed = {"version": "1.0", "oldState": before["history"], "newState": _told(alarm)["history"]}
    note(scene, name, "StateUpdate", summary=f"Alarm updated from {old} to {state}", data=changed)
    detail = {
        "alarmName": name.alarm,
        "configuration": configuration(alarm),
        "previousState": before["event"],
        "state": _told(alarm)["event"],
    }
    where = {"account": name.account, "region": name.region}
    if act:
        act_on(scene, name, old)
    told = {"alarm": name.alarm, "arn": alarm.alarm_arn, "old": old, "new": state}
    scene.emit("cloudwatch.alarm.changed", **where, **told, scales_only=scales_only(alarm))
    scene.emit(
        "aws.event",
        **where,
        source="aws.cloudwatch",
        detail_type="CloudWatch Alarm State Change",
        resources=[alarm.alarm_arn],
        detail=detail,
    )


def act_on(scene: Scene, name: Name, old: str) -> None:
    """Carry out the actions of the state in which an alarm is, and note how each went."""
    alarm = find_alarm(scene, name)
    if not alarm.actions_enabled:
        return
    lists = {"ALARM": alarm.alarm_actions, "OK": alarm.ok_actions}
    for action in lists.get(alarm.state_value, alarm.insufficient_data_actions) or ():
        summary, told = perform(scene, alarm, action, place=(name.account, name.region), old=old)
        note(scene, name, "Action", summary=summary, data=told)


def _told(alarm: Any) -> dict[str, dict[str, Any]]:
    updated = alarm.state_updated_timestamp
    instant = updated if updated.tzinfo else updated.replace(tzinfo=UTC)
    time = instant.strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}+0000"
    reasoned = _json(alarm.state_reason_data)
    return {
        "event": {"value": alarm.state_value, "reason": alarm.state_reason, "timestamp": time}
        | ({"reasonData": alarm.state_reason_data} if reasoned else {}),
        "history": {"stateValue": alarm.state_value, "stateReason": alarm.state_reason}
        | ({"stateReasonData": reasoned} if reasoned else {}),
    }


def _json(text: str | None) -> Any:
    return json.loads(text) if text else None


@answers("cloudwatch", "DescribeAlarmHistory")
def history(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell what happened to alarms, newest first unless asked otherwise."""
    told, call = asked.parameters, asked.call
    oldest = scene.now() - KEPT
    kept = scene.memory.get(HISTORY, {}).get((call.account, call.region), ())
    found = [
        entry
        for entry in kept
        if entry["time"] >= max(oldest, _aware(told.get("StartDate")) or oldest)
        and entry["time"] <= (_aware(told.get("EndDate")) or entry["time"])
        and told.get("AlarmName") in (None, entry["alarm"])
        and told.get("HistoryItemType") in (None, entry["kind"])
        and entry["type"] in (told.get("AlarmTypes") or ["MetricAlarm"])
    ]
    if told.get("ScanBy") != "TimestampAscending":
        found.reverse()
    start, size = int(told.get("NextToken") or 0), int(told.get("MaxRecords") or PAGE)
    items = [
        {
            "AlarmName": entry["alarm"],
            "AlarmType": entry["type"],
            "Timestamp": entry["time"],
            "HistoryItemType": entry["kind"],
            "HistorySummary": entry["summary"],
            "HistoryData": entry["data"],
        }
        for entry in found[start : start + size]
    ]
    more = {"NextToken": str(start + size)} if start + size < len(found) else {}
    return {"AlarmHistoryItems": items, **more}


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time

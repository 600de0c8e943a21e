"""CloudTrail hands a trail's events to its CloudWatch Logs group, with the trail's role, after about five minutes."""

from datetime import timedelta
from itertools import takewhile
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens, reads
from twin.world.behaviors.log_metric_filters import filter_events
from twin.world.behaviors.log_writers import Service, role_may
from twin.world.behaviors.metering import taken_in
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.trail.evidence import Witnessed, micros_of
from twin.world.trail.facts import event_region

PROVIDES = {"trail-logs": "A trail's events reach its CloudWatch Logs group, where metric filters see them."}
WAITING = "trail.logs"
DELAY = "trail_logs.delivery"
WRITES = ("logs:PutLogEvents",)


@reads
def queue(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Queue a call for the log groups of the trails that take it."""
    for trail in takers:
        if not trail.cw_log_group_arn:
            continue
        place = (trail.account_id, trail.region_name, trail.trail_name)
        waiting = scene.memory.setdefault(WAITING, {}).setdefault(place, [])
        waiting.append(entry.number)
        if len(waiting) == 1:
            scene.after(delay(DELAY).least, "trail.logs", place=place)


@happens("trail.logs")
def deliver(scene: Scene, *, place: tuple[str, str, str]) -> None:
    """Put what is old enough into the log group; the rest waits for its own time."""
    place = (place[0], place[1], place[2])
    evidence = scene.gateway.cloudtrail.evidence
    waiting, wait = scene.memory[WAITING].pop(place), timedelta(seconds=delay(DELAY).least)
    until = micros_of(scene.now() - wait)
    ripe = list(takewhile(lambda number: evidence.call(number).micros <= until, waiting))
    trail = scene.state("cloudtrail", place[0], place[1]).trails.get(place[2])
    if trail is not None and trail.cw_log_group_arn:
        status = scene.memory.setdefault("trail.logs.status", {}).setdefault(trail.arn, {})
        error = _put(scene, trail, ripe)
        status |= {"error": error} if error else {"error": None, "time": scene.now()}
    rest = waiting[len(ripe) :]
    if rest:
        scene.memory[WAITING][place] = rest
        scene.agenda.at(evidence.call(rest[0]).time + wait, "trail.logs", place=place)


def _put(scene: Scene, trail: Any, numbers: list[int]) -> str | None:
    """Put events into the log group; return why it could not be done."""
    arn = str(trail.cw_log_group_arn).removesuffix(":*")
    region, account, _, group = arn.split(":", 6)[3:7]
    state = scene.state("logs", account, region)
    if group not in state.groups:
        return "ResourceNotFoundException"
    evidence = scene.gateway.cloudtrail.evidence
    streams: dict[str, list[tuple[int, str]]] = {}
    for number in numbers:
        entry = evidence.call(number)
        name = f"{entry.account}_CloudTrail_{event_region(entry.service, entry.region)}"
        streams.setdefault(name, []).append((entry.micros // 1000, evidence.text(number)))
    for name, events in streams.items():
        service = Service("cloudtrail.amazonaws.com", str(trail.arn), str(trail.account_id))
        stream = f"{arn}:log-stream:{name}"
        if not role_may(scene, str(trail.cw_role_arn or ""), service, actions=WRITES, resource=stream):
            return "AccessDenied"
        if name not in state.groups[group].streams:
            state.create_log_stream(group, name)
        state.put_log_events(group, name, [{"timestamp": time, "message": text} for time, text in events])
        taken_in(scene, (account, region, group), [text for _, text in events])
        filter_events(scene, (account, region, group), events)
    return None


@follows("cloudtrail", "GetTrailStatus")
def status(done: Done, scene: Scene) -> dict[str, Any] | None:
    """Tell how a trail's delivery to its log group went."""
    told = done.parameters.get("Name", "")
    for arn, kept in scene.memory.get("trail.logs.status", {}).items():
        if told == arn or (
            arn.endswith(f":trail/{told}") and arn.split(":")[3:5] == [done.call.region, done.call.account]
        ):
            more = {
                "LatestCloudWatchLogsDeliveryTime": kept.get("time"),
                "LatestCloudWatchLogsDeliveryError": kept["error"],
            }
            return done.result | {name: value for name, value in more.items() if value is not None}
    return None

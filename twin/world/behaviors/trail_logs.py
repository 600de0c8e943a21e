"""CloudTrail hands a trail's events to its CloudWatch Logs group, with the trail's role, after about five minutes."""

import json
from datetime import timedelta
from functools import lru_cache
from itertools import takewhile
from typing import Any

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide
from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens, witnesses
from twin.world.behaviors.log_metric_filters import filter_events
from twin.world.behaviors.metering import taken_in
from twin.world.delays import delay
from twin.world.scene import Scene
from twin.world.trail.evidence import Witnessed, micros_of
from twin.world.trail.facts import event_region

PROVIDES = {"trail-logs": "A trail's events reach its CloudWatch Logs group, where metric filters see them."}
WAITING = "trail.logs"
DELAY = "trail_logs.delivery"


@witnesses
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
        if not _role_may(scene, trail, f"{arn}:log-stream:{name}"):
            return "AccessDenied"
        if name not in state.groups[group].streams:
            state.create_log_stream(group, name)
        state.put_log_events(group, name, [{"timestamp": time, "message": text} for time, text in events])
        taken_in(scene, (account, region, group), [text for _, text in events])
        filter_events(scene, (account, region, group), events)
    return None


def _role_may(scene: Scene, trail: Any, stream_arn: str) -> bool:
    """Tell whether the trail's role exists, trusts CloudTrail and may write to the stream."""
    role_arn = str(trail.cw_role_arn or "")
    if not role_arn.startswith("arn:"):
        return False
    account = role_arn.split(":")[4]
    role = next((one for one in scene.state("iam", account, "aws").roles.values() if one.arn == role_arn), None)
    if role is None:
        return False
    documents = [*role.policies.values(), *(policy.document for policy in role.managed_policies.values())]
    trust, identity = _text(role.assume_role_policy_document), tuple(map(_text, documents))
    return _trusts(trust, role_arn, str(trail.arn), str(trail.account_id)) and _may_write(
        identity, role_arn, stream_arn
    )


# What a role may depends on its documents alone, which are asked for each delivery and seldom change.
@lru_cache(1024)
def _trusts(trust: str, role_arn: str, trail_arn: str, trail_account: str) -> bool:
    try:
        policy = compile_policy(json.loads(trust), "resource")
    except PolicyError:
        return False
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-required-policy-for-cloudwatch-logs.html: a
    # trust policy may name the trail and its account, against the confused deputy.
    source = {"aws:SourceArn": trail_arn, "aws:SourceAccount": trail_account}
    assumed = Request("cloudtrail.amazonaws.com", "sts:AssumeRole", role_arn, role_arn.split(":")[4], source)
    return decide(assumed, Policies(resource=policy)).allowed


@lru_cache(1024)
def _may_write(documents: tuple[str, ...], role_arn: str, stream_arn: str) -> bool:
    try:
        policies = tuple(compile_policy(json.loads(document), "identity") for document in documents)
    except PolicyError:
        return False
    written = Request(role_arn, "logs:PutLogEvents", stream_arn, role_arn.split(":")[4])
    return decide(written, Policies(identity=policies)).allowed


def _text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


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

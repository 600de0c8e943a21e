"""EventBridge: events of customers and services reach the rules that match them, on the bus where they arrive.

Any behavior tells an event by `scene.emit("aws.event", account, region, source, detail_type, resources, detail)`;
services' events arrive on the default bus of their account and Region.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from twin.semantics.events.pattern import EventPatternError, event_matches, read_pattern
from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide
from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, watches
from twin.world.behaviors.eventbridge_targets import Bus, Sent, deliver
from twin.world.scene import Happening, Scene
from twin.world.signals.schedule import ScheduleError, parse_schedule

PROVIDES = {"event-rules": "EventBridge matches rules' patterns and reaches SNS, SQS, log groups and buses."}
MOST = 10
LARGEST = 262_144
REACHED = (":sns:", ":sqs:", ":logs:", ":events:", ":lambda:")
WANTED = ("Source", "DetailType", "Detail")


def send_event(scene: Scene, bus: Bus, event: Mapping[str, Any], *, hops: int = 0) -> None:
    """Hand an event to the enabled rules of a bus that match it."""
    state = scene.state("events", bus.account, bus.region)
    if bus.name not in state.event_buses:
        return
    for rule in list(state.event_buses[bus.name].rules.values()):
        pattern = rule.event_pattern.get_pattern()
        if rule.state == "DISABLED" or not pattern or not event_matches(pattern, event):
            continue
        if rule.managed_by:
            # An archive: its rule is the service's own, and the store keeps what it takes.
            rule.send_to_targets({**event, "time": datetime.fromisoformat(event["time"]).timestamp()})
            continue
        for target in list(rule.targets):
            relayed = deliver(scene, Sent(bus, rule.arn, dict(target)), event, hops=hops)
            if relayed is not None:
                send_event(scene, relayed, event, hops=hops + 1)


def make_event(scene: Scene, bus: Bus, told: Mapping[str, Any]) -> dict[str, Any]:
    """Return an event as rules see it; `told` has source, detail_type, resources, detail and perhaps an id and time."""
    time = told.get("time") or scene.now()
    return {
        "version": "0",
        "id": told.get("id") or scene.ids("events").uuid(),
        "detail-type": told["detail_type"],
        "source": told["source"],
        "account": bus.account,
        "time": time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": bus.region,
        "resources": list(told.get("resources") or ()),
        "detail": told["detail"],
    }


@watches("aws.event")
def service_event(scene: Scene, happening: Happening) -> None:
    """Hand an event of a service to the default bus."""
    told = happening.facts
    bus = Bus(told["account"], told["region"], "default")
    send_event(scene, bus, make_event(scene, bus, told))


@answers("events", "PutEvents")
def put_events(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take events of a customer, each by itself."""
    entries = asked.parameters["Entries"]
    if len(entries) > MOST:
        raise AwsError(
            "ValidationException",
            "1 validation error detected: Value '[PutEventsRequestEntry]' at 'entries' failed to satisfy constraint: "
            f"Member must have length less than or equal to {MOST}",
        )
    if sum(_size(entry) for entry in entries) > LARGEST:
        raise AwsError("ValidationException", "Total size of the entries in the request is over the limit.")
    results = [_put(asked, scene, entry) for entry in entries]
    return {"FailedEntryCount": sum("ErrorCode" in result for result in results), "Entries": results}


def _size(entry: Mapping[str, Any]) -> int:
    texts = [entry.get(name) or "" for name in WANTED] + list(entry.get("Resources") or ())
    return sum(len(text.encode()) for text in texts) + (14 if entry.get("Time") else 0)


def _put(asked: Asked, scene: Scene, entry: Mapping[str, Any]) -> dict[str, Any]:
    for name in WANTED:
        if not entry.get(name):
            return _failed("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.")
    if entry["Source"].startswith("aws."):
        return _failed("NotAuthorizedForSourceException", "Not authorized for the source.")
    try:
        detail = json.loads(entry["Detail"])
    except ValueError:
        return _failed("MalformedDetail", "Detail is malformed.")
    if not isinstance(detail, dict):
        return _failed("MalformedDetail", "Detail is malformed.")
    bus = bus_of(asked, entry.get("EventBusName"))
    told = {
        "source": entry["Source"],
        "detail_type": entry["DetailType"],
        "resources": entry.get("Resources"),
        "detail": detail,
        "time": _aware(entry.get("Time")),
    }
    event = make_event(scene, bus, told) | {"account": asked.call.account}
    send_event(scene, bus, event)
    return {"EventId": event["id"]}


def _failed(code: str, message: str) -> dict[str, Any]:
    return {"ErrorCode": code, "ErrorMessage": message}


def _aware(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=UTC) if time is not None and time.tzinfo is None else time


def bus_of(asked: Asked, written: str | None) -> Bus:
    """Return the bus that a name or an ARN names; another account's only when its policy lets the caller in."""
    call, name = asked.call, written or "default"
    bus = Bus(call.account, call.region, name)
    if name.startswith("arn:"):
        parts = name.split(":", 5)
        bus = Bus(parts[4], parts[3], parts[5].removeprefix("event-bus/"))
    from twin.world.stores.moto_store import backends

    held = backends("events")[bus.account][bus.region].event_buses.get(bus.name)
    if held is None:
        raise AwsError("ResourceNotFoundException", f"Event bus {bus.name} does not exist.")
    if bus.account != call.account and not _lets_in(held, call.principal.arn):
        raise AwsError(
            "AccessDeniedException",
            f"User: {call.principal.arn} is not authorized to perform: events:PutEvents on resource: {held.arn}",
        )
    return bus


def _lets_in(bus: Any, principal: str) -> bool:
    if not bus.policy:
        return False
    try:
        policy = compile_policy(json.loads(bus.policy), "resource")
    except PolicyError:
        return False
    anything = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    own = compile_policy({"Version": "2012-10-17", "Statement": [anything]}, "identity")
    return decide(Request(principal, "events:PutEvents", bus.arn), Policies(identity=(own,), resource=policy)).allowed


@answers("events", "TestEventPattern")
def test_pattern(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell whether a pattern matches an event."""
    told = asked.parameters
    pattern = _read(told["EventPattern"])
    try:
        event = json.loads(told["Event"])
    except ValueError as wrong:
        raise AwsError("InvalidEventPatternException", "Event is not valid. Reason: Unable to parse JSON") from wrong
    return {"Result": event_matches(pattern, event)}


@answers("events", "PutRule")
def check_rule(asked: Asked, scene: Scene) -> None:
    """Refuse a pattern or a schedule that cannot be read."""
    told = asked.parameters
    if told.get("EventPattern"):
        _read(told["EventPattern"])
    if told.get("ScheduleExpression"):
        try:
            parse_schedule(told["ScheduleExpression"])
        except ScheduleError as wrong:
            raise AwsError("ValidationException", "Parameter ScheduleExpression is not valid.") from wrong


def _read(text: str) -> dict[str, Any]:
    try:
        return read_pattern(text)
    except EventPatternError as wrong:
        raise AwsError("InvalidEventPatternException", f"Event pattern is not valid. Reason: {wrong}") from wrong


@answers("events", "PutTargets")
def check_targets(asked: Asked, scene: Scene) -> None:
    """Refuse by name targets that the twin does not reach."""
    for target in asked.parameters["Targets"]:
        if target["Arn"].startswith("arn:") and not any(service in target["Arn"] for service in REACHED):
            raise AwsError("TwinUnsupportedOperation", f"The twin does not reach the target {target['Arn']}.")

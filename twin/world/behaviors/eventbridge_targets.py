"""How an event reaches a rule's targets, each with its input and under its own policy; what fails goes to the queue.

Functions are recorded, not run. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html says that
what is refused, or no longer there, is not tried again.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from twin.semantics.iam import Policies, PolicyError, Request, compile_policy, decide
from twin.semantics.iam.service_access import service_may
from twin.world.aws_errors import AwsError
from twin.world.behaviors.log_metric_filters import filter_events
from twin.world.behaviors.sns_access import check_key, publish_as
from twin.world.scene import Scene
from twin.world.signals.event_input import input_of
from twin.world.stores.kms_keys import Where

SERVICE = "events.amazonaws.com"
# Assumed: what one bus hands to another is not handed on to a third.
HOPS = 1


class Bus(NamedTuple):
    """An event bus."""

    account: str
    region: str
    name: str


class Sent(NamedTuple):
    """An event on its way: the bus on which a rule took it, the rule, and the target."""

    bus: Bus
    rule_arn: str
    target: dict[str, Any]


def deliver(scene: Scene, sent: Sent, event: Mapping[str, Any], *, hops: int = 0) -> Bus | None:
    """Bring an event to a target; return the bus on which it goes on, when the target is one."""
    text, arn = input_of(sent.target, event, rule_arn=sent.rule_arn), str(sent.target["Arn"])
    told = {"account": sent.bus.account, "region": sent.bus.region, "rule": sent.rule_arn, "target": arn}
    told |= {"source": str(event["source"]), "detail_type": str(event["detail-type"])}
    relayed = None
    try:
        if ":events:" in arn:
            relayed = _relay(scene, sent, arn, hops=hops)
        else:
            _reach(scene, sent, arn, text=text)
    except AwsError as refusal:
        scene.emit("events.target.failed", **told, code=refusal.code, message=refusal.message)
        _put_aside(scene, sent, text, refusal=refusal)
        return None
    scene.emit("events.target.reached", **told)
    return relayed


def _reach(scene: Scene, sent: Sent, arn: str, *, text: str) -> None:
    if ":sns:" in arn:
        publish_as(scene, SERVICE, {"TopicArn": arn, "Message": text}, source_arn=sent.rule_arn)
    elif ":sqs:" in arn:
        group = (sent.target.get("SqsParameters") or {}).get("MessageGroupId")
        send_to_queue(scene, arn, {"MessageBody": text, **({"MessageGroupId": group} if group else {})}, sent.rule_arn)
    elif ":logs:" in arn:
        _log(scene, sent, arn, text=text)
    # A function is not run: that it would have been is told by the happening.


def send_to_queue(scene: Scene, arn: str, message: Mapping[str, Any], source_arn: str) -> None:
    """Send to a queue as EventBridge; AwsError when it is not there, or its policy or key refuse."""
    region, owner, name = arn.split(":")[3:6]
    queue = scene.state("sqs", owner, region).queues.get(name)
    if queue is None:
        raise AwsError("NO_RESOURCE", f"The specified queue does not exist: {arn}")
    if not service_may(SERVICE, "sqs:SendMessage", arn, policy=queue.policy, source_arn=source_arn):
        raise AwsError("NO_PERMISSIONS", f"EventBridge is not authorized to perform: sqs:SendMessage on {arn}")
    check_key(SERVICE, queue.kms_master_key_id, Where(owner, region), source_arn=source_arn)
    params = {"QueueUrl": f"https://sqs.{region}.amazonaws.com/{owner}/{name}", **message}
    scene.call("sqs:SendMessage", params, account=owner, region=region, by=SERVICE)


def _log(scene: Scene, sent: Sent, arn: str, *, text: str) -> None:
    region, owner, _, name = arn.removesuffix(":*").split(":")[3:7]
    state = scene.state("logs", owner, region)
    if name not in state.groups:
        raise AwsError("NO_RESOURCE", f"The specified log group does not exist: {name}")
    stream = scene.ids("events.streams").uuid()
    stream_arn = f"arn:aws:logs:{region}:{owner}:log-group:{name}:log-stream:{stream}"
    policies = [policy.policy_document for policy in state.resource_policies.values()]
    if not any(
        service_may(SERVICE, "logs:PutLogEvents", stream_arn, policy=policy, source_arn=sent.rule_arn)
        for policy in policies
    ):
        raise AwsError("NO_PERMISSIONS", f"EventBridge is not authorized to perform: logs:PutLogEvents on {name}")
    time = int(scene.now().timestamp() * 1000)
    state.create_log_stream(name, stream)
    state.put_log_events(name, stream, [{"timestamp": time, "message": text}])
    filter_events(scene, (owner, region, name), [(time, text)])


def _relay(scene: Scene, sent: Sent, arn: str, *, hops: int) -> Bus:
    region, owner, resource = arn.split(":", 5)[3:6]
    name = resource.removeprefix("event-bus/")
    if hops >= HOPS:
        raise AwsError("TOO_MANY_HOPS", f"The event came from another bus and is not handed on to {arn}")
    bus = scene.state("events", owner, region).event_buses.get(name)
    if bus is None:
        raise AwsError("NO_RESOURCE", f"The specified event bus does not exist: {arn}")
    if owner != sent.bus.account and not _bus_lets_in(bus, sent.bus.account):
        raise AwsError("NO_PERMISSIONS", f"The policy of {arn} does not let {sent.bus.account} put events")
    return Bus(owner, region, name)


def _bus_lets_in(bus: Any, account: str) -> bool:
    try:
        policy = compile_policy(json.loads(bus.policy), "resource") if bus.policy else None
    except PolicyError:
        return False
    anything = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": "*"}
    own = compile_policy({"Version": "2012-10-17", "Statement": [anything]}, "identity")
    asked = Request(f"arn:aws:iam::{account}:root", "events:PutEvents", bus.arn)
    return policy is not None and decide(asked, Policies(identity=(own,), resource=policy)).allowed


def _put_aside(scene: Scene, sent: Sent, text: str, *, refusal: AwsError) -> None:
    """Send what could not be delivered to the target's dead-letter queue, when it has one that takes it."""
    arn = (sent.target.get("DeadLetterConfig") or {}).get("Arn")
    if not arn:
        return
    told = {
        "RULE_ARN": sent.rule_arn,
        "TARGET_ARN": str(sent.target["Arn"]),
        "ERROR_CODE": refusal.code,
        "ERROR_MESSAGE": refusal.message,
    }
    attributes = {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}
    try:
        send_to_queue(scene, arn, {"MessageBody": text, "MessageAttributes": attributes}, sent.rule_arn)
    except AwsError as lost:
        scene.emit(
            "events.target.lost",
            account=sent.bus.account,
            region=sent.bus.region,
            rule=sent.rule_arn,
            target=arn,
            code=lost.code,
        )

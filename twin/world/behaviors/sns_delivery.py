"""SNS brings messages to their endpoints: queues under their policy and key, HTTP with retries, the rest recorded.

Only an address of this machine, and only of a served world, is really called, and one at a vendor that the world
serves is called there; what is meant for anybody else is told
as `sns.delivered` or `sns.undelivered` with a digest, for a scenario's actors. What cannot be delivered goes to the
subscription's dead-letter queue.
"""

import base64
import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from twin.semantics.iam.service_access import service_may
from twin.semantics.oncall.addresses import without_key
from twin.world.aws_errors import AwsError
from twin.world.behaviors import happens, witnesses
from twin.world.behaviors.sns_access import check_key
from twin.world.behaviors.sns_vendor_endpoints import call
from twin.world.outbox import Post, is_local
from twin.world.reach import at_vendor
from twin.world.scene import Scene
from twin.world.signals.sns_messages import envelope
from twin.world.stores.additions.sns import OUTBOX
from twin.world.stores.kms_keys import Where
from twin.world.trail.evidence import Witnessed

PROVIDES = {
    "sns-delivery": "SNS delivers to queues under their policy; HTTP endpoints confirm; what fails goes to a queue."
}
SERVICE = "sns.amazonaws.com"
DOWN = "sns.down"
RETRIES = 3
AGENT = "Amazon Simple Notification Service Agent"
Told = Mapping[str, Any]


def endpoint_down(scene: Scene, endpoint: str) -> None:
    """Let an endpoint outside of the twin (a URL, an address) take nothing from now on."""
    scene.memory.setdefault(DOWN, set()).add(endpoint)


def endpoint_up(scene: Scene, endpoint: str) -> None:
    """Let an endpoint outside of the twin take messages again."""
    scene.memory.setdefault(DOWN, set()).discard(endpoint)


@witnesses
def empty_outbox(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Deliver what the call published."""
    while OUTBOX:
        deliver(scene, OUTBOX.pop(0))


def deliver(scene: Scene, told: Told) -> None:
    """Bring one message to one subscription."""
    kept = _subscription(scene, told)
    if kept is None:
        return
    if kept.protocol == "sqs":
        try:
            _queue(scene, kept, told)
        except AwsError as refusal:
            _undelivered(scene, kept, told, reason=refusal.code)
        else:
            _happened(scene, "sns.delivered", kept, told)
    elif kept.protocol in ("http", "https"):
        post(scene, told=dict(told), attempt=0)
    else:
        _outside(scene, kept, told)


def _subscription(scene: Scene, told: Told) -> Any:
    subscriptions = scene.state("sns", told["account"], told["region"]).subscriptions
    return subscriptions.get(told["subscription"])


def _queue(scene: Scene, kept: Any, told: Told) -> None:
    arn = kept.endpoint
    region, owner, name = arn.split(":")[3:6]
    queue = scene.state("sqs", owner, region).queues.get(name)
    if queue is None:
        raise AwsError("AWS.SimpleQueueService.NonExistentQueue", f"The specified queue does not exist: {arn}")
    if not service_may(SERVICE, "sqs:SendMessage", arn, policy=queue.policy, source_arn=kept.topic.arn):
        raise AwsError("AccessDenied", f"{SERVICE} is not authorized to perform: sqs:SendMessage on {arn}")
    where = Where(owner, region)
    check_key(SERVICE, queue.kms_master_key_id, where, source_arn=kept.topic.arn)
    message = _raw(told) if is_raw(kept) else {"MessageBody": json.dumps(notification(scene, kept, told), indent=2)}
    for name_, value in (("MessageGroupId", told["group"]), ("MessageDeduplicationId", told["deduplication"])):
        if value:
            message[name_] = value
    url = f"https://sqs.{region}.amazonaws.com/{owner}/{name}"
    scene.call("sqs:SendMessage", {"QueueUrl": url, **message}, account=owner, region=region, by=SERVICE)


def is_raw(kept: Any) -> bool:
    """Tell whether a subscription gets messages without SNS's envelope."""
    return str(kept.attributes.get("RawMessageDelivery")).lower() == "true"


def _raw(told: Told) -> dict[str, Any]:
    attributes = {}
    for name, value in told["attributes"].items():
        kind = "BinaryValue" if value["Type"].startswith("Binary") else "StringValue"
        kept = base64.b64decode(value["Value"]) if kind == "BinaryValue" else str(value["Value"])
        attributes[name] = {"DataType": value["Type"], kind: kept}
    return {"MessageBody": told["message"], **({"MessageAttributes": attributes} if attributes else {})}


def notification(scene: Scene, kept: Any, told: Told) -> dict[str, Any]:
    """Return a message in SNS's envelope."""
    host = _host(scene, told["region"])
    return envelope(
        {
            "Type": "Notification",
            "MessageId": told["message_id"],
            "TopicArn": kept.topic.arn,
            "Subject": told["subject"],
            "Message": told["message"],
            "Timestamp": _instant(scene),
            "UnsubscribeURL": f"{host}/?Action=Unsubscribe&SubscriptionArn={kept.arn}",
            "MessageAttributes": told["attributes"] or None,
        },
        region=told["region"],
        version=getattr(kept.topic, "twin_signature", "1"),
        host=host,
    )


def _host(scene: Scene, region: str) -> str:
    # Who gets a message of a served world must not be sent to the real one.
    return scene.served_at or f"https://sns.{region}.amazonaws.com"


def _instant(scene: Scene) -> str:
    now = scene.now()
    return now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"


def confirmation_sent(scene: Scene, kept: Any, token: str) -> None:
    """Send an endpoint the token by which its owner confirms."""
    region, account = kept.topic.sns_backend.region_name, kept.account_id
    host = _host(scene, region)
    told = {
        "Type": "SubscriptionConfirmation",
        "MessageId": scene.ids("sns").uuid(),
        "Token": token,
        "TopicArn": kept.topic.arn,
        "Message": f"You have chosen to subscribe to the topic {kept.topic.arn}.\n"
        "To confirm the subscription, visit the SubscribeURL included in this message.",
        "SubscribeURL": f"{host}/?Action=ConfirmSubscription&TopicArn={kept.topic.arn}&Token={token}",
        "Timestamp": _instant(scene),
    }
    body = json.dumps(
        envelope(told, region=region, version=getattr(kept.topic, "twin_signature", "1"), host=host), indent=2
    )
    where = {"account": account, "region": region, "topic": kept.topic.arn}
    scene.emit(
        "sns.confirmation.sent",
        **where,
        protocol=kept.protocol,
        endpoint=without_key(kept.endpoint),
        subscription=kept.arn,
    )
    message_id = told["MessageId"]
    if _calls(scene, kept):
        scene.outbox.send(_post(kept, body, kind="SubscriptionConfirmation", message_id=message_id))
    elif at_vendor(scene, kept.endpoint) and kept.endpoint not in scene.memory.get(DOWN, ()):
        call(scene, _post(kept, body, kind="SubscriptionConfirmation", message_id=message_id))


def _calls(scene: Scene, kept: Any) -> bool:
    return kept.protocol in ("http", "https") and scene.served_at is not None and is_local(kept.endpoint)


def _post(kept: Any, body: str, *, kind: str, message_id: str) -> Post:
    headers = {
        "x-amz-sns-message-type": kind,
        "x-amz-sns-message-id": message_id,
        "x-amz-sns-topic-arn": kept.topic.arn,
        "x-amz-sns-subscription-arn": kept.arn,
        "Content-Type": "text/plain; charset=UTF-8",
        "User-Agent": AGENT,
    }
    if is_raw(kept) and kind == "Notification":
        headers["x-amz-sns-rawdelivery"] = "true"
    return Post(kept.endpoint, headers, body.encode())


@happens("sns.post")
def post(scene: Scene, *, told: dict[str, Any], attempt: int) -> None:
    """Call an HTTP endpoint, or tell that it was; what fails is tried again, then put aside."""
    kept = _subscription(scene, told)
    if kept is None:
        return
    if _calls(scene, kept):
        body = told["message"] if is_raw(kept) else json.dumps(notification(scene, kept, told), indent=2)
        message = _post(kept, body, kind="Notification", message_id=told["message_id"])
        scene.outbox.send(message, failed=lambda: _again(scene, told, attempt=attempt))
        _happened(scene, "sns.sent", kept, told)
    elif kept.endpoint in scene.memory.get(DOWN, ()):
        _again(scene, told, attempt=attempt)
    elif at_vendor(scene, kept.endpoint):
        _at_vendor(scene, kept, told, attempt=attempt)
    else:
        _happened(scene, "sns.delivered", kept, told)


def _at_vendor(scene: Scene, kept: Any, told: dict[str, Any], *, attempt: int) -> None:
    body = told["message"] if is_raw(kept) else json.dumps(notification(scene, kept, told), indent=2)
    outcome = call(scene, _post(kept, body, kind="Notification", message_id=told["message_id"]))
    if outcome == "again":
        _again(scene, told, attempt=attempt)
    elif outcome == "taken":
        _happened(scene, "sns.delivered", kept, told)
    else:
        _undelivered(scene, kept, told, reason="refused")


def _again(scene: Scene, told: dict[str, Any], *, attempt: int) -> None:
    kept = _subscription(scene, told)
    if kept is None:
        return
    if attempt < RETRIES:
        scene.after(scene.delay("sns_delivery.retry"), "sns.post", told=told, attempt=attempt + 1)
    else:
        _undelivered(scene, kept, told, reason="unreachable")


def _outside(scene: Scene, kept: Any, told: Told) -> None:
    if kept.endpoint in scene.memory.get(DOWN, ()):
        _undelivered(scene, kept, told, reason="unreachable")
    else:
        _happened(scene, "sns.delivered", kept, told)


def _undelivered(scene: Scene, kept: Any, told: Told, *, reason: str) -> None:
    _happened(scene, "sns.undelivered", kept, told, reason=reason)
    redrive = kept.attributes.get("RedrivePolicy")
    arn = json.loads(redrive).get("deadLetterTargetArn") if redrive else None
    if arn is None:
        return
    region, owner, name = arn.split(":")[3:6]
    queue = scene.state("sqs", owner, region).queues.get(name)
    if queue is None or not service_may(
        SERVICE, "sqs:SendMessage", arn, policy=queue.policy, source_arn=kept.topic.arn
    ):
        scene.emit("sns.lost", account=told["account"], region=told["region"], topic=kept.topic.arn, queue=arn)
        return
    message = _raw(told) if is_raw(kept) else {"MessageBody": json.dumps(notification(scene, kept, told), indent=2)}
    url = f"https://sqs.{region}.amazonaws.com/{owner}/{name}"
    scene.call("sqs:SendMessage", {"QueueUrl": url, **message}, account=owner, region=region, by=SERVICE)


def _happened(scene: Scene, kind: str, kept: Any, told: Told, **more: str) -> None:
    scene.emit(
        kind,
        account=told["account"],
        region=told["region"],
        topic=kept.topic.arn,
        subscription=kept.arn,
        protocol=kept.protocol,
        endpoint=without_key(kept.endpoint),
        message_id=told["message_id"],
        digest=sha256(told["message"].encode()).hexdigest(),
        **more,
    )

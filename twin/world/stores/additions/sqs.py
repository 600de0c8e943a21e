"""SQS: a queue tells its attributes as AWS writes them, in time that does not grow with its messages, and never waits.

Clients compare the texts: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
moto counts every message three times for any attribute, several times a call, and asks the clock for each.
"""

import json
from typing import Any

from moto.core.utils import camelcase_to_underscores, unix_time, unix_time_millis
from moto.sqs.exceptions import InvalidAttributeName
from moto.sqs.models import Message, Queue, SQSBackend

from twin.world.stores.additions import adds

COUNTS = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesDelayed",
    "ApproximateNumberOfMessagesNotVisible",
)
FIRST_SENT = "twin_first_sent"
TIMES = ("CreatedTimestamp", "LastModifiedTimestamp")
KNOWN = (*Queue.BASE_ATTRIBUTES, *Queue.FIFO_ATTRIBUTES, *Queue.KMS_ATTRIBUTES)
FIELDS = {name: camelcase_to_underscores(name) for name in KNOWN if name not in COUNTS}
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
DEDUPLICATED_FOR = 300_000
queue: Any = Queue
message_of_moto: Any = Message
add_by_moto = Queue.add_message
receive_by_moto = SQSBackend.receive_message
set_by_moto = Queue._set_attributes


def _names(kept: Any) -> tuple[str, ...]:
    """Name the attributes that a queue has."""
    fifo = Queue.FIFO_ATTRIBUTES if kept.fifo_queue else ()
    return (*Queue.BASE_ATTRIBUTES, *fifo, *(Queue.KMS_ATTRIBUTES if kept.kms_master_key_id else ()))


def _counts(kept: Any) -> dict[str, int]:
    """Count the messages that can be received, that are not to be seen yet, and that somebody is working at."""
    now = unix_time_millis()
    delayed = sum(1 for message in kept._messages if now < message.delayed_until)
    hidden = sum(1 for message in kept._messages if now < message.visible_at)
    both = sum(1 for message in kept._messages if now < message.visible_at and now < message.delayed_until)
    return dict(zip(COUNTS, (len(kept._messages) - delayed - hidden + both, delayed, hidden), strict=True))


def _told(kept: Any, wanted: Any) -> dict[str, Any]:
    """Return those of a queue's attributes that are wanted and that it has."""
    told: dict[str, Any] = {}
    counts = _counts(kept) if any(name in wanted for name in COUNTS) else {}
    for name in _names(kept):
        if name not in wanted:
            continue
        value = counts[name] if name in COUNTS else getattr(kept, FIELDS[name])
        if name == "RedrivePolicy":
            value = json.dumps(value, separators=(",", ":")) if value else None
        elif name in TIMES:
            value = int(value)
        elif isinstance(value, bool):
            value = str(value).lower()
        if value is not None and (value or name != "Policy"):
            told[name] = value
    return told


def _visible(kept: Any) -> list[Any]:
    """Return the messages that can be received now."""
    now = unix_time_millis()
    return [message for message in kept._messages if now >= message.visible_at and now >= message.delayed_until]


# The world's clock may stand still: what is visible from now on is visible now.
message_of_moto.visible = property(lambda message: unix_time_millis() >= message.visible_at)
queue.attributes = property(lambda kept: _told(kept, KNOWN))
queue.messages = property(_visible)


@adds(Queue)
def _set_attributes(kept: Any, attributes: dict[str, Any], now: float | None = None) -> None:
    """Set the attributes that are named; without this, each call that names no policy takes the queue's away."""
    policy = vars(kept).get("_policy_json") and kept.policy
    set_by_moto(kept, {"Policy": policy, **attributes} if policy else attributes, now)


@adds(Queue)
def add_message(kept: Any, message: Any) -> None:
    """Take a message in, unless it repeats one of the last five minutes, received and deleted or not.

    The repeated one is told by the id of the first.
    """
    told = message.deduplication_id if kept.fifo_queue else None
    if told is None:
        add_by_moto(kept, message)
        return
    scope = (message.group_id if kept.deduplication_scope == "messageGroup" else None, told)
    known = {
        key: first
        for key, first in vars(kept).get(FIRST_SENT, {}).items()
        if message.sent_timestamp - first[0] < DEDUPLICATED_FOR
    }
    vars(kept)[FIRST_SENT] = known
    if scope in known:
        message.id, message.sequence_number = known[scope][1:]
        return
    known[scope] = (message.sent_timestamp, message.id, message.sequence_number)
    # moto would compare with what it still keeps, whatever the group.
    message.deduplication_id = None
    add_by_moto(kept, message)
    message.deduplication_id = told


@adds(SQSBackend)
def get_queue_attributes(backend: Any, queue_name: str, attribute_names: list[str]) -> dict[str, Any]:
    """Return the attributes that are asked for; those that no queue can have are refused."""
    kept = backend.get_queue(queue_name)
    unknown = next((name for name in attribute_names if name != "All" and name not in KNOWN), None)
    if unknown is not None:
        raise InvalidAttributeName(unknown)
    return _told(kept, KNOWN if "All" in attribute_names else attribute_names)


@adds(SQSBackend)
def is_message_valid_based_on_retention_period(backend: Any, queue_name: str, message: Any) -> bool:
    """Tell whether a queue still keeps a message."""
    kept = backend.get_queue(queue_name)
    return bool(kept.message_retention_period + message.sent_timestamp / 1000 > unix_time())


@adds(SQSBackend)
def receive_message(backend: Any, queue_name: str, count: int, _wait: int, *given: Any, **named: Any) -> Any:
    """Return what is there: the world's clock stands still inside a call, so to wait here would be for ever."""
    return receive_by_moto(backend, queue_name, count, 0, *given, **named)

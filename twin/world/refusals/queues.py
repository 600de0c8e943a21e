"""What SQS refuses about attributes and bodies.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

BOUNDS = {
    "DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1_048_576), "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}  # fmt: skip
DOCUMENTS = ("Policy", "RedriveAllowPolicy")
REDRIVE = "RedrivePolicy"
SWITCHES = ("FifoQueue", "ContentBasedDeduplication", "SqsManagedSseEnabled")
KNOWN = {*BOUNDS, *DOCUMENTS, REDRIVE, *SWITCHES, "KmsMasterKeyId", "DeduplicationScope", "FifoThroughputLimit"}
RECEIVES = (1, 1000)
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
MOST_ATTRIBUTES, LONGEST_PAGE, LONGEST_HIDDEN = 10, 1000, 43_200
ATTRIBUTE = re.compile(r"(?!(?i:aws\.|amazon\.))(?!.*\.\.)(?!\.)[\w.-]{1,256}(?<!\.)", re.ASCII)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@refuses("sqs", "CreateQueue", "SetQueueAttributes")
def attributes_of_a_queue(asked: Asked) -> None:
    """A number is within its bounds, a document is one."""
    given = asked.parameters.get("Attributes") or {}
    if unknown := sorted(set(given) - KNOWN):
        raise Refusal("InvalidAttributeName", f"Unknown Attribute {unknown[0]}.")
    if asked.call.operation == "SetQueueAttributes" and "FifoQueue" in given:
        raise Refusal("InvalidAttributeName", "Unknown Attribute FifoQueue.")
    if asked.call.operation == "CreateQueue":
        _named(str(asked.parameters.get("QueueName")), given)
    if given.get(REDRIVE):
        _redrives(asked, given)
    for name, value in given.items():
        if name in BOUNDS and not (str(value).isdigit() and BOUNDS[name][0] <= int(value) <= BOUNDS[name][1]):
            raise _invalid(name)
        if name in DOCUMENTS and value and not _is_object(value):
            raise _invalid(name)


def _named(name: str, given: Mapping[str, str]) -> None:
    if name.endswith(".fifo") and given.get("FifoQueue") != "true":
        raise _parameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")


def _redrives(asked: Asked, given: Mapping[str, str]) -> None:
    """Refuse a policy that names no queue of the same kind, or no number of receives."""
    text = given[REDRIVE]
    told = f"Value {text} for parameter {REDRIVE} is invalid. Reason: "
    policy = json.loads(text) if _is_object(text) else None
    if policy is None:
        raise _parameter(f"{told}Redrive policy is not a valid JSON map.")
    for name in ("deadLetterTargetArn", "maxReceiveCount"):
        if name not in policy:
            raise _parameter(f"{told}Redrive policy does not contain mandatory attribute: {name}.")
    count = str(policy["maxReceiveCount"])
    if not (count.isdigit() and RECEIVES[0] <= int(count) <= RECEIVES[1]):
        raise _parameter(f"{told}Invalid value for maxReceiveCount: {count}, valid values are from 1 to 1000 both "
                         "inclusive.")  # fmt: skip
    name = str(policy["deadLetterTargetArn"]).rpartition(":")[2]
    if name not in asked.state().queues:
        raise _parameter(f"{told}Dead letter target does not exist.")
    own = asked.parameters.get("QueueName") or str(asked.parameters.get("QueueUrl")).rpartition("/")[2]
    if str(own).endswith(".fifo") != name.endswith(".fifo"):
        raise _parameter(f"{told}Dead-letter queue must be same type of queue as the source.")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _invalid(name: str) -> Refusal:
    return Refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


def _parameter(message: str) -> Refusal:
    return Refusal("InvalidParameterValue", message)


@refuses("sqs", "SendMessage")
def body_of_a_message(asked: Asked) -> None:
    """A body has characters that XML has."""
    if UNPRINTABLE.search(str(asked.parameters.get("MessageBody", ""))):
        raise Refusal("InvalidMessageContents", "Invalid characters were found in the message body.")


@refuses("sqs", "SendMessage")
def message(asked: Asked) -> None:
    """A message says something, with at most ten attributes; a standard queue knows no deduplication id."""
    given = asked.parameters
    if not given.get("MessageBody"):
        raise Refusal("MissingParameter", "The request must contain the parameter MessageBody.")
    if given.get("MessageDeduplicationId") and not str(given.get("QueueUrl")).endswith(".fifo"):
        raise _parameter(f"Value {given['MessageDeduplicationId']} for parameter MessageDeduplicationId is invalid. "
                         "Reason: The request includes a parameter that is not valid for this queue type.")  # fmt: skip
    attributes = given.get("MessageAttributes") or {}
    if len(attributes) > MOST_ATTRIBUTES:
        raise _parameter(f"Number of message attributes [{len(attributes)}] exceeds the allowed maximum [10].")
    for name, value in attributes.items():
        _attribute(name, value)


def _attribute(name: str, value: Mapping[str, Any]) -> None:
    if not ATTRIBUTE.fullmatch(name):
        raise _parameter(f"The message attribute name '{name}' is invalid.")
    kind, held = str(value.get("DataType") or ""), value.get("StringValue", value.get("BinaryValue"))
    if kind.startswith(("String", "Number", "Binary")) and not held:
        raise _parameter(f"The message attribute '{name}' must contain non-empty message attribute value for message "
                         f"attribute type '{kind}'.")  # fmt: skip
    if kind.startswith("Number") and not NUMBER.fullmatch(str(held)):
        raise _parameter(f"Can't cast the value of message (user) attribute '{name}' to a number.")


@refuses("sqs", "ChangeMessageVisibility")
def hidden_for(asked: Asked) -> None:
    """A message is hidden for no less than nothing, and for twelve hours at most."""
    seconds = int(asked.parameters.get("VisibilityTimeout") or 0)
    if not 0 <= seconds <= LONGEST_HIDDEN:
        raise _parameter(f"Value {seconds} for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must "
                         f"be an integer between 0 and {LONGEST_HIDDEN}.")  # fmt: skip


@refuses("sqs", "ChangeMessageVisibilityBatch", "DeleteMessageBatch", "SendMessageBatch")
def batch(asked: Asked) -> None:
    """A batch has something in it."""
    if not asked.parameters.get("Entries"):
        raise Refusal("AWS.SimpleQueueService.EmptyBatchRequest", "There should be at least one "
                      f"{asked.call.operation}RequestEntry in the request.")  # fmt: skip


@refuses("sqs", "ListQueues", "ListDeadLetterSourceQueues")
def page(asked: Asked) -> None:
    """A page has at most a thousand queues."""
    wanted = asked.parameters.get("MaxResults")
    if wanted is not None and not 1 <= int(wanted) <= LONGEST_PAGE:
        raise _parameter(f"Value {wanted} for parameter MaxResults is invalid. Reason: MaxResults must be an integer "
                         f"between 1 and {LONGEST_PAGE}.")  # fmt: skip

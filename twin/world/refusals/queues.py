"""What SQS refuses about attributes and bodies.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

import json
import re

from twin.world.refusals import Asked, Refusal, refuses

BOUNDS = {
    "DelaySeconds": (0, 900), "MaximumMessageSize": (1024, 1_048_576), "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20), "VisibilityTimeout": (0, 43_200),
    "KmsDataKeyReusePeriodSeconds": (60, 86_400),
}  # fmt: skip
DOCUMENTS = ("Policy", "RedrivePolicy", "RedriveAllowPolicy")
UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@refuses("sqs", "CreateQueue", "SetQueueAttributes")
def attributes_of_a_queue(asked: Asked) -> None:
    """A number is within its bounds, a document is one."""
    for name, value in (asked.parameters.get("Attributes") or {}).items():
        if name in BOUNDS and not (str(value).isdigit() and BOUNDS[name][0] <= int(value) <= BOUNDS[name][1]):
            raise _invalid(name)
        if name in DOCUMENTS and value and not _is_object(value):
            raise _invalid(name)


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def _invalid(name: str) -> Refusal:
    return Refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


@refuses("sqs", "SendMessage")
def body_of_a_message(asked: Asked) -> None:
    """A body has characters that XML has."""
    if UNPRINTABLE.search(str(asked.parameters.get("MessageBody", ""))):
        raise Refusal("InvalidMessageContents", "Invalid characters were found in the message body.")

"""What SNS refuses about messages, subscriptions and policies.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

import json
import re

from twin.semantics.events.filter_policy import ATTRIBUTES, BODY, FilterPolicyError, read_filter
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.elsewhere import ELSEWHERE

# https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
TOPIC = re.compile(
    r"DeliveryPolicy|DisplayName|Policy|TracingConfig|KmsMasterKeyId|SignatureVersion|ArchivePolicy|FifoTopic|"
    r"ContentBasedDeduplication|FifoThroughputScope|DataProtectionPolicy|"
    r"(?:HTTP|Firehose|Lambda|Application|SQS)(?:Success|Failure)Feedback(?:RoleArn|SampleRate)"
)
ENDPOINTS = {
    "email": re.compile(r"[^@\s]+@[^@\s]+"), "email-json": re.compile(r"[^@\s]+@[^@\s]+"),
    "http": re.compile(r"http://.+"), "https": re.compile(r"https://.+"),
    "lambda": re.compile(r"arn:[\w-]+:lambda:[\w-]+:\d{12}:function:.+"),
    "firehose": re.compile(r"arn:[\w-]+:firehose:.+"),
}  # fmt: skip
ARN = re.compile(r"arn:[\w-]+:sns:[\w-]*:\d{12}:[\w.-]+(?::[\w-]+)?(?:/.+)?")
TARGETS = ("TopicArn", "TargetArn", "PhoneNumber")
PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
SUBJECT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")


@refuses("sns", "Publish")
def message_of_a_topic(asked: Asked) -> None:
    """A message says something, in a form of which every protocol finds its own."""
    given = asked.parameters
    if not any(given.get(name) for name in TARGETS):
        raise _invalid("TopicArn or TargetArn Reason: no value for required parameter")
    if not given.get("Message"):
        raise _invalid("Empty message")
    if (subject := given.get("Subject")) is not None and not SUBJECT.fullmatch(subject):
        raise _invalid("Subject")
    if given.get("MessageStructure") == "json":
        _structured(given["Message"])
    if str(given.get("TopicArn", "")).endswith(".fifo") and not given.get("MessageGroupId"):
        raise _invalid("The MessageGroupId parameter is required for FIFO topics")


def _structured(text: str) -> None:
    try:
        told = json.loads(text)
    except ValueError:
        raise _invalid("Message Structure - JSON message body failed to parse") from None
    if not isinstance(told, dict) or "default" not in told:
        raise _invalid("Message Structure - No default entry in JSON message body")


@refuses("sns", "Subscribe")
def protocol_of_a_subscription(asked: Asked) -> None:
    """A subscription has one of the protocols there are."""
    protocol = asked.parameters.get("Protocol")
    if protocol not in PROTOCOLS:
        raise _invalid(f"Amazon SNS does not support this protocol string: {protocol}")
    form, endpoint = ENDPOINTS.get(protocol), str(asked.parameters.get("Endpoint") or "")
    if form is not None and not form.fullmatch(endpoint):
        what = "Email address" if protocol.startswith("email") else "Unsupported endpoint ARN or URL"
        raise _invalid(f"Endpoint Reason: {what}: {endpoint}")


@refuses("sns", "Subscribe", "SetSubscriptionAttributes")
def filter_of_a_subscription(asked: Asked) -> None:
    """A filter policy is one that SNS can judge by."""
    given = dict(asked.parameters.get("Attributes") or {})
    if asked.call.operation == "SetSubscriptionAttributes":
        given[asked.parameters["AttributeName"]] = asked.parameters.get("AttributeValue")
    scope = given.get("FilterPolicyScope")
    if scope not in (None, BODY, ATTRIBUTES):
        raise _invalid(f"FilterPolicyScope: Invalid value [{scope}]. Please use either {BODY} or {ATTRIBUTES}")
    if not given.get("FilterPolicy"):
        return
    if scope is None and asked.call.operation == "SetSubscriptionAttributes":
        if "sns" in ELSEWHERE:
            return  # whoever keeps the subscription knows its scope
        kept = asked.state().subscriptions.get(asked.parameters.get("SubscriptionArn"))
        scope = kept.attributes.get("FilterPolicyScope") if kept is not None else None
    try:
        read_filter(given["FilterPolicy"], scope or ATTRIBUTES)
    except FilterPolicyError as error:
        where = "Attributes Reason: " if asked.call.operation == "Subscribe" else ""
        raise _invalid(f"{where}{error}") from error


@refuses("sns", "SetTopicAttributes")
def policy_of_a_topic(asked: Asked) -> None:
    """A policy is a document."""
    if asked.parameters.get("AttributeName") != "Policy":
        return
    try:
        json.loads(asked.parameters.get("AttributeValue") or "")
    except ValueError:
        raise _invalid("Policy failed to parse JSON") from None


@refuses("sns", "CreateTopic", "SetTopicAttributes")
def attributes_of_a_topic(asked: Asked) -> None:
    """An attribute of a topic is one that there is; a topic that is there is made again only as it is."""
    given = dict(asked.parameters.get("Attributes") or {})
    if asked.call.operation == "SetTopicAttributes":
        given[asked.parameters.get("AttributeName")] = None
    if unknown := [name for name in given if not TOPIC.fullmatch(str(name))]:
        raise _invalid(f"AttributeName Reason: {unknown[0]} is not known")
    if asked.call.operation == "SetTopicAttributes" or "sns" in ELSEWHERE:
        return
    arn = f"arn:aws:sns:{asked.call.region}:{asked.call.account}:{asked.parameters.get('Name')}"
    topic = asked.state().topics.get(arn)
    tags = {each["Key"]: each["Value"] for each in asked.parameters.get("Tags") or ()}
    if topic is None:
        return
    if tags and tags != getattr(topic, "_tags", tags):
        raise _invalid("Tags Reason: Topic already exists with different tags")
    if given.get("DisplayName", topic.display_name) != topic.display_name:
        raise _invalid("Attributes Reason: Topic already exists with different attributes")


@refuses("sns", "Subscribe", "SetSubscriptionAttributes")
def attributes_of_a_subscription(asked: Asked) -> None:
    """A switch is on or off, and what could not be delivered goes to a queue."""
    given = dict(asked.parameters.get("Attributes") or {})
    if asked.call.operation == "SetSubscriptionAttributes":
        given[asked.parameters["AttributeName"]] = asked.parameters.get("AttributeValue")
    where = "Attributes Reason: " if asked.call.operation == "Subscribe" else ""
    if str(given.get("RawMessageDelivery", "true")).lower() not in ("true", "false"):
        raise _invalid(f"{where}RawMessageDelivery: Invalid value [{given['RawMessageDelivery']}]. Must be true or "
                       "false.")  # fmt: skip
    if redrive := given.get("RedrivePolicy"):
        try:
            arn = str(json.loads(redrive).get("deadLetterTargetArn"))
        except (ValueError, AttributeError):
            raise _invalid(f"{where}RedrivePolicy: failed to parse JSON.") from None
        if not re.fullmatch(r"arn:[\w-]+:sqs:[\w-]+:\d{12}:[\w.-]+", arn):
            raise _invalid(f"{where}RedrivePolicy: deadLetterTargetArn is an invalid arn")


@refuses("sns", "Unsubscribe")
def subscription_by_its_arn(asked: Asked) -> None:
    """A subscription is named by an ARN."""
    if not ARN.fullmatch(str(asked.parameters.get("SubscriptionArn"))):
        raise _invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not 1")


@refuses("sns", "PublishBatch")
def messages_of_a_batch(asked: Asked) -> None:
    """A batch has something in it."""
    if not asked.parameters.get("PublishBatchRequestEntries"):
        raise Refusal("EmptyBatchRequest", "The batch request doesn't contain any entries.")


def _invalid(what: str) -> Refusal:
    return Refusal("InvalidParameter", f"Invalid parameter: {what}")

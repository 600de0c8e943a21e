"""What SNS refuses about messages, subscriptions and policies.

https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

import json
import re

from twin.semantics.events.filter_policy import ATTRIBUTES, BODY, FilterPolicyError, read_filter
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.elsewhere import ELSEWHERE

PROTOCOLS = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")
SUBJECT = re.compile(r"[^\x00-\x1f\x7f-\x9f]{1,100}")


@refuses("sns", "Publish")
def message_of_a_topic(asked: Asked) -> None:
    """A message says something, in a form of which every protocol finds its own."""
    given = asked.parameters
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


def _invalid(what: str) -> Refusal:
    return Refusal("InvalidParameter", f"Invalid parameter: {what}")

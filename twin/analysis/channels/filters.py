"""Whether a subscription's filter can let anything of a source through.

https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html: without another scope a filter looks at
message attributes, of which neither CloudWatch nor EventBridge nor Budgets sets any.
"""

from typing import Any

from twin.observe.channels import Subscription
from twin.observe.source import Source

ABSENT = {"exists": False}
FIELDS = {
    "alarm": {
        "AlarmName", "AlarmDescription", "AWSAccountId", "AlarmConfigurationUpdatedTimestamp", "NewStateValue",
        "NewStateReason", "StateChangeTime", "Region", "AlarmArn", "OldStateValue", "OKActions", "AlarmActions",
        "InsufficientDataActions", "Trigger", "AlarmRule", "TriggeringChildren",
    },
    "rule": {"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"},
}  # fmt: skip
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions.html and
https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html: fields of what is published."""


def starved(subscription: Subscription, source: Source) -> str:
    """Say why nothing of a source passes; empty where something may."""
    for name, wanted in (subscription.filter or {}).items():
        if name == "$or" or wanted == [ABSENT]:
            continue
        if subscription.scope == "MessageAttributes":
            return f"it wants the message attribute {name}, which a {source.kind} does not set"
        known = FIELDS.get(source.kind)
        if known is not None and name not in known:
            return f"it wants the field {name}, which the message of a {source.kind} does not have"
        if source.kind == "alarm" and name == "NewStateValue" and not _may_be(wanted, "ALARM"):
            return "it does not want the state ALARM"
    return ""


def _may_be(wanted: Any, value: str) -> bool:
    """Tell whether a list of a filter may take a value; what is no plain text is taken to."""
    return not isinstance(wanted, list) or any(one == value or not isinstance(one, str) for one in wanted)

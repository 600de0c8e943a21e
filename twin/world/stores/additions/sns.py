"""SNS: who must confirm a subscription does, and what is published is handed to the world, which delivers it."""

from typing import Any

from moto.sns import models, urls
from moto.sns.models import SNSBackend, Subscription
from moto.sns.utils import FilterPolicyMatcher

from twin.world.stores.additions import adds

CONFIRMED = ("sqs", "lambda", "firehose", "application", "sms")
# What was published and not delivered yet: plain data, emptied after each call.
OUTBOX: list[dict[str, Any]] = []
matcher_of_moto: Any = FilterPolicyMatcher
_subscribe = SNSBackend.subscribe


class Matcher(matcher_of_moto):  # type: ignore[misc]
    """A filter policy; moto compares small letters with the policy's, whatever their size."""

    def __init__(self, filter_policy: Any, filter_policy_scope: str | None = None) -> None:
        super().__init__(_lowered(filter_policy), filter_policy_scope)


def _lowered(policy: Any) -> Any:
    if isinstance(policy, list):
        return [_lowered(each) for each in policy]
    if not isinstance(policy, dict):
        return policy
    return {
        key: value.lower() if key == "equals-ignore-case" and isinstance(value, str) else _lowered(value)
        for key, value in policy.items()
    }


vars(models)["FilterPolicyMatcher"] = Matcher


@adds(SNSBackend)
def subscribe(backend: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
    """Subscribe an endpoint; one that somebody else may own waits for its confirmation."""
    known = backend._find_subscription(topic_arn, endpoint, protocol)
    made: Any = _subscribe(backend, topic_arn, endpoint, protocol)
    if known is None and protocol not in CONFIRMED:
        made.attributes |= {"PendingConfirmation": "true", "ConfirmationWasAuthenticated": "false"}
        made.topic.subscriptions_pending += 1
    elif known is None:
        made.topic.subscriptions_confimed += 1
    return made


@adds(Subscription)
def publish(subscription: Any, message: str, message_id: str, subject: str | None = None, **more: Any) -> None:
    """Hand a message to the world, unless the filter policy keeps it back or the endpoint has not confirmed."""
    attributes = more.get("message_attributes")
    matcher = subscription._filter_policy_matcher
    if is_pending(subscription) or (matcher is not None and not matcher.matches(attributes, message)):
        return
    if more.get("message_structure") == "json":
        message = subscription._parse_message_structure(message, subscription.protocol)
    account, region = subscription.topic.account_id, subscription.topic.sns_backend.region_name
    OUTBOX.append(
        {
            "account": account,
            "region": region,
            "subscription": subscription.arn,
            "message": message,
            "message_id": message_id,
            "subject": subject,
            "attributes": {name: dict(value) for name, value in (attributes or {}).items()},
            "group": more.get("group_id"),
            "deduplication": more.get("deduplication_id"),
        }
    )


def is_pending(subscription: Any) -> bool:
    """Tell whether an endpoint has still to confirm."""
    return bool(subscription.attributes.get("PendingConfirmation") == "true")


def serve_pem(request: Any, full_url: str, headers: Any) -> tuple[int, dict[str, str], bytes]:
    """Serve the certificate of what signs the messages."""
    from twin.world.signals.sns_messages import certificate, certificate_name

    if full_url.rpartition("/")[2] != certificate_name():
        return 404, {}, b""
    return 200, {"Content-Type": "application/x-pem-file"}, certificate()


urls.url_paths["{0}/SimpleNotificationService-(?P<pem_id>[^/]+).pem"] = serve_pem

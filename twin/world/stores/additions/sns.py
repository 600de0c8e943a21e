"""SNS: who must confirm a subscription does, and what is published is handed to the world, which delivers it."""

from typing import Any

from moto.sns import urls
from moto.sns.models import SNSBackend, Subscription

from twin.semantics.events.filter_policy import ATTRIBUTES, filter_matches
from twin.world.stores.additions import adds

CONFIRMED = ("sqs", "lambda", "firehose", "application", "sms")
# What was published and not delivered yet: plain data, emptied after each call.
OUTBOX: list[dict[str, Any]] = []
_subscribe = SNSBackend.subscribe


@adds(SNSBackend)
def _validate_filter_policy(backend: Any, value: Any, scope: str | None) -> None:
    """Take a filter policy, which was checked before it came here."""


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
    attributes, policy = more.get("message_attributes"), subscription._filter_policy
    scope = subscription.attributes.get("FilterPolicyScope") or ATTRIBUTES
    if is_pending(subscription) or (policy and not filter_matches(policy, scope, attributes or {}, message)):
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

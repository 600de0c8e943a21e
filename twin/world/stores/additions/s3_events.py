"""S3: how events name objects and what was done to them; moto encodes slashes, and tells EventBridge the event's kind.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from typing import Any
from urllib.parse import quote_plus

from moto.core.utils import unix_time
from moto.events.models import events_backends
from moto.events.utils import _BASE_EVENT_MESSAGE
from moto.moto_api._internal import mock_random
from moto.s3 import notifications

event_by_moto: Any = notifications._get_s3_event
REASONS = {
    "ObjectCreated:Put": "PutObject", "ObjectCreated:Post": "POST Object", "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload", "ObjectRemoved:Delete": "DeleteObject",
    "ObjectRemoved:DeleteMarkerCreated": "DeleteObject", "LifecycleExpiration:Delete": "Lifecycle Expiration",
    "LifecycleExpiration:DeleteMarkerCreated": "Lifecycle Expiration",
}  # fmt: skip


def _event(event_name: str, bucket: Any, key: Any, notification_id: str) -> Any:
    """Return an event that names its object as a form would, slashes as they are."""
    event = event_by_moto(event_name, bucket, key, notification_id)
    event["Records"][0]["s3"]["object"]["key"] = quote_plus(key.name, safe="/")
    return event


def _to_event_bridge(account_id: str, bucket: Any, event_name: str, key: Any) -> None:
    """Send an event to the default bus of the bucket's account, with the operation that was its reason."""
    kind = str(getattr(event_name, "value", event_name)).removeprefix("s3:")
    told = {
        "key": key.name,
        "size": key.size,
        "etag": key.etag.strip('"'),
        "sequencer": f"{mock_random.getrandbits(64):016X}",
    }
    if key.version_id and key.version_id != "null":
        told["version-id"] = key.version_id
    detail = {"version": "0", "bucket": {"name": bucket.name}, "object": told, "requester": account_id}
    detail["request-id"] = str(mock_random.uuid4())
    if kind in REASONS:
        detail["reason"] = REASONS[kind]
    event = _BASE_EVENT_MESSAGE | {
        "id": str(mock_random.uuid4()),
        "detail-type": notifications._detail_type(f"s3:{kind}"),
        "source": "aws.s3",
        "account": account_id,
        "time": unix_time(),
        "region": bucket.region_name,
        "resources": [bucket.arn],
        "detail": detail,
    }
    for rule in events_backends[account_id][bucket.region_name].event_buses["default"].rules.values():
        rule.send_to_targets(event, transform_input=False)


vars(notifications).update(_get_s3_event=_event, _send_event_bridge_message=_to_event_bridge)

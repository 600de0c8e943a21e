"""What S3 refuses about event notifications: it tries each destination when the bucket is told of it.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/how-to-enable-disable-notification-intro.html
"""

from typing import Any

from twin.semantics.iam.service_access import service_may
from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.elsewhere import ELSEWHERE

S3 = "s3.amazonaws.com"
UNREACHABLE = "Unable to validate the following destination configurations"
KINDS = (
    ("QueueConfigurations", "QueueArn", "sqs:SendMessage"),
    ("TopicConfigurations", "TopicArn", "sns:Publish"),
)


@refuses("s3", "PutBucketNotificationConfiguration")
def destinations_take_events(asked: Asked) -> None:
    """A queue or a topic is there, in the bucket's Region, and its policy lets S3 in for the bucket."""
    given = asked.parameters
    bucket = asked.state().buckets.get(given["Bucket"])
    if bucket is None or asked.headers.get("x-amz-skip-destination-validation", "").lower() == "true":
        return
    for kind, name, action in KINDS:
        for each in (given.get("NotificationConfiguration") or {}).get(kind) or ():
            if not _takes(bucket, str(each.get(name)), action):
                raise Refusal("InvalidArgument", UNREACHABLE)


def _takes(bucket: Any, arn: str, action: str) -> bool:
    from twin.world.stores.moto_store import backends

    parts = arn.split(":")
    if len(parts) < 6:
        return False
    service, region, account = parts[2:5]
    if service in ELSEWHERE:
        return True
    if service not in ("sqs", "sns") or account not in backends(service) or region != bucket.region_name:
        return False
    state = backends(service)[account][region]
    kept = state.queues.get(parts[5]) if service == "sqs" else state.topics.get(arn)
    return kept is not None and service_may(
        S3, action, arn, policy=kept.policy, source_arn=bucket.arn, owner=bucket.account_id
    )

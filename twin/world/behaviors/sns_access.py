"""How a service of AWS publishes to a topic: it must be there, and its policy and its key must let the service in."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.iam.service_access import key_takes, service_may
from twin.world.aws_errors import AwsError
from twin.world.scene import Scene
from twin.world.stores.kms_keys import ENABLED, Where, find_key, is_managed

NAMES = {"cloudwatch.amazonaws.com": "CloudWatch Alarms", "events.amazonaws.com": "EventBridge"}


def publish_as(scene: Scene, service: str, message: Mapping[str, Any], *, source_arn: str) -> None:
    """Publish as a service on behalf of `source_arn`; AwsError when the topic, its policy or its key refuse."""
    topic_arn = message["TopicArn"]
    region, owner = topic_arn.split(":")[3:5]
    wanted = source_arn.split(":")[3]
    if wanted and region != wanted:  # budgets and anomaly monitors are in no Region, and reach topics of all
        raise AwsError("InvalidParameter", f"Invalid parameter: TopicArn Reason: {region} is not {wanted}.")
    topic = scene.state("sns", owner, region).topics.get(topic_arn)
    if topic is None:
        raise AwsError("NotFound", "Topic does not exist", 404)
    if not service_may(service, "sns:Publish", topic_arn, policy=topic.policy, source_arn=source_arn):
        who = NAMES.get(service, service)
        raise AwsError(
            "AuthorizationError", f"{who} is not authorized to perform: SNS:Publish on resource: {topic_arn}", 403
        )
    check_key(service, topic.kms_master_key_id, Where(owner, region), source_arn=source_arn)
    scene.call("sns:Publish", message, account=owner, region=region, by=service)


def check_key(service: str, name: str | None, where: Where, *, source_arn: str) -> None:
    """Refuse what is encrypted with a key that does not let a service in; a key that AWS manages never does."""
    if not name:
        return
    key = None if is_managed(name) else find_key(name, where)
    if key is None or not key_takes(service, key.arn, policy=key.policy, source_arn=source_arn):
        raise AwsError(
            "KMSAccessDenied",
            "null (Service: AWSKMS; Status Code: 400; Error Code: AccessDeniedException; Request ID: null)",
        )
    if key.key_state != ENABLED:
        raise AwsError("KMSDisabled", f"{key.arn} is {key.key_state}.")

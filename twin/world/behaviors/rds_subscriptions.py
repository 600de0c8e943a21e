"""Subscriptions to the events of RDS are changed, and name sources and topics that are there."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene
from twin.world.stores.rds_replies import told

STORES = {
    "db-instance": "databases",
    "db-cluster": "clusters",
    "db-snapshot": "database_snapshots",
    "db-cluster-snapshot": "cluster_snapshots",
    "db-parameter-group": "db_parameter_groups",
}


@answers("rds", "CreateEventSubscription")
def create(asked: Asked, scene: Scene) -> None:
    """Refuse a subscription to sources or with a topic that are not there; the store makes the others."""
    wanted = asked.parameters
    _topic_is_there(asked, wanted.get("SnsTopicArn"))
    _sources_are_there(asked, wanted.get("SourceType"), wanted.get("SourceIds") or [])


@answers("rds", "ModifyEventSubscription")
def modify(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Change the topic, the type, the categories, or whether it delivers."""
    held, wanted = _named(asked), asked.parameters
    _topic_is_there(asked, wanted.get("SnsTopicArn"))
    held.sns_topic_arn = wanted.get("SnsTopicArn", held.sns_topic_arn)
    held.source_type = wanted.get("SourceType", held.source_type)
    held.event_categories = wanted.get("EventCategories", held.event_categories)
    held.enabled = wanted.get("Enabled", held.enabled)
    held.status = "active"
    return told("EventSubscription", held)


@answers("rds", "AddSourceIdentifierToSubscription")
def add_source(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Add a source."""
    held, source = _named(asked), asked.parameters["SourceIdentifier"]
    _sources_are_there(asked, held.source_type, [source])
    held.source_ids = [*[name for name in held.source_ids if name != source], source]
    return told("EventSubscription", held)


@answers("rds", "RemoveSourceIdentifierFromSubscription")
def remove_source(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take a source away."""
    held, source = _named(asked), asked.parameters["SourceIdentifier"]
    if source not in held.source_ids:
        raise AwsError("SourceNotFound", f"Source {source} is not part of the subscription.", 404)
    held.source_ids = [name for name in held.source_ids if name != source]
    return told("EventSubscription", held)


def _named(asked: Asked) -> Any:
    name = asked.parameters["SubscriptionName"]
    held = asked.state().event_subscriptions.get(name)
    if held is None:
        raise AwsError("SubscriptionNotFound", f"Subscription {name} not found.", 404)
    return held


def _topic_is_there(asked: Asked, arn: str | None) -> None:
    if arn is not None and arn not in asked.state("sns").topics:
        raise AwsError("SNSTopicArnNotFound", f"SNS topic {arn} does not exist.", 404)


def _sources_are_there(asked: Asked, source_type: str | None, sources: list[str]) -> None:
    if sources and not source_type:
        raise AwsError("InvalidParameterValue", "SourceType must be given with SourceIds.")
    held = getattr(asked.state(), STORES.get(source_type or "", ""), None)
    for name in sources:
        if held is not None and name not in held:
            raise AwsError("SourceNotFound", f"Source {name} was not found.", 404)

"""RDS tells what happens to databases: to DescribeEvents, to subscribed topics, and to EventBridge."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.behaviors.sns_access import publish_as
from twin.world.scene import Scene
from twin.world.stores.kms_keys import Where
from twin.world.stores.rds_instances import backend, where_is

PROVIDES = {"rds-events": "RDS tells failovers, reboots, backups and changes, and publishes them to subscribed topics"}
SERVICE = "events.rds.amazonaws.com"
GUIDE = "http://docs.amazonwebservices.com/AmazonRDS/latest/UserGuide/USER_Events.html"
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeEvents.html (assumed): an hour, 100.
DEFAULT_MINUTES, DEFAULT_RECORDS = 60, 100


@dataclass(frozen=True, slots=True)
class RdsEvent:
    """An event as RDS keeps it for fourteen days."""

    date: datetime
    source_type: str
    source_identifier: str
    source_arn: str
    categories: tuple[str, ...]
    message: str
    event_id: str


def tell(scene: Scene, held: Any, event_id: str, **values: str) -> None:
    """Tell an event of a DB instance, snapshot or cluster of the store, by its official id."""
    source_type = _source_type(held)
    category, message = facts()[source_type][event_id]
    event = RdsEvent(
        date=scene.now(),
        source_type=source_type,
        source_identifier=held.resource_id,
        source_arn=str(held.arn),
        categories=(category,),
        message=message.format(**values),
        event_id=event_id,
    )
    where = where_is(held)
    kept = backend(where).events
    kept.append(event)
    oldest = scene.now() - timedelta(days=facts()["kept_days"])
    while kept and kept[0].date < oldest:
        del kept[0]
    _publish(scene, event, where, held.tags)
    _to_eventbridge(scene, event, where)


def _publish(scene: Scene, event: RdsEvent, where: Where, tags: list[dict[str, str]]) -> None:
    for subscription in backend(where).event_subscriptions.values():
        if not _wanted(subscription, event):
            continue
        params = {
            "TopicArn": subscription.sns_topic_arn,
            "Subject": "RDS Notification Message",
            "Message": json.dumps(_notification(event, where, tags)),
            "MessageAttributes": {
                "EventID": {"DataType": "String", "StringValue": event.event_id},
                "Resource": {"DataType": "String", "StringValue": event.source_arn},
            },
        }
        try:
            publish_as(scene, SERVICE, params, source_arn=event.source_arn)
        except AwsError as refused:
            # The statuses that DescribeEventSubscriptions documents.
            subscription.status = "topic-not-exist" if refused.code == "NotFound" else "no-permission"


def _wanted(subscription: Any, event: RdsEvent) -> bool:
    if not subscription.enabled or subscription.status != "active":
        return False
    if subscription.source_type not in (None, "", event.source_type):
        return False
    if subscription.source_ids and event.source_identifier not in subscription.source_ids:
        return False
    return not subscription.event_categories or bool(set(subscription.event_categories) & set(event.categories))


def _notification(event: RdsEvent, where: Where, tags: list[dict[str, str]]) -> dict[str, Any]:
    console = f"https://console.aws.amazon.com/rds/home?region={where.region}"
    return {
        "Event Source": event.source_type,
        "Event Time": event.date.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3],
        "Identifier Link": f"{console}#{event.source_type.replace('-', '')}:id={event.source_identifier}",
        "Source ID": event.source_identifier,
        "Source ARN": event.source_arn,
        "Event ID": f"{GUIDE}#{event.event_id}",
        "Event Message": event.message,
        "Tags": {tag["Key"]: tag["Value"] for tag in tags},
    }


def _to_eventbridge(scene: Scene, event: RdsEvent, where: Where) -> None:
    detail_type, source_type = facts()["detail_types"][event.source_type]
    scene.emit(
        "aws.event",
        account=where.account,
        region=where.region,
        source="aws.rds",
        detail_type=detail_type,
        resources=[event.source_arn],
        detail={
            "EventCategories": list(event.categories),
            "SourceType": source_type,
            "SourceArn": event.source_arn,
            "Date": event.date.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z",
            "Message": event.message,
            "SourceIdentifier": event.source_identifier,
            "EventID": event.event_id,
        },
    )


@answers("rds", "DescribeEvents")
def describe_events(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the events of a span of time, oldest first, page by page."""
    wanted = asked.parameters
    if wanted.get("SourceIdentifier") and not wanted.get("SourceType"):
        raise AwsError("InvalidParameterCombination", "Cannot specify source identifier without source type")
    start, end = _span(wanted, scene.now())
    categories = set(wanted.get("EventCategories") or ())
    found = [
        event
        for event in asked.state().events
        if start <= event.date <= end
        and wanted.get("SourceType") in (None, event.source_type)
        and wanted.get("SourceIdentifier") in (None, event.source_identifier)
        and (not categories or categories & set(event.categories))
    ]
    return _page(found, wanted)


def _span(wanted: Mapping[str, Any], now: datetime) -> tuple[datetime, datetime]:
    start, end, minutes = wanted.get("StartTime"), wanted.get("EndTime"), wanted.get("Duration")
    oldest = now - timedelta(days=facts()["kept_days"])
    end = _utc(end) if end else now
    if start is not None and minutes is not None:
        raise AwsError("InvalidParameterCombination", "Cannot specify both StartTime and Duration")
    start = _utc(start) if start is not None else end - timedelta(minutes=int(minutes or DEFAULT_MINUTES))
    if start > end:
        raise AwsError("InvalidParameterCombination", "The specified start time is later than the end time")
    return max(start, oldest), end


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)


def _page(found: list[RdsEvent], wanted: Mapping[str, Any]) -> dict[str, Any]:
    size = int(wanted.get("MaxRecords") or DEFAULT_RECORDS)
    marker = str(wanted.get("Marker") or "0")
    if not marker.isdigit() or int(marker) > len(found):
        raise AwsError("InvalidParameterValue", "The specified marker is invalid")
    first = int(marker)
    told = [
        {
            "SourceIdentifier": event.source_identifier,
            "SourceType": event.source_type,
            "Message": event.message,
            "EventCategories": list(event.categories),
            "Date": event.date,
            "SourceArn": event.source_arn,
        }
        for event in found[first : first + size]
    ]
    more = first + size < len(found)
    return {"Events": told} | ({"Marker": str(first + size)} if more else {})


def _source_type(held: Any) -> str:
    return {"db": "db-instance", "snapshot": "db-snapshot", "cluster": "db-cluster"}[held.resource_type]


@cache
def facts() -> dict[str, Any]:
    """Return the events that RDS tells, by source type and id: category and message."""
    found: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "rds_events.json").read_text())
    return found

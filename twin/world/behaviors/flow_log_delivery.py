"""Brings flow log records to a log group, one stream per interface, or to a bucket, one file per flow log.

https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html and
https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3.html
"""

import gzip
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from twin.semantics.pricing.usage import Where
from twin.world.behaviors.flow_log_records import fields_of
from twin.world.behaviors.log_metric_filters import filter_events
from twin.world.behaviors.log_writers import Service, role_may
from twin.world.behaviors.metering import GIGABYTE, taken_in
from twin.world.ids import Ids
from twin.world.metering.held import Place
from twin.world.scene import Scene
from twin.world.stores.moto_store import find_bucket
from twin.world.trail.access import Writer

DENIED = "Access error"
"""As DescribeFlowLogs words it: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_FlowLog.html"""
WRITES = ("logs:CreateLogStream", "logs:PutLogEvents")


class Record(NamedTuple):
    """A line, the interface that it is about, and the second at which it ends."""

    interface: str
    end: int
    text: str


def deliver(scene: Scene, where: tuple[str, str], log: Any, *, records: Sequence[Record]) -> str | None:
    """Write the records to where a flow log leads; return why that could not be done."""
    if not records:
        return None
    if log.log_destination_type == "s3":
        return _to_bucket(scene, where, log, records=records)
    return _to_group(scene, where, log, records=records)


def _to_group(scene: Scene, where: tuple[str, str], log: Any, *, records: Sequence[Record]) -> str | None:
    account, region = where
    told = str(log.log_destination or "").removesuffix(":*")
    name = log.log_group_name or told.partition(":log-group:")[2]
    group, role = f"arn:aws:logs:{region}:{account}:log-group:{name}", str(log.deliver_logs_permission_arn or "")
    service = Service("vpc-flow-logs.amazonaws.com", f"arn:aws:ec2:{region}:{account}:vpc-flow-log/{log.id}", account)
    state = scene.state("logs", account, region)
    if name not in state.groups:
        if not role_may(scene, role, service, actions=("logs:CreateLogGroup",), resource=f"{group}:*"):
            return DENIED
        state.create_log_group(name, {})
    streams: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in records:
        streams[f"{one.interface}-{log.traffic_type.lower()}"].append((one.end * 1000, one.text))
    for stream, events in streams.items():
        if not role_may(scene, role, service, actions=WRITES, resource=f"{group}:log-stream:{stream}"):
            return DENIED
        if stream not in state.groups[name].streams:
            state.create_log_stream(name, stream)
        events.sort()
        state.put_log_events(name, stream, [{"timestamp": time, "message": text} for time, text in events])
        taken_in(scene, (account, region, name), [text for _, text in events], "VendedLog-Bytes")
        filter_events(scene, (account, region, name), events)
    return None


def _to_bucket(scene: Scene, where: tuple[str, str], log: Any, *, records: Sequence[Record]) -> str | None:
    account, region = where
    name, _, folder = str(log.log_destination).rpartition(":")[2].partition("/")
    from moto.moto_api._internal import mock_random

    bucket = find_bucket(name)
    key = _key(scene, where, log, folder=folder)
    writer = Writer(f"arn:aws:logs:{region}:{account}:*", account, "delivery.logs.amazonaws.com")
    if bucket is None or not writer.may_put(name, key, bucket.policy):
        return DENIED
    text = "\n".join([" ".join(fields_of(log.log_format) or ()), *(one.text for one in records)]) + "\n"
    body = gzip.compress(text.encode(), mtime=0)
    mock_random.seed(f"twin:{scene.seed}:flow-log:{key}")
    kept = scene.state("s3", bucket.account_id, "aws").put_object(name, key, body)
    kept.last_modified = scene.now().replace(tzinfo=None)
    kept.set_metadata({"Content-Type": "application/octet-stream"}, replace=True)
    place = Where(account, region, "cloudwatch", "S3-Egress-Bytes", name)
    scene.meter.count(place, len(text.encode()) / GIGABYTE, scene.now())
    scene.meter.touch_place(Place("s3", bucket.account_id, name), scene.now())
    return None


def _key(scene: Scene, where: tuple[str, str], log: Any, *, folder: str) -> str:
    """Return where a file goes that is written now; its time is that of five minutes in which it was begun."""
    account, region = where
    now = scene.now()
    time = now.replace(minute=now.minute // 5 * 5)
    unique = Ids(f"flow-log:{scene.seed}:{log.id}:{now.isoformat()}").word(8)
    prefix = f"{folder.strip('/')}/" if folder.strip("/") else ""
    name = f"{account}_vpcflowlogs_{region}_{log.id}_{time:%Y%m%dT%H%MZ}_{unique}.log.gz"
    return f"{prefix}AWSLogs/{account}/vpcflowlogs/{region}/{time:%Y/%m/%d}/{name}"

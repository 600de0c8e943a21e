"""The meter sees every call: it counts what is paid by the piece, and notes where holdings may have changed."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from twin.semantics.pricing.months import hours_in_month
from twin.semantics.pricing.usage import Where
from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens, watches, witnesses
from twin.world.metering.held import Place
from twin.world.metering.meter import HOUR
from twin.world.metering.readers.s3 import written
from twin.world.scene import Happening, Scene
from twin.world.stores.moto_store import backends, find_bucket
from twin.world.trail.evidence import Witnessed
from twin.world.trail.facts import data_type, read_only

PROVIDES = {"metering": "What costs is metered on the clock and priced by a dated book."}
GIGABYTE = 1024**3
EVENT_OVERHEAD = 26
"""Bytes that CloudWatch Logs counts per event: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html"""
READS = ("GetItem", "BatchGetItem", "Query", "Scan", "TransactGetItems")
WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems")
BY_CALL = {
    "kms": ("kms", "KMS-Requests"),
    "secretsmanager": ("secrets", "AWSSecretsManagerAPIRequest"),
    "sqs": ("sqs", "Requests-RBP"),
    "cloudwatch": ("cloudwatch", "CW:Requests"),
    "ce": ("cost-explorer", "APIRequest"),
}
GLOBAL = ("route53", "ce")
SIGNS_IN = ("InitiateAuth", "AdminInitiateAuth", "SignUp", "AdminCreateUser")
Count = tuple[str, str, float, str]


@witnesses
def call_seen(scene: Scene, entry: Witnessed, takers: list[Any]) -> None:
    """Count a call, and note what it may have changed."""
    now = scene.now()
    if entry.status < 400:
        if entry.service == "s3":
            _object_call(scene, entry, now)
        elif not read_only(entry.service, entry.operation):
            region = "aws" if entry.service in GLOBAL else entry.region
            scene.meter.touch(entry.service, entry.account, region=region, now=now)
    for service, usage, quantity, resource in _counted(scene, entry, takers):
        region = "global" if entry.service in GLOBAL else entry.region
        scene.meter.count(Where(entry.account, region, service, usage, resource), quantity, now)


def _counted(scene: Scene, entry: Witnessed, takers: list[Any]) -> Iterator[Count]:
    if entry.service in BY_CALL:
        yield (*BY_CALL[entry.service], 1, "")
    elif entry.service == "sns" and entry.operation in ("Publish", "PublishBatch"):
        yield "sns", "Requests-Tier1", 1, ""
    elif entry.service == "dynamodb" and entry.status < 400:
        # A unit per call: items of up to 1 KB are written, and up to 4 KB are read, for one.
        if entry.operation in READS:
            yield "dynamodb", "ReadRequestUnits", 1, ""
        elif entry.operation in WRITES:
            yield "dynamodb", "WriteRequestUnits", 1, ""
    yield from _recorded(entry, takers)
    if _watched(scene, entry) and data_type(entry.service, entry.operation) is None:
        yield "guardduty", "PaidEventsAnalyzed", 1, ""


def _recorded(entry: Witnessed, takers: list[Any]) -> Iterator[Count]:
    if not takers:
        return
    if data_type(entry.service, entry.operation) is not None:
        yield "cloudtrail", "DataEventsRecorded", len(takers), ""
        return
    yield "cloudtrail", "FreeEventsRecorded", 1, ""
    if len(takers) > 1:
        yield "cloudtrail", "PaidEventsRecorded", len(takers) - 1, ""


def _watched(scene: Scene, entry: Witnessed) -> bool:
    """Tell whether a GuardDuty detector of the account looks at the event, without making one's state."""
    held = scene.memory.get("metering.detectors", ())
    return (entry.account, entry.region) in held


@follows("guardduty", "CreateDetector", "UpdateDetector", "DeleteDetector")
def detector_changed(done: Done, scene: Scene) -> None:
    """Note where detectors are on."""
    place = (done.call.account, done.call.region)
    on = any(detector.enabled for detector in backends("guardduty")[place[0]][place[1]].detectors.values())
    held = scene.memory.setdefault("metering.detectors", set())
    (held.add if on else held.discard)(place)


def _object_call(scene: Scene, entry: Witnessed, now: datetime) -> None:
    name = _bucket_name(entry.url)
    bucket = find_bucket(name) if name else None
    owner = bucket.account_id if bucket is not None else entry.account
    if name and not entry.operation.startswith(("Get", "Head", "List")):
        place = Place("s3", owner, name)
        scene.meter.touch_place(place, now)
        if bucket is not None and bucket.rules:
            written(scene, place, bucket)
    if not entry.operation.startswith(("Delete", "Abort")):
        usage = "Requests-Tier2" if entry.operation.startswith(("Get", "Head", "Select")) else "Requests-Tier1"
        region = bucket.region_name if bucket is not None else entry.region
        scene.meter.count(Where(owner, region, "s3", usage, name), 1, now)


@lru_cache(1024)
def _bucket_name(url: str) -> str:
    parts = urlsplit(url)
    before, dot, _ = (parts.hostname or "").partition(".s3.")
    return before if dot and before else unquote(parts.path.lstrip("/").partition("/")[0])


@follows("logs", "PutLogEvents")
def logs_came(done: Done, scene: Scene) -> None:
    """Count the bytes that a log group takes in."""
    told = done.parameters
    place = (done.call.account, done.call.region, told["logGroupName"])
    taken_in(scene, place, [event["message"] for event in told.get("logEvents", ())])


def taken_in(
    scene: Scene, place: tuple[str, str, str], messages: list[str], usage: str = "DataProcessing-Bytes"
) -> None:  # fmt: skip
    """Count what a log group (account, Region, name) takes in, whoever brings it; logs of services have a usage."""
    size = sum(len(message.encode()) + EVENT_OVERHEAD for message in messages)
    where = Where(place[0], place[1], "cloudwatch", usage, place[2])
    scene.meter.count(where, size / GIGABYTE, scene.now())
    scene.meter.touch("logs", place[0], region=place[1], now=scene.now())


@follows("cloudwatch", "PutMetricData")
def metrics_came(done: Done, scene: Scene) -> None:
    """Count each custom metric once in an hour in which it has data."""
    told, now = done.parameters, scene.now()
    hour = str(int(now.timestamp()) // HOUR)
    for datum in told.get("MetricData") or ():
        dimensions = sorted((d["Name"], d["Value"]) for d in datum.get("Dimensions") or ())
        place = (done.call.account, done.call.region)
        if scene.meter.once("metric", hour, *place, told["Namespace"], datum["MetricName"], str(dimensions)):
            where = Where(*place, "cloudwatch", "CW:MetricMonitorUsage", told["Namespace"])
            scene.meter.count(where, 1 / hours_in_month(now), now)


@follows("events", "PutEvents")
def events_came(done: Done, scene: Scene) -> None:
    """Count a customer's own events; those of services are free."""
    where = Where(done.call.account, done.call.region, "events", "Event-64K-Chunks")
    scene.meter.count(where, len(done.parameters.get("Entries", ())), scene.now())


@follows("cognito-idp", *SIGNS_IN)
def user_active(done: Done, scene: Scene) -> None:
    """Count a user once in a month in which they sign up, sign in or are made."""
    told, now = done.parameters, scene.now()
    user = told.get("Username") or (told.get("AuthParameters") or {}).get("USERNAME")
    pool = told.get("UserPoolId") or told.get("ClientId") or ""
    if user and scene.meter.once("mau", f"{now:%Y-%m}", pool, user):
        where = Where(done.call.account, done.call.region, "cognito", "CognitoUserPools-EssentialsMAU", pool)
        scene.meter.count(where, 1, now)


@watches("config.items.recorded")
def items_recorded(scene: Scene, happening: Happening) -> None:
    """Count configuration items."""
    told = happening.facts
    where = Where(told["account"], told["region"], "config", "ConfigurationItemRecorded")
    scene.meter.count(where, len(told["resources"]), happening.time)


TRAFFIC: dict[str, tuple[str, str, Callable[[float], float]]] = {
    "internet": ("transfer", "DataTransfer-Out-Bytes", lambda n: n / GIGABYTE),
    "zones": ("ec2-other", "DataTransfer-Regional-Bytes", lambda n: n / GIGABYTE),
    "region": ("transfer", "AWS-Out-Bytes", lambda n: n / GIGABYTE),
    "nat": ("ec2-other", "NatGateway-Bytes", lambda n: n / GIGABYTE),
    "logs": ("cloudwatch", "DataProcessing-Bytes", lambda n: n / GIGABYTE),
    "endpoint": ("vpc", "VpcEndpoint-Bytes", lambda n: n / GIGABYTE),
    "lcu": ("elb", "LCUUsage:Application", float),
    "dns": ("route53", "DNS-Queries", float),
}


@watches("traffic.carried")
def traffic_carried(scene: Scene, happening: Happening) -> None:
    """Count what traffic tells: its `way`, one of those above, its `quantity` and `resource`.

    Quantities are bytes, LCU hours or queries.
    """
    told = happening.facts
    service, usage, convert = TRAFFIC[told["way"]]
    where = Where(told["account"], told["region"], service, usage, told.get("resource", ""))
    scene.meter.count(where, convert(told["quantity"]), happening.time)


@happens("metering.lifecycle")
def lifecycle_due(scene: Scene, *, place: Place) -> None:
    """Apply lifecycle rules on the day on which they come due, and read the bucket again."""
    from twin.world.due.s3_lifecycle import apply_rules

    apply_rules()
    scene.meter.read(scene, Place(*place), scene.now())

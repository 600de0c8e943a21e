"""Audit and detection: the trail, GuardDuty, AWS Config, and the log groups of the org's own."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import allow, document, trust
from twin.blueprints.names import bucket_arn, key_arn, log_group_name, told_alarms, trail_arn
from twin.resources.aws.cloudtrail import DataEvents, Selector, Trail
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.config import DeliveryChannel, Recorder
from twin.resources.aws.config_rule import Rule
from twin.resources.aws.guardduty import Detector
from twin.resources.aws.iam_attachment import Attachment
from twin.resources.aws.iam_role import Role
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.metric_filter import MetricFilter
from twin.resources.declaration import Path
from twin.spec.model.audit import AwsConfig, Watch
from twin.spec.model.audit import Trail as TrailIntent

PUBLISHING = {"15m": "FIFTEEN_MINUTES", "1h": "ONE_HOUR", "6h": "SIX_HOURS"}
RECORDING = "arn:aws:iam::aws:policy/service-role/AWS_ConfigRole"


def build(blueprint: Blueprint) -> None:
    """Declare what the audit section asks for, besides its messages."""
    audit = blueprint.org.audit
    if audit.trail:
        _trail(blueprint, audit.trail)
    if audit.guardduty:
        at: Path = ("audit", "guardduty")
        detector = Detector(enabled=audit.guardduty.enabled, publishing=PUBLISHING[audit.guardduty.publish_every])
        blueprint.add("main", detector, at, {"enabled": (*at, "enabled"), "publishing": (*at, "publish_every")})
    if audit.config:
        _config(blueprint, audit.config)
    for name, group in audit.log_groups.items():
        at = ("audit", "log_groups", name)
        log = LogGroup(
            name=log_group_name(blueprint, name), retention_days=group.retention.days, kms_key=key_arn(group.key)
        )
        places = {"name": (*at, "path"), "retention_days": (*at, "retention"), "kms_key": (*at, "key")}
        blueprint.add(name, log, at, places)


def _trail(blueprint: Blueprint, intent: TrailIntent) -> None:
    at: Path = ("audit", "trail")
    watched = [f"{bucket_arn(blueprint, bucket)}/" for bucket in intent.data_events]
    trail = Trail(
        name=blueprint.name("trail"),
        bucket=ref("aws.s3.bucket", intent.bucket),
        multi_region=intent.multi_region,
        global_events=True,
        log_validation=True,
        kms_key=key_arn(intent.key),
        selectors=[Selector(data=[DataEvents(values=watched)])] if watched else None,
        **(_trail_log(blueprint, intent) if intent.log_retention else {}),
    )
    places: dict[str, Path] = {"bucket": (*at, "bucket"), "multi_region": (*at, "multi_region")}
    blueprint.add("main", trail, at, {**places, "kms_key": (*at, "key"), "selectors": (*at, "data_events")})
    for name, watch in intent.watch.items():
        _watch(blueprint, name, watch)


def _watch(blueprint: Blueprint, name: str, intent: Watch) -> None:
    """Declare what counts matching records of the trail, and the alarm on their number."""
    at: Path = ("audit", "trail", "watch", name)
    counted = MetricFilter(
        name=blueprint.name(name),
        group=ref("aws.logs.group", "trail", "name"),
        pattern=intent.pattern,
        namespace=blueprint.name("trail"),
        metric=name,
    )
    blueprint.add(name, counted, at, {"pattern": (*at, "pattern")})
    alarm = Alarm(
        name=blueprint.name(name),
        description=f"More than {intent.above} records of the trail match {name}",
        namespace=counted.namespace,
        metric=name,
        statistic="Sum",
        period=int(intent.period.total_seconds()),
        threshold=intent.above,
        comparison="GreaterThanThreshold",
        treat_missing_data="notBreaching",
        alarm_actions=told_alarms(intent.notify, intent.page),
    )
    places: dict[str, Path] = {"threshold": (*at, "above"), "period": (*at, "period")}
    blueprint.add(f"trail-{name}", alarm, at, {**places, "alarm_actions": (*at, "notify")})


def _trail_log(blueprint: Blueprint, intent: TrailIntent) -> dict[str, str]:
    """Declare the log group that receives the records too, and the role that writes them."""
    at: Path = ("audit", "trail", "log_retention")
    group = LogGroup(
        name=f"/aws/cloudtrail/{blueprint.name('trail')}",
        retention_days=intent.log_retention.days if intent.log_retention else None,
        kms_key=key_arn(intent.key),
    )
    kept = blueprint.add("trail", group, at, {"retention_days": at})
    streams = blueprint.scope.arn("logs", f"log-group:{group.name}:log-stream:*")
    writing = document([allow(("logs:CreateLogStream", "logs:PutLogEvents"), streams)])
    ours = {"StringEquals": {"aws:SourceArn": trail_arn(blueprint)}}
    role = Role(
        name=blueprint.name("trail"),
        description="Writes the trail to its log group",
        trust=trust("cloudtrail.amazonaws.com", ours),
        inline={"write": writing},
    )
    writer = blueprint.add("trail", role, at)
    return {"log_group_arn": f"{kept.arn}:*", "log_role": writer.arn}


def _config(blueprint: Blueprint, intent: AwsConfig) -> None:
    at: Path = ("audit", "config")
    bucket = bucket_arn(blueprint, intent.bucket)
    folder = f"{bucket}/AWSLogs/{blueprint.scope.account}/Config/*"
    ours = {"StringEquals": {"aws:SourceAccount": blueprint.scope.account}}
    delivering = document(
        [
            allow("s3:PutObject", folder, when={"StringEquals": {"s3:x-amz-acl": "bucket-owner-full-control"}}),
            allow("s3:GetBucketAcl", bucket),
        ]
    )
    role = Role(
        name=blueprint.name("config"),
        description="Records what is configured",
        trust=trust("config.amazonaws.com", ours),
        inline={"deliver": delivering},
    )
    recorder_role = blueprint.add("config", role, at)
    blueprint.add("config", Attachment(role=recorder_role.id, policy=RECORDING), at)
    recorder = blueprint.add("main", Recorder(role=recorder_role.arn), at)
    channel = DeliveryChannel(recorder=recorder.id, bucket=ref("aws.s3.bucket", intent.bucket))
    blueprint.add("main", channel, at, {"bucket": (*at, "bucket")})
    for name, rule in intent.rules.items():
        place = (*at, "rules", name)
        managed = Rule(
            name=blueprint.name(name), identifier=rule.source, parameters=dict(rule.parameters), recorder=recorder.id
        )
        blueprint.add(name, managed, place, {"identifier": (*place, "source"), "parameters": (*place, "parameters")})

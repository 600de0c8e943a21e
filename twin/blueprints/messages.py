"""What is told to whom: topics with their subscriptions, alarms, event rules."""

from twin.blueprints.blueprint import Blueprint, ref
from twin.blueprints.documents import Document, allow, deny, document
from twin.blueprints.names import key_arn, paging_topic, queue_name, told_alarms
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.events import Rule, Target
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.declaration import Path
from twin.spec.model.audit import Alarm as AlarmIntent
from twin.spec.model.audit import Subscription as Receiver

PUBLISHERS = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"]
OF_ANOMALIES = "costalerts.amazonaws.com"
STATISTICS = {
    "average": "Average",
    "sum": "Sum",
    "minimum": "Minimum",
    "maximum": "Maximum",
    "sample_count": "SampleCount",
}
COMPARISONS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
MISSING = {"missing": "missing", "ignore": "ignore", "breaching": "breaching", "not_breaching": "notBreaching"}


def build(blueprint: Blueprint) -> None:
    """Declare topics, alarms and event rules."""
    audit = blueprint.org.audit
    for name, intent in audit.topics.items():
        at: Path = ("audit", "topics", name)
        own = blueprint.name(name)
        topic = Topic(name=own, kms_key=key_arn(intent.key), policy=topic_policy(blueprint, own))
        made = blueprint.add(name, topic, at, {"name": at})
        for index, receiver in enumerate(intent.subscriptions):
            _subscription(blueprint, made.arn, receiver, (*at, "subscriptions", index))
    for name, alarm in audit.alarms.items():
        _alarm(blueprint, name, alarm)
    for name in audit.events:
        _event(blueprint, name)


def publishers(blueprint: Blueprint) -> list[str]:
    """Return the services of AWS that publish to topics."""
    return sorted([*PUBLISHERS, *([OF_ANOMALIES] if blueprint.org.billing.anomalies else [])])


def topic_policy(blueprint: Blueprint, name: str) -> Document:
    """The account manages and publishes, its own alarms, rules and budgets publish, everybody over TLS."""
    arn, account = blueprint.scope.arn("sns", name), blueprint.scope.account
    ours = {"StringEquals": {"aws:SourceAccount": account}}
    root = blueprint.scope.arn("iam", "root", region="")
    return document(
        [
            allow("sns:Publish", arn, sid="Account", to={"AWS": root}),
            allow("sns:Publish", arn, sid="Publishers", to={"Service": publishers(blueprint)}, when=ours),
            deny("sns:Publish", arn, sid="TlsOnly", to="*", when={"Bool": {"aws:SecureTransport": "false"}}),
        ]
    )


def _subscription(blueprint: Blueprint, topic: str, receiver: Receiver, at: Path) -> None:
    label = f"{at[2]}-{at[-1]}"
    if receiver.https:
        help_ = "subscribe an e-mail address or a queue"
        blueprint.unsupported("a subscription whose address is a secret", (*at, "https"), help_)
    elif receiver.email:
        subscription = Subscription(topic=topic, protocol="email", endpoint=receiver.email)
        blueprint.add(label, subscription, at, {"endpoint": (*at, "email")})
    elif receiver.queue:
        endpoint = ref("aws.sqs.queue", receiver.queue, "arn")
        subscription = Subscription(topic=topic, protocol="sqs", endpoint=endpoint)
        blueprint.add(label, subscription, at, {"endpoint": (*at, "queue")})


def _alarm(blueprint: Blueprint, name: str, intent: AlarmIntent) -> None:
    at: Path = ("audit", "alarms", name)
    watched = dimensions_of(blueprint, intent.on) if intent.on else {}
    if watched is None:
        watched = {}
        message = f"`{intent.on}` has no metric dimensions of its own"
        blueprint.problem("TW0733", message, (*at, "on"), "write the dimensions under `dimensions`")
    alarm = Alarm(
        name=blueprint.name(name),
        namespace=intent.namespace,
        metric=intent.metric,
        dimensions={**watched, **intent.dimensions},
        statistic=STATISTICS[intent.statistic],
        period=int(intent.period.total_seconds()),
        evaluation_periods=intent.periods,
        threshold=intent.threshold,
        comparison=COMPARISONS[intent.comparison],
        treat_missing_data=MISSING[intent.missing],
        alarm_actions=told_alarms(intent.notify, intent.page),
        ok_actions=told_alarms(intent.notify, intent.page),
    )
    same = ("namespace", "metric", "dimensions", "statistic", "period", "threshold", "comparison")
    places = {field: (*at, field) for field in same}
    places |= {"evaluation_periods": (*at, "periods"), "alarm_actions": (*at, "notify")}
    blueprint.add(name, alarm, at, places)


def dimensions_of(blueprint: Blueprint, item: str) -> dict[str, str] | None:
    """Return the dimensions of an item's metrics; None when its kind has none that are known here."""
    section, _, key = item.rpartition(".")
    name = blueprint.name(key)
    found = {
        "compute": {
            "alb": {"LoadBalancer": ref("aws.elbv2.load_balancer", "alb", "suffix")},
            "eks": {"ClusterName": blueprint.name("eks")},
        }.get(key),
        "compute.databases": {"DBInstanceIdentifier": name},
        "compute.workers": {"AutoScalingGroupName": name},
        "data.tables": {"TableName": name},
        "dns.health_checks": {"HealthCheckId": ref("aws.route53.health_check", key)},
    }
    if section == "data.queues":
        return {"QueueName": queue_name(blueprint, key)}
    if section == "compute.databases" and blueprint.org.compute.databases[key].aurora:
        return {"DBClusterIdentifier": name}
    return found.get(section)


def _event(blueprint: Blueprint, name: str) -> None:
    intent = blueprint.org.audit.events[name]
    at: Path = ("audit", "events", name)
    named = (*intent.notify, *((paging_topic(intent.page, alarms=False),) if intent.page else ()))
    targets = [Target(id=f"topic-{topic}", arn=ref("aws.sns.topic", topic, "arn")) for topic in named]
    targets += [Target(id=f"queue-{queue}", arn=ref("aws.sqs.queue", queue, "arn")) for queue in intent.queues]
    pattern = intent.model_dump(mode="json")["pattern"]
    rule = Rule(name=blueprint.name(name), pattern=pattern, schedule=intent.schedule, targets=targets)
    places = {"pattern": (*at, "pattern"), "schedule": (*at, "schedule"), "targets": (*at, "notify")}
    blueprint.add(name, rule, at, places)

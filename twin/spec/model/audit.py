"""Audit, detection and alarms, and the backups."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

from pydantic import Field

from twin.spec.model.reference import Bucket, Item, Key, Queue, SecretSource, SeverityName, Topic
from twin.spec.model.section import Problem, Section, unheard
from twin.spec.model.values import Days, Duration, Email, Name, Schedule, Text


class Watch(Section):
    """What is looked for in the trail's records, and who hears when there is too much of it."""

    pattern: Text
    """A filter pattern of CloudWatch Logs, such as `{ $.eventName = "GetSecretValue" }`."""
    above: int = Field(default=0, ge=0)
    """How many matching records in one period are still nothing to tell."""
    period: Duration = timedelta(minutes=5)
    """The period in which they are counted; records come about five minutes late, and shorter ones may miss them."""
    notify: tuple[Topic, ...] = ()
    """Topics that hear of it."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""

    def problems(self) -> Iterator[Problem]:
        """Refuse to look for something that nobody hears of."""
        yield from unheard(self, "what is found reaches nobody", *self.notify)


class Trail(Section):
    """The CloudTrail trail."""

    bucket: Bucket
    """Where records go."""
    key: Key | None = None
    """The key that encrypts them."""
    multi_region: bool = True
    """Whether it covers all regions."""
    log_retention: Days | None = None
    """How long CloudWatch Logs keeps them too; not sent there when absent."""
    data_events: tuple[Bucket, ...] = ()
    """Buckets whose object reads and writes are recorded."""
    watch: dict[Name, Watch] = Field(default_factory=dict)
    """What is looked for in the records, by name; they must be kept in CloudWatch Logs too."""

    def problems(self) -> Iterator[Problem]:
        """Refuse to look for something in records that are not there."""
        if self.watch and not self.log_retention:
            message = "the trail's records are not sent to CloudWatch Logs, where `watch` would look for them"
            yield Problem("TW0214", ("watch",), message, "add `log_retention: 90d`")


class GuardDuty(Section):
    """Threat detection."""

    enabled: bool = True
    """Whether it runs."""
    publish_every: Literal["15m", "1h", "6h"] = "6h"
    """How often updated findings are published."""


class SecurityHub(Section):
    """One place for what GuardDuty, AWS Config and Access Analyzer find, and checks of its own."""

    standards: tuple[Literal["fsbp", "cis-1.2.0", "cis-1.4.0"], ...] = ("fsbp",)
    """The standards whose controls are checked: AWS's foundational best practices, or the CIS benchmarks."""


class ConfigRule(Section):
    """A compliance rule."""

    source: Text
    """The AWS managed rule's identifier, such as S3_BUCKET_VERSIONING_ENABLED."""
    parameters: dict[Text, Text] = Field(default_factory=dict)
    """The rule's parameters."""


class AwsConfig(Section):
    """Compliance monitoring."""

    bucket: Bucket
    """Where snapshots go."""
    rules: dict[Name, ConfigRule] = Field(default_factory=dict)
    """Rules by name."""


class LogGroup(Section):
    """A CloudWatch log group."""

    retention: Days
    """How long entries are kept."""
    key: Key | None = None
    """The key that encrypts it."""
    path: Text | None = None
    """Its name in CloudWatch, such as /app/orders; derived when absent."""


class Subscription(Section):
    """Who hears of a topic's messages."""

    email: Email | None = None
    """An e-mail address."""
    https: SecretSource | None = None
    """Where the address of an HTTPS receiver (a pager's integration URL) comes from. Not supported yet: refused."""
    queue: Queue | None = None
    """A queue of this spec."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a subscription without exactly one receiver."""
        if sum(value is not None for value in (self.email, self.https, self.queue)) != 1:
            yield Problem("TW0214", (), "a subscription has one of `email`, `https` and `queue`")


class TopicIntent(Section):
    """An SNS topic."""

    key: Key | None = None
    """The key that encrypts it."""
    subscriptions: tuple[Subscription, ...] = ()
    """Who hears of its messages."""


class Alarm(Section):
    """A CloudWatch alarm."""

    namespace: Text
    """The metric's namespace, such as AWS/RDS."""
    metric: Text
    """The metric's name."""
    on: Item | None = None
    """The item of this spec that is watched, which gives the dimensions."""
    dimensions: dict[Text, Text] = Field(default_factory=dict)
    """Dimensions, besides those of `on`."""
    statistic: Literal["average", "sum", "minimum", "maximum", "sample_count"] = "average"
    """How samples are combined."""
    comparison: Literal[">", ">=", "<", "<="] = ">"
    """How the metric is compared with the threshold."""
    threshold: float
    """The threshold."""
    period: Duration = timedelta(minutes=5)
    """The time over which samples are combined."""
    periods: int = Field(default=1, ge=1)
    """How many periods in a row must be over."""
    missing: Literal["missing", "ignore", "breaching", "not_breaching"] = "missing"
    """What periods without samples count as."""
    notify: tuple[Topic, ...] = ()
    """Topics that hear of it."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""


class EventRule(Section):
    """An EventBridge rule."""

    pattern: dict[Text, Any] | None = None
    """The event pattern."""
    schedule: Schedule | None = None
    """When it fires by itself."""
    notify: tuple[Topic, ...] = ()
    """Topics that receive events."""
    queues: tuple[Queue, ...] = ()
    """Queues that receive events."""
    page: SeverityName | None = None
    """The severity of `on_call` with which it pages."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a rule that never fires, or that nobody hears."""
        if (self.pattern is None) == (self.schedule is None):
            yield Problem("TW0214", (), "an event rule has either `pattern` or `schedule`")
        yield from unheard(self, "the rule's events reach nobody", *self.notify, *self.queues)


class Audit(Section):
    """What is recorded, detected and told."""

    trail: Trail | None = None
    """The record of API calls."""
    guardduty: GuardDuty | None = None
    """Threat detection."""
    security_hub: SecurityHub | None = None
    """One place for all findings."""
    config: AwsConfig | None = None
    """Compliance monitoring."""
    log_groups: dict[Name, LogGroup] = Field(default_factory=dict)
    """Log groups by name."""
    topics: dict[Name, TopicIntent] = Field(default_factory=dict)
    """Topics by name."""
    alarms: dict[Name, Alarm] = Field(default_factory=dict)
    """Alarms by name."""
    events: dict[Name, EventRule] = Field(default_factory=dict)
    """Event rules by name."""

    def problems(self) -> Iterator[Problem]:
        """Refuse standards whose controls nothing could check."""
        if self.security_hub and self.security_hub.standards and not self.config:
            message = "the controls of a standard are checked by rules of AWS Config, which the spec does not have"
            yield Problem("TW0214", ("security_hub",), message, "add `config: {bucket: …}`, or write `standards: []`")


class BackupPlan(Section):
    """When backups are made and how long they are kept."""

    schedule: Schedule
    """When, such as cron(0 3 * * ? *), in UTC."""
    retention: Days
    """How long a backup is kept."""
    cold_after: Days | None = None
    """When it moves to cold storage."""
    items: tuple[Item, ...] = Field(min_length=1)
    """What is backed up: databases, tables, buckets of this spec."""

    def problems(self) -> Iterator[Problem]:
        """Refuse a plan that AWS Backup would refuse."""
        if self.cold_after and self.retention < self.cold_after + timedelta(days=90):
            advice = "keep backups for at least 90d after they move to cold storage"
            yield Problem("TW0214", ("retention",), "`retention` ends too soon after `cold_after`", advice)


class Backup(Section):
    """Backups."""

    vault: Name
    """The vault's name."""
    key: Key | None = None
    """The key that encrypts it."""
    plans: dict[Name, BackupPlan] = Field(min_length=1)
    """Plans by name."""

"""Before anything is known the calls of these families fit the vendor's model, and their problems are explained."""

import re
from importlib.resources import files

import pytest
import yaml

from twin.address import Address
from twin.resources.aws.api import check
from twin.resources.aws.backup import Plan, Rule, Vault
from twin.resources.aws.backup_selection import Selection
from twin.resources.aws.budgets import Budget, Notification
from twin.resources.aws.cloudtrail import Selector, Trail
from twin.resources.aws.cloudwatch import Alarm
from twin.resources.aws.cognito import UserPool
from twin.resources.aws.cognito_client import Client
from twin.resources.aws.cognito_resource_server import ResourceServer
from twin.resources.aws.config import DeliveryChannel, Recorder
from twin.resources.aws.config_rule import Rule as ConfigRule
from twin.resources.aws.cost_anomalies import AnomalyMonitor, AnomalySubscription
from twin.resources.aws.dynamodb import Table
from twin.resources.aws.ecr import Repository
from twin.resources.aws.eks import Cluster
from twin.resources.aws.eks_node_group import NodeGroup
from twin.resources.aws.events import Rule as EventRule
from twin.resources.aws.events import Target
from twin.resources.aws.guardduty import Detector
from twin.resources.aws.iam_role import Role
from twin.resources.aws.limits import matches
from twin.resources.aws.logs import LogGroup
from twin.resources.aws.metric_filter import MetricFilter
from twin.resources.aws.rds import Instance, SubnetGroup
from twin.resources.aws.rds_cluster import Cluster as DatabaseCluster
from twin.resources.aws.rds_cluster_instance import ClusterInstance
from twin.resources.aws.rds_global_cluster import GlobalCluster
from twin.resources.aws.rds_replica import Replica
from twin.resources.aws.sns import Topic
from twin.resources.aws.sns_subscription import Subscription
from twin.resources.aws.sqs import Queue
from twin.resources.catalogue import catalogue, rank
from twin.resources.resource import Immutable, Observed, Peers, drain
from twin.resources.scope import Scope

SCOPE = Scope(org="acme", environment="test", account="123456789012")
ROLE, KEY, TOPIC = "${aws.iam.role.r.arn}", "${aws.kms.key.k.arn}", "${aws.sns.topic.t.arn}"
SUBNETS = ["${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"]
EXPIRE = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 10},
            "action": {"type": "expire"},
        }
    ]
}
SAMPLES = [
    AnomalyMonitor(name="services", tags={"team": "money"}),
    AnomalySubscription(
        name="pager", monitors=["${aws.ce.anomaly_monitor.m.arn}"], frequency="IMMEDIATE", topics=[TOPIC], above=50
    ),
    SubnetGroup(name="db", subnets=SUBNETS),
    Instance(
        name="app",
        engine="postgres",
        engine_version="17",
        instance_class="db.m7g.large",
        allocated_storage=100,
        username="app",
        kms_key=KEY,
        subnet_group="${aws.rds.subnet_group.db.id}",
        security_groups=["${aws.ec2.security_group.db.id}"],
    ),
    Replica(name="r", source="${aws.rds.instance.app.id}", instance_class="db.m7g.large", kms_key=KEY),
    DatabaseCluster(name="d", engine="aurora-postgresql", engine_version="17", username="app", kms_key=KEY),
    GlobalCluster(name="w", source="${aws.rds.cluster.d.arn}"),
    ClusterInstance(
        name="d-1", cluster="${aws.rds.cluster.d.id}", engine="aurora-postgresql", instance_class="db.r7g.large"
    ),
    Cluster(name="c", version="1.35", role=ROLE, subnets=SUBNETS, secrets_key=KEY, log_types=["api"]),
    NodeGroup(
        cluster="${aws.eks.cluster.c.id}",
        name="n",
        role=ROLE,
        subnets=SUBNETS,
        instance_types=["m7g.large"],
        min_size=1,
        desired_size=1,
        max_size=2,
    ),
    Repository(name="app", kms_key=KEY, lifecycle_policy=EXPIRE),
    Vault(name="main", kms_key=KEY),
    Plan(name="org", rules=[Rule(name="daily", vault="${aws.backup.vault.main.id}")]),
    Selection(plan="${aws.backup.plan.org.id}", name="all", role=ROLE, resources=["*"], with_tags={"a": "b"}),
    Queue(name="q", kms_key=KEY, dead_letter_queue="${aws.sqs.queue.d.arn}"),
    Table(name="orders", attributes={"id": "S"}, hash_key="id", kms_key=KEY, ttl_attribute="end"),
    UserPool(name="p", mfa="ON"),
    Client(pool="${aws.cognito.user_pool.p.id}", name="c"),
    ResourceServer(pool="${aws.cognito.user_pool.p.id}", identifier="api", name="api", scopes={"r": "R"}),
    Trail(
        name="org",
        bucket="${aws.s3.bucket.b.bucket}",
        kms_key=KEY,
        log_group_arn="${aws.logs.group.g.arn}:*",
        log_role=ROLE,
        selectors=[Selector()],
    ),
    Detector(features=["S3_DATA_EVENTS"]),
    Recorder(role=ROLE),
    DeliveryChannel(recorder="${aws.config.recorder.r.id}", bucket="${aws.s3.bucket.b.bucket}", topic=TOPIC),
    ConfigRule(name="r", identifier="ROOT_ACCOUNT_MFA_ENABLED", recorder="${aws.config.recorder.r.id}"),
    LogGroup(name="/app", retention_days=30, kms_key=KEY),
    MetricFilter(name="reads", group="/app", pattern="{ $.a = 1 }", namespace="acme", metric="reads"),
    Alarm(
        name="a",
        namespace="AWS/SQS",
        metric="NumberOfMessagesSent",
        statistic="Sum",
        period=60,
        threshold=1,
        comparison="GreaterThanThreshold",
        alarm_actions=[TOPIC],
    ),
    Topic(name="t", kms_key=KEY),
    Subscription(topic=TOPIC, protocol="sqs", endpoint="${aws.sqs.queue.q.arn}", filter_policy={"a": ["b"]}),
    EventRule(name="e", pattern={"source": ["aws.ec2"]}, targets=[Target(id="t", arn=TOPIC, role=ROLE)]),
    Budget(name="b", amount=10, notifications=[Notification(threshold=80, topics=[TOPIC])]),
]


class Echo(str):
    """A stand-in reply: every index gives itself."""

    def __getitem__(self, key):
        return self


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_calls_fit_the_model_before_references_are_known(sample):
    """Creation and update, run on stand-ins, make calls that botocore's models accept, and all outputs."""
    address = Address(sample.TYPE, "x")
    calls, outputs = drain(sample.create(SCOPE, address), Echo("?"))
    assert set(outputs) >= set(sample.OUTPUTS)
    fields = dict.fromkeys(type(sample).model_fields)
    observed = Observed("a/b", fields, dict.fromkeys(("id", "arn"), "arn:aws:service:us-east-1:123456789012:thing"))
    changed = frozenset(type(sample).model_fields) - sample.marked(Immutable)
    more, _ = drain(sample.update(SCOPE, address, observed, changed | {"owner"}), Echo("?"))
    assert calls
    assert [(str(call), check(call)) for call in (*calls, *more) if check(call)] == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_sound_resources_have_no_problems(sample):
    """What is well formed and only not known yet is not refused."""
    assert list(sample.check(Address(sample.TYPE, "x"), Peers({}, SCOPE))) == []


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.TYPE)
def test_few_calls_make_a_resource(sample):
    """At most three calls make any of them, and fifteen of these types take one."""
    calls, _ = drain(sample.create(SCOPE, Address(sample.TYPE, "x")), Echo("?"))
    assert len(calls) <= 3
    assert sum(len(drain(s.create(SCOPE, Address(s.TYPE, "x")), Echo("?"))[0]) == 1 for s in SAMPLES) >= 15


TRUSTED = {
    "aws.eks.cluster": ("eks.amazonaws.com", "role"),
    "aws.eks.node_group": ("ec2.amazonaws.com", "role"),
    "aws.backup.selection": ("backup.amazonaws.com", "role"),
    "aws.config.recorder": ("config.amazonaws.com", "role"),
    "aws.cloudtrail.trail": ("cloudtrail.amazonaws.com", "log_role"),
    "aws.events.rule": ("events.amazonaws.com", "targets"),
}


@pytest.mark.parametrize("sample", [s for s in SAMPLES if s.TYPE in TRUSTED], ids=lambda sample: sample.TYPE)
def test_role_trusts_the_service_that_assumes_it(sample):
    """The right service in the role's trust is fine, another one is not."""
    service, field = TRUSTED[sample.TYPE]

    def found(principal):
        allow = {"Effect": "Allow", "Principal": {"Service": principal}, "Action": "sts:AssumeRole"}
        role = Role(name="r", trust={"Version": "2012-10-17", "Statement": [allow]})
        peers = Peers({Address("aws.iam.role", "r"): role}, SCOPE)
        return [(p.code, p.field) for p in sample.check(Address(sample.TYPE, "x"), peers)]

    assert found(service) == []
    assert found("lambda.amazonaws.com") == [("TW0446", field)]


def test_every_type_is_in_the_catalogue_and_has_a_sample():
    """The types of these families are found by being there, in an order in which the referred come first."""
    families = (
        "rds eks ecr backup sqs dynamodb cognito cloudtrail guardduty config logs cloudwatch sns events budgets ce"
    )
    mine = {name for name in catalogue() if name.split(".")[0] == "aws" and name.split(".")[1] in families.split()}
    assert mine == {sample.TYPE for sample in SAMPLES}
    assert rank()["aws.sns.topic"] < rank()["aws.sns.subscription"]
    assert rank()["aws.config.recorder"] < rank()["aws.config.delivery_channel"]


def test_every_code_is_explained():
    """Each code that these families raise has a title and a text, and none is explained in vain."""
    folder = files("twin.resources.aws")
    used = set()
    for module in folder.iterdir():
        if module.name.endswith(".py"):
            used |= set(re.findall(r"TW04[7-9]\d", module.read_text(encoding="utf-8")))
    explained = yaml.safe_load((files("twin") / "codes" / "aws_services.yaml").read_text(encoding="utf-8"))
    assert used == set(explained)
    assert all(entry["title"] and entry["text"] for entry in explained.values())


@pytest.mark.parametrize("family", ["rds", "eks", "services", "config_rules"])
def test_every_fact_has_its_source(family):
    """A fact names the page it comes from and the day on which that was read, or says `assumed`."""
    entries = yaml.safe_load((files("twin.resources.aws") / "data" / f"{family}.yaml").read_text(encoding="utf-8"))
    for name, entry in entries.items():
        assert set(entry) == {"value", "source", "read"}, name
        assert entry["source"].startswith("https://docs.aws.amazon.com/"), name


@pytest.mark.parametrize(
    ("family", "fact", "taken", "refused"),
    [
        ("services", "ecr.name", ["a--b/c__d", "9.a"], ["a..b", "a___b", "-a", "a"]),
        ("services", "budgets.name", ["a/b"], ["a/action/b", "a:b"]),
        ("rds", "subnet_group.name", ["a b_c.d-1"], ["1a", "default", "_a"]),
    ],
)
def test_names_are_taken_as_the_model_has_them(family, fact, taken, refused):
    """A name that AWS takes is no problem, and one that it refuses is."""
    assert [name for name in (*taken, *refused) if list(matches(family, fact, name, "name"))] == refused


def test_versions_and_classes_that_rds_came_to_offer_are_taken():
    """A minor, a patch of extended support and a class that came later are no problem, one that is retired is."""

    def found(**fields):
        fields = {"engine": "postgres", "engine_version": "18.6", "instance_class": "db.r8gd.large", **fields}
        one = Instance(name="d", allocated_storage=20, username="app", **fields)
        return [p.code for p in one.check(Address(one.TYPE, "d"), Peers({}, SCOPE))]

    assert found() == found(engine_version="13.23-rds.20260514") == found(engine="db2-ce") == []
    assert found(engine_version="17.4") == ["TW0472"]
    assert found(instance_class="db.m3.large") == ["TW0471"]

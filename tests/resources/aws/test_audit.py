"""Trails, detectors, Config, budgets keep the resource contract on a real store."""

import pytest
from botocore.config import Config

from twin.address import Address
from twin.resources.aws.budgets import Budget, Notification
from twin.resources.aws.cloudtrail import DataEvents, Selector, Trail
from twin.resources.aws.config import DeliveryChannel, Recorder
from twin.resources.aws.config_rule import Rule
from twin.resources.aws.guardduty import Detector
from twin.resources.aws.s3 import Bucket
from twin.resources.resource import Immutable, Observed, Peers, drain
from twin.resources.scope import Scope
from twin.world.stores.additions import install


@pytest.fixture(autouse=True)
def _complete_store():
    """The store has the operations that moto lacks."""
    install()


ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/config"


def problems(resource, desired=None):
    """The codes and fields of what a check finds."""
    scope = Scope(org="acme", environment="test", account=ACCOUNT)
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, scope))]


@pytest.fixture
def bucket(bench):
    """A bucket that takes logs."""
    paths = Config(s3={"addressing_style": "path"})
    bench.aws.session.create_client("s3", config=paths).create_bucket(Bucket="acme-logs")
    return "acme-logs"


def test_trail_lives_and_dies(bench, bucket):
    """A trail is made and started, changed, stopped and deleted."""
    first = Trail(name="org-trail", bucket=bucket, prefix="trail", tags={"team": "a"})
    data = Selector(data=[DataEvents(values=["arn:aws:s3:::acme-data/"])])
    bench.lifecycle(
        "org",
        first,
        first.model_copy(update={"selectors": [data], "log_validation": False, "tags": {"tier": "b"}}),
        first.model_copy(update={"logging": False}),
    )


def test_trail_that_was_stopped_by_hand_differs(bench, bucket):
    """Somebody stops the trail: the reader sees it."""
    trail = Trail(name="org-trail", bucket=bucket)
    address = bench.create("org", trail)
    bench.aws.client("cloudtrail").stop_logging(Name="org-trail")
    assert bench.differences(address, trail) == {"logging": (True, False)}


def test_detector_lives_and_dies(bench):
    """A detector is made with protection plans, changed and deleted."""
    bench.lifecycle(
        "main",
        Detector(features=["S3_DATA_EVENTS", "RUNTIME_MONITORING"], tags={"team": "a"}),
        Detector(features=["S3_DATA_EVENTS"], publishing="ONE_HOUR", tags={"team": "a"}),
        Detector(enabled=False, tags={"tier": "b"}),
    )


def test_recorder_and_channel_live_and_die(bench, bucket):
    """A recorder starts with its channel, changes in place, stops with it."""
    recorder = Recorder(role=ROLE)
    address = bench.create("main", recorder)
    assert bench.differences(address, recorder) == {}
    channel = {"recorder": "${aws.config.recorder.main.id}", "bucket": bucket}
    bench.lifecycle(
        "main",
        DeliveryChannel(**channel),
        DeliveryChannel(**channel, prefix="config", snapshots="Six_Hours"),
        DeliveryChannel(**channel, recording=False),
        DeliveryChannel(**channel),
    )
    narrow = Recorder(role=ROLE, resource_types=["AWS::S3::Bucket"], global_types=False)
    before = bench.observe(address, narrow)
    bench.run(narrow.update(bench.scope, address, before, frozenset(bench.differences(address, narrow))))
    assert bench.differences(address, narrow) == {}
    bench.delete(address, recorder)


def test_config_rule_lives_and_dies(bench):
    """A managed rule is made with parameters, changed and deleted."""
    first = Rule(
        name="keys",
        identifier="ACCESS_KEYS_ROTATED",
        parameters={"maxAccessKeyAge": "90"},
        frequency="TwentyFour_Hours",
        tags={"team": "a"},
    )
    bench.lifecycle(
        "keys", first, first.model_copy(update={"parameters": {"maxAccessKeyAge": "30"}, "tags": {"tier": "b"}})
    )


def notification(**fields):
    """A sound notification with some fields other."""
    return Notification(**{"threshold": 80, "emails": ["b@example.com", "a@example.com"], **fields})


def test_budget_owns_its_notifications(bench):
    """A budget is made with notifications; the amount, a threshold and the subscribers change; it is deleted."""
    topic = f"arn:aws:sns:us-east-1:{ACCOUNT}:alerts"
    bench.lifecycle(
        "monthly",
        Budget(name="monthly", amount=1000, notifications=[notification(), notification(threshold=100)]),
        Budget(name="monthly", amount=1500.5, notifications=[notification(), notification(threshold=90)]),
        Budget(name="monthly", amount=1500.5, notifications=[notification(emails=[], topics=[topic])]),
    )


def test_rogue_subscriber_of_a_budget_is_drift(bench):
    """Somebody takes another address into a notification: the reader sees it."""
    budget = Budget(name="monthly", amount=10, notifications=[notification()])
    address = bench.create("monthly", budget)
    rogue = Notification(threshold=50, emails=["eve@example.com"])
    observed = bench.observe(address, budget)
    more = budget.model_copy(update={"notifications": [notification(), rogue]})
    bench.run(more.update(bench.scope, address, observed, frozenset({"notifications"})))
    assert list(bench.differences(address, budget)) == ["notifications"]


def delivers(action, resource, effect="Allow", service="cloudtrail.amazonaws.com"):
    """A statement of a bucket policy."""
    return {"Effect": effect, "Principal": {"Service": service}, "Action": action, "Resource": resource}


ACL = delivers("s3:GetBucketAcl", "arn:aws:s3:::acme-logs")
PUT = delivers("s3:PutObject", f"arn:aws:s3:::acme-logs/trail/AWSLogs/{ACCOUNT}/*")


@pytest.mark.parametrize(
    ("statements", "found"),
    [
        ([ACL, PUT], 0),
        ([ACL, delivers("s3:Put*", "arn:aws:s3:::acme-logs/*")], 0),
        ([ACL], 1),
        ([PUT], 1),
        ([], 2),
        ([ACL, delivers("s3:PutObject", f"arn:aws:s3:::acme-logs/AWSLogs/{ACCOUNT}/*")], 1),
        ([ACL, delivers("s3:PutObject", "arn:aws:s3:::other/*")], 1),
        ([ACL, delivers("s3:PutObject", "arn:aws:s3:::acme-logs/*", service="config.amazonaws.com")], 1),
        ([ACL, delivers("s3:PutObject", "arn:aws:s3:::acme-logs/*", effect="Deny")], 1),
    ],
)
def test_trail_bucket_lets_cloudtrail_in(statements, found):
    """The bucket's policy names CloudTrail for the ACL and for objects under the trail's prefix."""
    policy = {"Version": "2012-10-17", "Statement": statements} if statements else {}
    desired = {Address("aws.s3.bucket", "logs"): Bucket(bucket="acme-logs", policy=policy)}
    trail = Trail(name="org-trail", bucket="${aws.s3.bucket.logs.bucket}", prefix="trail")
    assert problems(trail, desired) == [("TW0480", "bucket")] * found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"name": "t"}, [("TW0485", "name")]),
        ({"name": "10.0.0.1"}, [("TW0485", "name")]),
        ({"log_role": ROLE}, [("TW0494", "log_group_arn")]),
        ({"global_events": False}, [("TW0494", "global_events")]),
        ({"selectors": [Selector()] * 6}, [("TW0489", "selectors")]),
    ],
)
def test_trail_constraints(fields, found):
    """What CloudTrail refuses of a trail is found; what it takes is not."""
    assert problems(Trail(**{"name": "org-trail", "bucket": "elsewhere", **fields})) == found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"identifier": "ROOT_ACCOUNT_MFA_ENABLED"}, []),
        ({"identifier": "root-account-mfa-enabled"}, [("TW0487", "identifier")]),
        ({"identifier": "ACCESS_KEYS_ROTATED"}, [("TW0487", "parameters")]),
        ({"identifier": "ROOT_ACCOUNT_MFA_ENABLED", "parameters": {"days": "1"}}, [("TW0487", "parameters")]),
    ],
)
def test_config_rule_constraints(fields, found):
    """AWS has the rule, and the rule has the parameters."""
    assert problems(Rule(name="r", **fields)) == found


@pytest.mark.parametrize(
    "one",
    [Detector(), Recorder(role=ROLE), DeliveryChannel(recorder="default", bucket="b")],
    ids=lambda one: one.TYPE,
)
def test_singletons_exist_once(one):
    """The second of a kind that a Region has once is found, and the first is not blamed."""
    first, second = Address(one.TYPE, "a"), Address(one.TYPE, "b")
    peers = Peers({first: one, second: one}, Scope(org="a", environment="b"))
    assert [p.code for p in one.check(first, peers)] == []
    assert [p.code for p in one.check(second, peers)] == ["TW0495"]


def test_detector_and_recorder_constraints():
    """An unknown protection plan, and IAM's types without all others, are refused."""
    assert problems(Detector(features=["MAGIC"])) == [("TW0481", "features")]
    assert problems(Detector(features=["AI_PROTECTION"])) == []
    assert problems(Recorder(role=ROLE, resource_types=["AWS::S3::Bucket"])) == [("TW0494", "global_types")]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"name": "a:b"}, [("TW0485", "name")]),
        ({"amount": 0}, [("TW0475", "amount")]),
        ({"unit": "EUR"}, [("TW0481", "unit")]),
        ({"name": "a/action/b"}, [("TW0485", "name")]),
        ({"notifications": [notification(threshold=t) for t in range(10)]}, []),
        ({"notifications": [notification(threshold=t) for t in range(11)]}, [("TW0489", "notifications")]),
        (
            {"notifications": [notification(emails=[f"{i}@example.com" for i in range(11)])]},
            [("TW0489", "notifications")],
        ),
        ({"notifications": [notification(topics=["arn:1", "arn:2"])]}, [("TW0489", "notifications")]),
        ({"notifications": [notification(emails=[])]}, [("TW0494", "notifications")]),
        ({"notifications": [notification(emails=["ops"])]}, [("TW0485", "notifications")]),
        ({"notifications": [notification(), notification(emails=["c@example.com"])]}, [("TW0494", "notifications")]),
    ],
)
def test_budget_constraints(fields, found):
    """What AWS Budgets refuses is found; what it takes is not."""
    assert problems(Budget(**{"name": "b", "amount": 10, **fields})) == found


def test_budget_has_a_known_time_unit():
    """The time unit is one of four, refused as the spec is read."""
    with pytest.raises(ValueError, match="time_unit"):
        Budget(name="b", amount=1, time_unit="WEEKLY")


def test_budget_of_costs_becomes_one_of_usage_in_place():
    """All of a budget but its name is changed by UpdateBudget."""
    usage, observed = Budget(name="b", amount=10, kind="USAGE", unit="GB"), Observed("b", {}, {"id": "b"})
    scope = Scope(org="acme", environment="test", account=ACCOUNT)
    calls, _ = drain(usage.update(scope, Address(Budget.TYPE, "b"), observed, frozenset({"kind", "unit"})), {})
    assert [(str(c), c.params["NewBudget"]["BudgetType"]) for c in calls] == [("budgets:UpdateBudget", "USAGE")]
    assert Budget.marked(Immutable) == {"name"}

"""Cost anomalies go through the applier, and whom they tell is followed: made, mended when changed, gone at the end."""

import json
from pathlib import Path

import pytest
from rig import SCOPE

from twin.analysis.channels import broken_links
from twin.analysis.plan.case import Case
from twin.analysis.plan.planned import Planned
from twin.analysis.proofs import proofs
from twin.blueprints.compile import compile_spec
from twin.observe.channels import read_channels
from twin.resources.call import aws
from twin.spec.load import parse

MONITOR, SUBSCRIPTION = "aws.ce.anomaly_monitor", "aws.ce.anomaly_subscription"
TRUST = {
    "Effect": "Allow",
    "Principal": {"Service": "costalerts.amazonaws.com"},
    "Action": "sns:Publish",
    "Resource": "*",
}
TOPIC = "${aws.sns.topic.money.arn}"


def spec(*, policy=TRUST, subscribed=True, **more):
    """A monitor whose anomalies a topic hears of, and somebody by its e-mail."""
    told = {"name": "pager", "monitors": [f"${{{MONITOR}.costs.arn}}"], "frequency": "IMMEDIATE", "above": 50}
    document = {"policy": {"Version": "2012-10-17", "Statement": [policy]}} if policy else {}
    resources = {
        MONITOR: {"costs": {"name": "costs", "tags": {"team": "money"}}},
        "aws.sns.topic": {"money": {"name": "money", **document}},
        "aws.sns.subscription": {"ops": {"topic": TOPIC, "protocol": "email", "endpoint": "ops@acme.example"}},
    }
    resources |= {SUBSCRIPTION: {"pager": told | {"topics": [TOPIC]} | more}} if subscribed else {}
    base = {"version": 1, "org": {"name": "acme", "domain": "acme.example", "contact": "ops@acme.example"}}
    base |= {
        "aws": {"account": SCOPE.account, "alias": "acme-test", "region": "us-east-1"},
        "environments": {"test": {}},
    }
    return parse(json.dumps(base | {"resources": resources}).encode(), Path("org.yaml"), "test", environ={})


def wanted(**more):
    """What it wants."""
    return compile_spec(spec(**more))[0]


def test_both_are_made_with_their_owner(built):
    """The subscription names the monitor and the topic, and tells from fifty dollars on."""
    (monitor,) = built.ask("ce", "GetAnomalyMonitors")["AnomalyMonitors"]
    (told,) = built.ask("ce", "GetAnomalySubscriptions")["AnomalySubscriptions"]
    assert (told["MonitorArnList"], told["Frequency"]) == ([monitor["MonitorArn"]], "IMMEDIATE")
    assert told["ThresholdExpression"]["Dimensions"]["Values"] == ["50"]
    tags = built.ask("ce", "ListTagsForResource", ResourceArn=told["SubscriptionArn"])["ResourceTags"]
    assert {"Key": "twin:address", "Value": f"{SUBSCRIPTION}.pager"} in tags


def test_what_somebody_changed_is_put_right(built):
    """Another threshold, another name and a tag that was taken off are mended."""
    (monitor,) = built.ask("ce", "GetAnomalyMonitors")["AnomalyMonitors"]
    (told,) = built.ask("ce", "GetAnomalySubscriptions")["AnomalySubscriptions"]
    built.ask("ce", "UpdateAnomalySubscription", SubscriptionArn=told["SubscriptionArn"], Threshold=5000)
    built.ask("ce", "UpdateAnomalyMonitor", MonitorArn=monitor["MonitorArn"], MonitorName="renamed")
    built.ask("ce", "UntagResource", ResourceArn=monitor["MonitorArn"], ResourceTagKeys=["team"])
    pending = built.pending(wanted())
    assert pending == {f"{MONITOR}.costs": "update", f"{SUBSCRIPTION}.pager": "update"}
    built.build(wanted())
    (monitor,) = built.ask("ce", "GetAnomalyMonitors")["AnomalyMonitors"]
    assert monitor["MonitorName"] == "costs"


def rules(rig):
    """The broken links of what is read back, but for the confirmation that an e-mail waits for."""

    def read(operation, params, region):
        service, _, name = operation.partition(":")
        return rig.aws.execute(aws(service, name, params, region=region))

    links = broken_links(read_channels(read, ["us-east-1"], SCOPE.account), rig.world.agenda.now())
    return {one.rule for one in links}


def test_a_topic_that_stops_trusting_is_told_of_the_org_that_stands(built):
    """As long as it trusts, the only broken link is the confirmation that nobody gave."""
    assert rules(built) == {"channel-reaches-nobody", "channel-unconfirmed"}
    built.build(wanted(policy={**TRUST, "Principal": {"Service": "budgets.amazonaws.com"}}))
    assert rules(built) == {"channel-reaches-nobody", "channel-refused"}
    built.build(wanted())


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, set()),
        ({"topics": [], "emails": ["ops@acme.example"], "frequency": "DAILY", "policy": None}, set()),
        ({"policy": None}, {("TW1029", "aws.sns.topic.money"), ("TW1020", f"{MONITOR}.costs")}),
        ({"subscribed": False}, {("TW1021", f"{MONITOR}.costs"), ("TW1020", f"{MONITOR}.costs")}),
    ],
)
def test_who_hears_of_anomalies_is_followed_to_a_person(more, expected):
    """Through the subscription to an address or a topic, whose policy has to name Cost Anomaly Detection."""
    case = Case(Planned(*compile_spec(spec(**more))))
    assert {(one.rule, one.address) for one in proofs()["channels"](case)} == expected


def test_all_is_gone_when_it_is_destroyed(built):
    """Nothing of ours stays."""
    assert built.destroy(wanted()).good
    assert built.ask("ce", "GetAnomalyMonitors")["AnomalyMonitors"] == []
    assert built.ask("ce", "GetAnomalySubscriptions")["AnomalySubscriptions"] == []

"""Broken links on the way to a person, found in what is read back, each with the mend that makes it whole."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "world"))
sys.path.insert(0, str(Path(__file__).parents[1] / "world" / "saas" / "pagerduty"))
from mounted import Clients
from pagerduty_client import PagerDutyClient, Shop

from twin.analysis.channels import broken_links
from twin.clock import VirtualClock
from twin.observe.channels import read_channels
from twin.world.world import World

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ACCOUNT = "123456789012"
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:pages"
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT}:alarm:errors"
REGIONS = ("us-east-1", "eu-west-1")


class Org:
    """An alarm, a topic and a service of PagerDuty, whole until a link is broken."""

    def __init__(self):
        self.clock = VirtualClock(NOW)
        self.world = World(7, self.clock, accounts=(ACCOUNT,))
        self.clients = Clients(self.world)
        self.call = PagerDutyClient(self.world)
        self.shop = Shop(self.call, self.clock)
        self.url = self.call.integration(self.shop.service, "aws_cloudwatch")["integration_url"]
        self.clients("sns").create_topic(Name="pages")

    def subscribe(self, url=None, **attributes):
        """Subscribe an address and let PagerDuty confirm."""
        told = {"TopicArn": TOPIC, "Protocol": "https", "Endpoint": url or self.url, "Attributes": attributes}
        self.clients("sns").subscribe(**told)
        self.clock.advance(5)

    def alarm(self, region="us-east-1", **more):
        """Watch for errors."""
        told = {"AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
        told |= {"EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}
        self.clients("cloudwatch", region=region).put_metric_alarm(**told | {"AlarmActions": [TOPIC]} | more)

    def change(self, kind, key, body):
        """Change a record of PagerDuty."""
        self.call("PUT", f"/{kind}s/{key}", {kind: body})

    def findings(self, **more):
        """Read the org back through its endpoints and follow its channels."""

        def aws(operation, params, region):
            service, _, name = operation.partition(":")
            client = self.clients(service, region=region)
            method = "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")
            return getattr(client, method)(**params)

        channels = read_channels(aws, REGIONS, ACCOUNT, lambda path: self.call("GET", path))
        return broken_links(channels, self.clock.now(), **more)

    def rules(self, **more):
        """Return the rules of what was found."""
        return [one.rule for one in self.findings(**more)]


@pytest.fixture
def org():
    """An org without subscription and alarm."""
    made = Org()
    yield made
    made.world.close()


def test_a_whole_channel_has_no_finding(org):
    """Alarm, topic, confirmed subscription, service, policy and a reachable person: nothing is amiss."""
    org.subscribe()
    org.alarm()
    assert org.findings() == []


def no_action(org):
    """Let the alarm tell nobody."""
    org.alarm(AlarmActions=[])


def muted(org):
    """Disable the alarm's actions."""
    org.alarm(ActionsEnabled=False)


def elsewhere(org):
    """Watch in another Region than the topic is in."""
    org.clients("cloudwatch").delete_alarms(AlarmNames=["errors"])
    org.alarm(region="eu-west-1")


def no_topic(org):
    """Delete the topic, and its subscriptions with it."""
    org.clients("sns").delete_topic(TopicArn=TOPIC)


def disabled(org):
    """Disable the service."""
    org.change("service", org.shop.service["id"], {"status": "disabled"})


def low(org):
    """Make the service of low urgency."""
    rule = {"incident_urgency_rule": {"type": "constant", "urgency": "low"}}
    org.change("service", org.shop.service["id"], rule)


def maintained(org):
    """Maintain the service for a day."""
    window = {"start_time": "2026-03-01T12:00:00Z", "end_time": "2026-03-02T12:00:00Z"}
    window["services"] = [{"id": org.shop.service["id"], "type": "service_reference"}]
    org.call("POST", "/maintenance_windows", {"maintenance_window": window}, expect=201)


def nobody(org):
    """Put the service on a policy whose schedule has not begun."""
    later = org.call.schedule(org.shop.ada, start="2027-01-01T00:00:00Z")
    policy = org.call.policy(later, name="Later")
    org.change("service", org.shop.service["id"], {"escalation_policy": {"id": policy["id"]}})


def unreachable(org):
    """Take all contact methods away."""
    for user in (org.shop.ada, org.shop.bob):
        for method in org.call("GET", f"/users/{user['id']}/contact_methods")["contact_methods"]:
            org.call("DELETE", f"/users/{user['id']}/contact_methods/{method['id']}", expect=204)


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (no_action, "channel-without-action"),
        (muted, "channel-muted"),
        (elsewhere, "channel-other-region"),
        (no_topic, "channel-topic-missing"),
        (disabled, "channel-service-disabled"),
        (low, "channel-low-urgency"),
        (maintained, "channel-in-maintenance"),
        (nobody, "channel-nobody-on-call"),
        (unreachable, "channel-unreachable"),
    ],
)
def test_a_broken_link_is_found_with_its_mend(org, broken, rule):
    """The link is named, and the alarm is said to reach nobody because of it."""
    org.subscribe()
    org.alarm()
    broken(org)
    nobody_, link = org.findings()
    assert (nobody_.rule, nobody_.severity, link.rule) == ("channel-reaches-nobody", "high", rule)
    assert nobody_.mend == link.mend != ""
    assert nobody_.witness == (link.message,)
    assert nobody_.about[0].endswith(":alarm:errors")


@pytest.mark.parametrize(
    ("attributes", "url", "rule"),
    [
        ({}, f"https://events.pagerduty.com/integration/{'0' * 32}/enqueue", "channel-unconfirmed"),
        ({"RawMessageDelivery": "true"}, None, "channel-raw"),
        ({"FilterPolicy": json.dumps({"severity": ["critical"]})}, None, "channel-filtered"),
        (
            {"FilterPolicy": json.dumps({"State": ["ALARM"]}), "FilterPolicyScope": "MessageBody"},
            None,
            "channel-filtered",
        ),
        (
            {"FilterPolicy": json.dumps({"NewStateValue": ["OK"]}), "FilterPolicyScope": "MessageBody"},
            None,
            "channel-filtered",
        ),
    ],
)
def test_a_subscription_that_lets_nothing_through_is_found(org, attributes, url, rule):
    """Unconfirmed, raw, or filtered by what alarms do not have."""
    org.subscribe(url, **attributes)
    org.alarm()
    assert org.rules() == ["channel-reaches-nobody", rule]


def test_a_filter_that_alarms_pass_is_no_finding(org):
    """The same filter on the field that alarms have."""
    org.subscribe(FilterPolicy=json.dumps({"NewStateValue": ["ALARM"]}), FilterPolicyScope="MessageBody")
    org.alarm()
    assert org.findings() == []


def test_a_queue_is_nobody_unless_somebody_reads_it(org):
    """A queue on the topic makes no person; one that people read does."""
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:pager"
    org.clients("sqs").create_queue(QueueName="pager")
    org.clients("sns").subscribe(TopicArn=TOPIC, Protocol="sqs", Endpoint=arn)
    org.alarm()
    assert org.rules() == ["channel-reaches-nobody"]
    assert org.rules(read_by_people=[arn]) == []


def test_an_event_does_not_pass_an_integration_for_alarms(org):
    """PagerDuty's CloudWatch integration drops what is no alarm; mail reaches somebody."""
    org.subscribe()
    trust = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish",
        "Resource": "*",
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    org.clients("sns").set_topic_attributes(TopicArn=TOPIC, AttributeName="Policy", AttributeValue=policy)
    events = org.clients("events")
    events.put_rule(Name="findings", EventPattern=json.dumps({"source": ["aws.guardduty"]}))
    events.put_targets(Rule="findings", Targets=[{"Id": "1", "Arn": TOPIC}])
    assert org.rules() == ["channel-reaches-nobody", "channel-not-an-alarm"]


def test_a_gap_in_the_week_is_told_though_somebody_is_on_call_now(org):
    """By day somebody comes, and the finding says that by night nobody does."""
    day = {"type": "daily_restriction", "start_time_of_day": "09:00:00", "duration_seconds": 8 * 3600}
    policy = org.call.policy(org.call.schedule(org.shop.ada, restrictions=[day]), name="Days")
    org.change("service", org.shop.service["id"], {"escalation_policy": {"id": policy["id"]}})
    org.subscribe()
    org.alarm()
    (finding,) = org.findings()
    assert (finding.rule, finding.about) == ("channel-gap-on-call", (policy["id"],))
    assert "for 112 h of 168 h" in finding.message

"""From a metric to a person: alarm, topic, subscription, PagerDuty incident, notification; and each link broken."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent / "saas" / "pagerduty"))
from pagerduty_client import EVENTS, PagerDutyClient, Shop

TOPIC = "arn:aws:sns:us-east-1:123456789012:pages"


class Chain:
    """An alarm on a metric of ours, a topic, and PagerDuty's CloudWatch integration behind it."""

    def __init__(self, world, clients, clock):
        self.world, self.clock = world, clock
        self.call = PagerDutyClient(world)
        self.shop = Shop(self.call, clock)
        made = self.call.integration(self.shop.service, "aws_cloudwatch")
        self.url = made["integration_url"]
        self.sns, self.cloudwatch = clients("sns"), clients("cloudwatch")
        self.sns.create_topic(Name="pages")

    def subscribe(self, url=None, **attributes):
        """Subscribe an address and let PagerDuty confirm."""
        self.sns.subscribe(TopicArn=TOPIC, Protocol="https", Endpoint=url or self.url, Attributes=attributes)
        self.clock.advance(5)

    def alarm(self, **more):
        """Watch for errors."""
        told = {"AlarmName": "errors", "Namespace": "Shop", "MetricName": "Errors", "Statistic": "Sum", "Period": 60}
        told |= {"EvaluationPeriods": 1, "Threshold": 5, "ComparisonOperator": "GreaterThanThreshold"}
        told |= {"AlarmActions": [TOPIC], "OKActions": [TOPIC], "TreatMissingData": "notBreaching"}
        self.cloudwatch.put_metric_alarm(**told | more)

    def trouble(self, value=50.0):
        """Count errors, and let a few minutes pass."""
        self.cloudwatch.put_metric_data(Namespace="Shop", MetricData=[{"MetricName": "Errors", "Value": value}])
        self.clock.advance(180)
        self.world.settle()

    def kinds(self):
        """Return the kinds of what happened."""
        return [one.kind for one in self.world.scene.happenings]


@pytest.fixture
def chain(world, clients, clock):
    """A chain whose links are not joined yet."""
    return Chain(world, clients, clock)


def test_an_alarm_wakes_the_person_on_call_and_its_end_resolves_the_incident(chain):
    """The alarm opens an incident that is Ada's; when the metric is well again the incident is resolved."""
    chain.subscribe()
    (kept,) = chain.sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert kept["SubscriptionArn"].startswith(TOPIC)
    chain.alarm()
    chain.trouble()
    incidents = [one for status in (["triggered"], ["resolved"]) for one in chain.call.incidents(*status)]
    assert [one["title"] for one in incidents] == ['ALARM: "errors" in US East (N. Virginia)']
    told = [one.facts for one in chain.world.scene.happenings if one.kind == "pagerduty.incident.notified"]
    assert [one["email"] for one in told] == ["ada@acme.example"]
    chain.clock.advance(600)
    chain.world.settle()
    assert (chain.call.incidents("triggered"), len(chain.call.incidents("resolved"))) == ([], 1)


def test_the_chain_breaks_without_an_action(chain):
    """An alarm that tells nobody goes off in silence."""
    chain.subscribe()
    chain.alarm(AlarmActions=[])
    chain.trouble()
    assert "cloudwatch.alarm.changed" in chain.kinds()
    assert "pagerduty.incident.notified" not in chain.kinds()


def test_the_chain_breaks_before_the_confirmation(chain):
    """A key that is nobody's is refused, so the subscription stays pending and gets nothing."""
    chain.subscribe(f"{EVENTS}/integration/{'0' * 32}/enqueue")
    chain.alarm()
    chain.trouble()
    (kept,) = chain.sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert kept["SubscriptionArn"] == "PendingConfirmation"
    assert "pagerduty.incident.triggered" not in chain.kinds()


def test_the_chain_breaks_by_a_filter_on_what_alarms_do_not_have(chain):
    """CloudWatch sets no message attributes, so a filter on one lets nothing through."""
    chain.subscribe(FilterPolicy=json.dumps({"severity": ["critical"]}))
    chain.alarm()
    chain.trouble()
    assert "pagerduty.incident.triggered" not in chain.kinds()


def test_a_filter_on_the_body_lets_alarms_through(chain):
    """The same filter on a field that the message has does not break the chain."""
    chain.subscribe(FilterPolicy=json.dumps({"NewStateValue": ["ALARM"]}), FilterPolicyScope="MessageBody")
    chain.alarm()
    chain.trouble()
    assert "pagerduty.incident.triggered" in chain.kinds()


def test_the_chain_breaks_where_the_topic_is_in_another_region(chain, clients):
    """An alarm cannot reach a topic of another Region."""
    chain.subscribe()
    elsewhere = clients("cloudwatch", region="eu-west-1")
    chain.cloudwatch = elsewhere
    chain.alarm()
    chain.trouble()
    assert "cloudwatch.alarm.changed" in chain.kinds()
    assert "pagerduty.incident.triggered" not in chain.kinds()


def test_the_chain_breaks_at_a_disabled_service(chain):
    """The message is taken and nobody hears of it."""
    chain.subscribe()
    chain.call("PUT", f"/services/{chain.shop.service['id']}", {"service": {"status": "disabled"}})
    chain.alarm()
    chain.trouble()
    assert "pagerduty.event.dropped" in chain.kinds()
    assert "pagerduty.incident.triggered" not in chain.kinds()


def test_raw_delivery_breaks_the_chain(chain):
    """Without SNS's envelope there is no subject by which PagerDuty knows an alarm."""
    chain.subscribe(RawMessageDelivery="true")
    chain.alarm()
    chain.trouble()
    assert "sns.delivered" in chain.kinds()
    assert "pagerduty.incident.triggered" not in chain.kinds()


def test_events_of_any_form_come_by_their_own_way(chain):
    """An Events API integration's address takes what the one for alarms drops; the keys are told apart."""
    key = chain.call.integration(chain.shop.service)["integration_key"]
    chain.subscribe(f"{EVENTS}/x-ere/{key}")
    (kept,) = chain.sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]
    assert kept["SubscriptionArn"].startswith(TOPIC)
    event = {"detail-type": "Config Rules Compliance Change", "detail": {}}
    for message, subject in ((json.dumps(event), None), ("You have spent it all", "AWS Budgets"), ("plain", None)):
        chain.sns.publish(TopicArn=TOPIC, Message=message, **({"Subject": subject} if subject else {}))
    chain.clock.advance(60)
    chain.world.settle()
    titles = sorted(one["title"] for one in chain.call.incidents("triggered"))
    assert titles == ["AWS Budgets", "Config Rules Compliance Change", "plain"]
    chain.subscribe(f"{EVENTS}/x-ere/{chain.url.split('/')[-2]}")
    arns = [one["SubscriptionArn"] for one in chain.sns.list_subscriptions_by_topic(TopicArn=TOPIC)["Subscriptions"]]
    assert arns[1:] == ["PendingConfirmation"]

"""The proofs follow a severity to the people on call: the bundled spec is whole, and each broken link is told."""

import json
from pathlib import Path

import pytest

from twin.analysis.plan.case import Case
from twin.analysis.plan.planned import Planned
from twin.analysis.proofs import proofs
from twin.blueprints.compile import compile_spec
from twin.spec.document import compose
from twin.spec.load import load

SPEC = Path(__file__).parents[2] / "specs" / "on-call-org.yaml"
WATCH = "aws.cloudwatch.alarm.trail-secrets-read"
NOBODYS = f"https://events.pagerduty.com/integration/{'0' * 32}/enqueue"
CRITICAL = {WATCH, "aws.cloudwatch.alarm.charges-month"}
EVENING = {"rotations": [{"people": ["ada"], "hours": "18:00-22:00"}]}


def told(patch=None):
    """What the proofs of channels and paging say of the spec with a patch, as rule and address."""
    root = compose(json.dumps(patch).encode(), "patch").root if patch else None
    case = Case(Planned(*compile_spec(load(SPEC, environ={}, patch=root))))
    return {(one.rule, one.address) for name in ("channels", "paging") for one in proofs()[name](case)}


def overridden(address, **said):
    """A patch that lays something onto one resource."""
    return {"overrides": {address: said}}


def quiet(**said):
    """A patch that adds a downtime of Datadog."""
    return {"observability": {"datadog": {"downtimes": {"test": {**said, "says": "We test"}}}}}


def test_everything_that_notices_trouble_has_a_way_to_a_person():
    """Nothing is said but that the service for what can wait wakes nobody, which is meant."""
    assert told() == {("TW1028", "pagerduty.service.costs")}


@pytest.mark.parametrize("said", [{"page": "critical"}, {"notify": ["ops@rowan.example"]}])
def test_unusual_costs_find_a_person(said):
    """By the severity's topic and its key, which let Cost Anomaly Detection in, or by an address."""
    assert told({"billing": {"anomalies": {"above": 50, **said}}}) == told()


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        (
            overridden("aws.sns.subscription.page-critical", absent=True),
            {("TW1023", "aws.sns.topic.page-critical"), *(("TW1020", one) for one in CRITICAL)},
        ),
        (
            overridden("aws.sns.subscription.page-critical", fields={"endpoint": NOBODYS}),
            {("TW1023", "aws.sns.subscription.page-critical"), *(("TW1020", one) for one in CRITICAL)},
        ),
        (
            overridden("aws.sns.subscription.page-critical", fields={"raw": True}),
            {("TW1024", "aws.sns.subscription.page-critical"), *(("TW1020", one) for one in CRITICAL)},
        ),
        (
            overridden("aws.sns.subscription.page-critical", fields={"filter_policy": {"severity": ["critical"]}}),
            {("TW1024", "aws.sns.subscription.page-critical"), *(("TW1020", one) for one in CRITICAL)},
        ),
        (overridden(WATCH, fields={"actions_enabled": False}), {("TW1021", WATCH), ("TW1020", WATCH)}),
        (
            {"observability": {"datadog": {"monitors": {"job-errors": {"muted": True}}}}},
            {("TW1021", "datadog.monitor.job-errors")},
        ),
        (quiet(scope="*"), {("TW1021", "datadog.downtime.test")}),
        (quiet(scope="*", monitor="job-errors"), {("TW1021", "datadog.downtime.test")}),
        (quiet(scope="*", monitor_tags=["service:jobs"]), {("TW1021", "datadog.downtime.test")}),
        (quiet(scope="service:jobs", start="2027-01-01T00:00:00Z"), {("TW1021", "datadog.downtime.test")}),
        (quiet(scope="*", end="2027-01-01T00:00:00Z"), set()),
        (quiet(scope="env:test AND service:jobs"), set()),
        (quiet(scope="*", monitor_tags=["service:shop"]), set()),
        (
            {"on_call": {"services": {"platform": {"disabled": True}}}},
            {("TW1028", "pagerduty.service.platform"),
             *(("TW1020", one) for one in (*CRITICAL, "aws.events.rule.findings", "aws.events.rule.grave"))},
        ),
        (
            {"on_call": {"schedules": {"first": EVENING}}},
            {("TW1028", "pagerduty.escalation_policy.office")},
        ),
    ],
)  # fmt: skip
def test_a_link_that_is_broken_is_told_with_what_it_cuts_off(patch, expected):
    """The link and each source behind it, and no source that has another way."""
    assert told(patch) - told() == expected


def test_the_two_ways_into_pagerduty_are_told_apart():
    """Alarms come by the one for alarms, and an event that came by it would be dropped there."""
    patch = overridden("aws.events.rule.findings", fields={
        "targets": [{"id": "x", "arn": "${aws.sns.topic.page-critical.arn}"}]})  # fmt: skip
    assert told(patch) - told() == {("TW1024", "aws.events.rule.findings"), ("TW1020", "aws.events.rule.findings")}

"""Findings of Security Hub: a rule needs a hub, and a hub a rule; a detector is heard through either."""

import pytest
from plans import found

DETECTOR = {"aws.guardduty.detector": {"main": {}}}
HUB = {"aws.securityhub.hub": {"main": {}}}


def rule(source):
    """A rule on a service's findings, which a queue elsewhere takes."""
    target = {"id": "q", "arn": "arn:aws:sqs:us-east-1:111122223333:somewhere"}
    return {"aws.events.rule": {"heard": {"name": "heard", "pattern": {"source": [source]}, "targets": [target]}}}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        (HUB, [("TW1027", "note", "aws.securityhub.hub.main")]),
        (HUB | rule("aws.securityhub"), []),
        (rule("aws.securityhub"), [("TW1026", "error", "aws.events.rule.heard")]),
        (DETECTOR | HUB | rule("aws.securityhub"), []),
        (DETECTOR | HUB | rule("aws.guardduty"), [("TW1027", "note", "aws.securityhub.hub.main")]),
        (DETECTOR, [("TW1027", "note", "aws.guardduty.detector.main")]),
    ],
)
def test_findings_need_somebody_who_hears_of_them(resources, expected):
    """What is on and unheard is told, and so is a rule on what is not on."""
    assert found("blind_watchers", resources) == expected

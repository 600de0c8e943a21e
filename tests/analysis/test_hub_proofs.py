"""Findings of Security Hub: a rule needs a hub, and a hub a rule; a detector is heard through either."""

import pytest
from plans import found

DETECTOR = {"aws.guardduty.detector": {"main": {}}}
HUB = {"aws.securityhub.hub": {"main": {}}}


def rule(*sources, **more):
    """A rule on services' findings, which a queue elsewhere takes."""
    target = {"id": "q", "arn": "arn:aws:sqs:us-east-1:111122223333:somewhere"}
    pattern = {"source": list(sources), **more} if sources else more
    return {"aws.events.rule": {"heard": {"name": "heard", "pattern": pattern, "targets": [target]}}}


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


@pytest.mark.parametrize(
    ("heard", "expected"),
    [
        (rule({"prefix": "aws.guard"}), True),
        (rule({"prefix": "aws.sec"}), False),
        (rule("aws.ec2", {"prefix": "x"}), False),
        (rule({"anything-but": "aws.ec2"}), True),
        (rule({"anything-but": ["aws.guardduty"]}), False),
        (rule({"wildcard": "aws.*duty"}), True),
        (rule(**{"detail-type": ["GuardDuty Finding"]}), True),
        (rule("aws.guardduty", **{"detail-type": ["GuardDuty Malware Protection Object Scan Result"]}), False),
        (rule(**{"$or": [{"source": ["aws.ec2"]}, {"source": [{"suffix": "duty"}], "detail": {"id": ["1"]}}]}), True),
        (rule(**{"$or": [{"source": ["aws.ec2"]}, {"source": ["aws.iam"]}]}), False),
    ],
)
def test_a_rule_hears_by_its_matchers(heard, expected):
    """A source is matched as EventBridge matches it, not sought by its name."""
    told = found("blind_watchers", DETECTOR | heard)
    assert (("TW1027", "note", "aws.guardduty.detector.main") not in told) is expected


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("aws.guardduty", "GuardDuty Runtime Protection Unhealthy"),
        ("aws.guardduty", "AWS Network Activity Event via CloudTrail"),
        ("aws.securityhub", "Security Hub Standard Results"),
        ("aws.access-analyzer", "Internal Access Finding"),
        ("aws.cloudwatch", "CloudWatch Alarm Contributor State Change"),
    ],
)
def test_rule_on_any_event_that_its_service_documents_is_no_mistake(source, kind):
    """A detail type that EventBridge's pages list passes, the same with a letter missing does not."""
    right, wrong = (
        found("blind_watchers", DETECTOR | HUB | rule(source, **{"detail-type": [name]})) for name in (kind, kind[:-1])
    )
    assert ["TW1026" in (code for code, *_ in told) for told in (right, wrong)] == [False, True]

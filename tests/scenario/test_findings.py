"""What tells of a scenario is what its file documents: nothing is missing, and nothing else is raised."""

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError
from small_org import small_org

from twin.scenario.actors import kinds
from twin.scenario.calm import ATTACKERS
from twin.scenario.document import Scenario, load, vary
from twin.scenario.findings import Findings
from twin.scenario.fork import in_forks
from twin.scenario.rehearsal import attempt

SCENARIOS = sorted((Path(__file__).parents[2] / "scenarios").glob("*.yaml"))
OPENED = "guardduty Policy:S3/BucketBlockPublicAccessDisabled"
MONEY = ("C1", "C2", "C3")
COUNTED = ("F1", "F4", "F8")
"""Whose customers' answers ring an alarm of the org."""
SECURITY = ("guardduty", "securityhub", "access-analyzer", "okta", "anomaly", "reader")
SCENARIO = """
id: T2
title: Somebody lets a bucket be opened, and the detector finds it
spec: none.yaml
duration: 1h
setup:
  detector: {call: "guardduty:CreateDetector", with: {Enable: true}}
  bucket: {call: "s3:CreateBucket", with: {Bucket: till}}
  closed:
    call: s3:PutPublicAccessBlock
    with:
      Bucket: till
      PublicAccessBlockConfiguration:
        {BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true}
  user: {call: "iam:CreateUser", with: {UserName: mallory}}
  rights:
    call: iam:PutUserPolicy
    with:
      UserName: mallory
      PolicyName: all
      PolicyDocument: '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}'
  key: {call: "iam:CreateAccessKey", with: {UserName: mallory}, save: {stolen: AccessKey}}
begin: 1m
runbook: {opens: {call: "s3:DeletePublicAccessBlock", as: stolen, with: {Bucket: till}}}
findings:
  raised: {"guardduty Policy:S3/BucketBlockPublicAccessDisabled": its guard is taken off}
expect: {it-is-done: {figure: runbook.completed, equals: true}}
variants:
  blind: {title: There is no detector, patch: {setup: {detector: null}, findings: {silent: {alarm: there is none}}}}
  unwatched: {title: Nobody says what must tell, patch: {setup: {detector: null}}}
  undocumented: {title: What tells is not in the file, patch: {findings: {raised: null}}}
  after-own-hand:
    title: The last finding was about the stage's own hand when a call of somebody else meets a rule
    patch:
      setup:
        trailed: {call: "s3:CreateBucket", with: {Bucket: trailed}}
        lets-in:
          call: s3:PutBucketPolicy
          with:
            Bucket: trailed
            Policy: >-
              {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*",
              "Principal": {"Service": "cloudtrail.amazonaws.com"},
              "Resource": ["arn:aws:s3:::trailed", "arn:aws:s3:::trailed/*"]}}
        trail: {call: "cloudtrail:CreateTrail", with: {Name: all, S3BucketName: trailed}}
        logs: {call: "cloudtrail:StartLogging", with: {Name: all}}
        queue:
          call: sqs:CreateQueue
          with:
            QueueName: told
            Attributes:
              Policy: >-
                {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:SendMessage",
                "Principal": {"Service": "events.amazonaws.com"}, "Resource": "*"}}
          save: {queue: QueueUrl}
        rule:
          call: events:PutRule
          with: {Name: buckets, EventPattern: '{"detail": {"eventName": ["PutBucketTagging"]}}'}
        of-queue:
          call: sqs:GetQueueAttributes
          with: {QueueUrl: "${queue}", AttributeNames: [QueueArn]}
          save: {told: Attributes.QueueArn}
        target: {call: "events:PutTargets", with: {Rule: buckets, Targets: [{Id: q, Arn: "${told}"}]}}
      runbook:
        opens: null
        waits: {wait: 20m}
        tags: {call: "s3:PutBucketTagging", as: stolen, with: {Bucket: till, Tagging: {TagSet: [{Key: a, Value: b}]}}}
      findings:
        raised: {"guardduty Policy:S3/BucketBlockPublicAccessDisabled": null, rule buckets: its tags are changed}
  own-hand: {title: The stage's own hand does it, patch: {runbook: {opens: {as: null}}, findings: {raised: null}}}
"""


@pytest.fixture(scope="module")
def results():
    """What came of the scenario and of each variant, each on a copy of one small org."""
    values, made = yaml.safe_load(SCENARIO), small_org()
    whole = Scenario.model_validate(values)
    runs = {None: whole} | {name: vary(values, whole, name) for name in whole.variants}
    found = in_forks([lambda one=one, name=name: attempt(one, name, made) for name, one in runs.items()])
    yield dict(zip(runs, found, strict=True))
    made.world.close()


def test_what_tells_is_what_the_file_documents(results):
    """The one finding is there, and what GuardDuty says of root, who built the org, is none of the scenario's."""
    assert (results[None].verdict, results[None].figures["findings.raised"]) == ("PASS", [OPENED])


def test_without_its_detector_a_finding_is_missing_and_the_run_fails(results):
    """A variant is held to it where its patch says so, and only there."""
    assert (results["blind"].verdict, results["unwatched"].verdict) == ("FAIL", "PASS")
    assert f"what-tells-of-it: '{OPENED} is missing'" in results["blind"].reason


def test_what_nobody_documented_fails_the_run(results):
    """What is raised is compared as a whole."""
    assert f"{OPENED} is not documented" in results["undocumented"].reason
    assert (results["own-hand"].verdict, results["own-hand"].figures["findings.raised"]) == ("PASS", [])


def test_a_rule_that_a_call_meets_is_told_after_a_finding_about_the_stage(results):
    """What is left out is what came of that finding, and not all that rules take until another event."""
    assert results["after-own-hand"].figures["findings.raised"] == ["rule buckets"], results["after-own-hand"].reason
    assert results["after-own-hand"].verdict == "PASS"


def test_a_source_that_is_silent_is_expected_to_raise_nothing():
    """A file that says both is wrong, as is one with a source that nobody knows."""
    for wrong in (
        {"raised": {"alarm a": ""}, "silent": {"alarm": ""}},
        {"raised": {"horn a": ""}},
        {"logged": {"sns a": ""}},
    ):
        with pytest.raises(ValidationError):
            Findings.model_validate(wrong)
    told = Findings(raised={"alarm a": ""}, perhaps={"rule r": ""}, logged={"okta e": ""})
    assert told.amiss(["alarm a", "rule r"], ["okta e", "okta f"]) == []
    assert told.amiss([], []) == ["alarm a is missing", "okta e is in no log"]


@pytest.fixture(scope="module")
def catalogue():
    """Every scenario of the catalogue."""
    assert kinds()
    return {scenario.id: scenario for scenario, _ in map(load, SCENARIOS)}


def test_every_scenario_says_what_tells_of_it(catalogue):
    """Every attack is told of, or says why nobody does; what attacks nobody raises no finding of security."""
    for name, scenario in catalogue.items():
        told = scenario.findings
        assert told is not None, name
        hostile = name != "I1" and any(one.kind in ATTACKERS for one in scenario.actors.values())
        assert told.raised or told.silent, name
        if hostile:
            assert told.raised or (told.logged and "rule" in told.silent), name
        else:
            assert not any(one.startswith(SECURITY) for one in (*told.raised, *told.perhaps)), name
        if not hostile and name not in (*MONEY, *COUNTED, "D2"):
            assert not told.raised, name


@pytest.mark.catalogue
@pytest.mark.parametrize("file", SCENARIOS, ids=lambda file: file.stem)
def test_each_scenario_raises_what_it_documents(file, catalogue, plays):
    """And its control run, in which nobody attacks and nothing breaks, raises nothing."""
    scenario = load(file)[0]
    result = plays(scenario.id).results[None]
    checks = {check["name"]: check for check in result["checks"]}
    assert checks["what-tells-of-it"]["held"], checks["what-tells-of-it"]["found"]
    raised = set(result["figures"]["findings.raised"])
    assert set(scenario.findings.raised) <= raised <= {*scenario.findings.raised, *scenario.findings.perhaps}
    assert checks.get("the control run passes", {"held": True})["held"]

"""The org of a plan is as the org that is read back: escalation paths are found in it, and none in the mini org."""

import json
import time
from pathlib import Path

import pytest
from plans import ACCOUNT, TODAY, allow, document, found, role, taken_by
from planted import CORPUS, published, required

from twin.analysis.plan.case import Case
from twin.analysis.plan.judgement import judge, merged
from twin.analysis.plan.planned import Planned
from twin.blueprints.compile import compile_spec
from twin.spec.load import load

SPEC = Path(__file__).parents[2] / "specs" / "mini-org.yaml"
NAMES = tuple(published()) if CORPUS.exists() else ()
SERVICES = (
    "tasks.apprunner", "bedrock-agentcore", "cloudformation", "codebuild", "datapipeline", "ec2", "ecs-tasks", "glue",
    "lambda", "sagemaker",
)  # fmt: skip
# These change or use something that is there already (a stack, a function), of which there is no type.
BEYOND = {
    "apprunner-002", "bedrock-002", "cloudformation-002", "cloudformation-004", "cloudformation-005",
    "codebuild-002", "codebuild-003", "ecs-003", "ecs-004", "ecs-005",
    "glue-002", "glue-005", "glue-006", "lambda-003", "lambda-004",
    "lambda-005", "sagemaker-004", "sagemaker-005",
}  # fmt: skip


def planted(name):
    """A plan with administrators in which a user and a role have the permissions of a path."""
    statements = [allow(permission) for permission in required(name)]
    boss = {
        "name": "boss",
        "trust": document(
            taken_by({"Service": [f"{one}.amazonaws.com" for one in SERVICES]}),
            taken_by({"AWS": f"arn:aws:iam::{ACCOUNT}:root"}),
        ),
    }
    profile = {"name": "boss", "role": "${aws.iam.role.boss.id}"}
    trust = document(taken_by({"AWS": f"arn:aws:iam::{ACCOUNT}:user/it"}))
    template = {
        "name": "boss",
        "image": "ami-1",
        "instance_type": "t3.small",
        "security_groups": ["sg-0123456789abcdef0"],
    }
    return {
        "aws.iam.role": {"boss": boss, "it": {"name": "it", "trust": trust, "inline": {"p": document(*statements)}}},
        "aws.iam.user": {
            "it": {"name": "it", "inline": {"p": document(*statements)}, "groups": ["${aws.iam.group.some.id}"]},
            "chief": {"name": "chief"},
        },
        "aws.iam.group": {"some": {"name": "some"}, "chiefs": {"name": "chiefs"}},
        "aws.iam.policy": {"own": {"name": "own", "policy": document(allow("sqs:ListQueues"))}},
        "aws.iam.instance_profile": {"boss": profile},
        "aws.iam.attachment": {
            "boss": {"role": "${aws.iam.role.boss.id}", "policy": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "chief": {"user": "${aws.iam.user.chief.id}", "policy": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "chiefs": {"group": "${aws.iam.group.chiefs.id}", "policy": "arn:aws:iam::aws:policy/AdministratorAccess"},
            "own": {"user": "${aws.iam.user.it.id}", "policy": "${aws.iam.policy.own.arn}"},
            "some": {"group": "${aws.iam.group.some.id}", "policy": "${aws.iam.policy.own.arn}"},
            "it": {"role": "${aws.iam.role.it.id}", "policy": "${aws.iam.policy.own.arn}"},
        },
        "aws.ec2.launch_template": {"boss": {**template, "instance_profile": "${aws.iam.instance_profile.boss.arn}"}},
        "aws.autoscaling.group": {
            "boss": {
                "name": "boss", "launch_template": "${aws.ec2.launch_template.boss.id}", "min": 1, "max": 1,
                "subnets": ["subnet-0123456789abcdef0"],
            }
        },
    }  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_published_path_is_found_in_a_plan(name):
    """From the plan alone, where what the path needs to be there is of a type that plans have."""
    addresses = {one[2] for one in found("escalation", planted(name))}
    assert bool(addresses & {"aws.iam.user.it", "aws.iam.role.it"}) is (name not in BEYOND)


def test_nobody_is_found_without_the_permissions():
    """The variant: the same plan in which the user and the role may list queues."""
    plan = json.loads(json.dumps(planted(NAMES[0]))) if NAMES else role(taken_by({"AWS": ACCOUNT}))
    for one in (plan["aws.iam.role"]["it"], plan.get("aws.iam.user", {}).get("it", {})):
        one["inline"] = {}
    assert found("escalation", plan) == []


@pytest.fixture(scope="module")
def judgements():
    """What the proofs say of the three environments of the bundled org."""
    made = []
    for environment in ("prod", "staging", "dev"):
        spec = load(SPEC, environment, environ={})
        made.append(judge(spec, Case(Planned(*compile_spec(spec))), TODAY))
    return made


def test_mini_org_has_no_escalation_and_nothing_graver_than_a_note(judgements):
    """Its administrators and a listener inside of dev's network are told; nothing else is found."""
    told = [(one.finding.rule, one.finding.level, one.finding.address, names) for one, names in merged(judgements)]
    assert told == [
        ("TW1004", "note", "aws.iam.role.admin", ("prod", "staging")),
        ("TW1012", "note", "aws.elbv2.listener.http", ("dev",)),
    ]
    assert [one.gaps for one in judgements] == [(), (), ()]


def test_mini_org_is_proven_within_two_seconds():
    """Offline and fast: no world is built."""
    spec = load(SPEC, "prod", environ={})
    compiled = compile_spec(spec)
    start = time.process_time()
    judge(spec, Case(Planned(*compiled)), TODAY)
    assert time.process_time() - start < 2

"""A small org in the twin's world in which every published escalation path is planted, one principal each."""

import json
from functools import cache
from pathlib import Path

from rig import SCOPE, SEED, Wire

from twin.clock import VirtualClock
from twin.observe.iam.org import Thing
from twin.observe.iam.read import read_org
from twin.resources.call import aws
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

CORPUS = Path("/work/shared/corpora/aws-privilege-escalation-paths.json")
A = SCOPE.account
BOSS, PLAIN = f"arn:aws:iam::{A}:role/boss", f"arn:aws:iam::{A}:role/plain"
CHIEF, CLERK = f"arn:aws:iam::{A}:user/chief", f"arn:aws:iam::{A}:user/clerk"
SERVICES = (
    "tasks.apprunner", "bedrock-agentcore", "cloudformation", "codebuild", "datapipeline", "ec2", "ecs-tasks", "glue",
    "lambda", "sagemaker",
)  # fmt: skip
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
ONLY = {
    # The published path means these targets, and not any: what is short of them is an administrator already.
    **{f"iam-{n}": {"*": PLAIN} for n in ("014", "017", "019", "021")},
    **{f"iam-{n}": {"iam:CreatePolicyVersion": f"arn:aws:iam::{A}:policy/duties", "*": PLAIN} for n in ("016", "020")},
    **{f"iam-{n}": {"*": CLERK} for n in ("015", "018")},
    **{f"codebuild-{n}": {"codebuild:*": f"arn:aws:codebuild:*:{A}:project/mine"} for n in ("001", "004")},
    "bedrock-001": {"bedrock-agentcore:*": f"arn:aws:bedrock-agentcore:*:{A}:code-interpreter-custom/mine-*"},
    "iam-001": {"*": f"arn:aws:iam::{A}:policy/own-iam-001"},
}


@cache
def published():
    """The published paths by their ids."""
    return {one["id"]: one for one in json.loads(CORPUS.read_text())["paths"]}


def required(name):
    """The permissions that a path needs."""
    return [one["permission"] for one in published()[name]["permissions"]["required"]]


def start(name):
    """The principal with which a path is planted."""
    prerequisites = published()[name]["prerequisites"]
    told = prerequisites if isinstance(prerequisites, list) else (prerequisites or {}).get("admin") or []
    kind = "role" if any("must be a role" in one for one in told) else "user"
    return f"arn:aws:iam::{A}:{kind}/at-{name}"


def document(*statements):
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action, resource="*", **more):
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trusting(**principal):
    """A trust policy."""
    return document({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})


def permissions(name):
    """The policy of the principal of a path: one statement per permission, and nothing else."""
    only = ONLY.get(name, {})
    services = {one: f"{one.partition(':')[0]}:*" for one in required(name)}
    places = {one: only.get(one) or only.get(services[one]) or only.get("*", "*") for one in required(name)}
    return document(*(allow(one, place) for one, place in places.items()))


class Planter:
    """Makes the org through the API."""

    def __init__(self):
        self.target = Wire.mount(make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH)), SCOPE)

    def __call__(self, service, operation, **params):
        return self.target.systems["aws"].execute(aws(service, operation, params))

    def everything(self):
        """Plant targets, what works under the privileged role, and one principal per path."""
        self.targets()
        self.workers()
        for name in published():
            self.principal(name)

    def targets(self):
        """Administrators, a role and a user without rights, a group of administrators."""
        services = [f"{one}.amazonaws.com" for one in SERVICES]
        self("iam", "CreateRole", RoleName="boss", AssumeRolePolicyDocument=trusting(Service=services))
        self("iam", "AttachRolePolicy", RoleName="boss", PolicyArn=ADMINISTRATOR)
        self("iam", "CreateRole", RoleName="plain", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{A}:root"))
        self("iam", "CreatePolicy", PolicyName="duties", PolicyDocument=document(allow("sqs:SendMessage")))
        self("iam", "AttachRolePolicy", RoleName="plain", PolicyArn=f"arn:aws:iam::{A}:policy/duties")
        self("iam", "CreateUser", UserName="chief")
        self("iam", "AttachUserPolicy", UserName="chief", PolicyArn=ADMINISTRATOR)
        self("iam", "CreateUser", UserName="clerk")
        self("iam", "CreateGroup", GroupName="chiefs")
        self("iam", "AttachGroupPolicy", GroupName="chiefs", PolicyArn=ADMINISTRATOR)
        self("iam", "CreateRole", RoleName="open-boss", AssumeRolePolicyDocument=trusting(AWS=f"arn:aws:iam::{A}:root"))
        self("iam", "AttachRolePolicy", RoleName="open-boss", PolicyArn=ADMINISTRATOR)

    def workers(self):
        """One of each thing that works under the privileged role."""
        self("iam", "CreateInstanceProfile", InstanceProfileName="boss")
        self("iam", "AddRoleToInstanceProfile", InstanceProfileName="boss", RoleName="boss")
        image = self("ec2", "DescribeImages", Owners=["amazon"])["Images"][0]["ImageId"]
        profile = {"Name": "boss"}
        self("ec2", "RunInstances", ImageId=image, MinCount=1, MaxCount=1, IamInstanceProfile=profile)
        data = {"ImageId": image, "IamInstanceProfile": profile}
        self("ec2", "CreateLaunchTemplate", LaunchTemplateName="boss", LaunchTemplateData=data)
        code = {"ZipFile": b"PK\x05\x06" + bytes(18)}
        self("lambda", "CreateFunction", FunctionName="boss", Role=BOSS, Runtime="python3.12", Handler="a.b", Code=code)
        self(
            "codebuild", "CreateProject", name="boss", serviceRole=BOSS, source={"type": "NO_SOURCE", "location": "-"},
            artifacts={"type": "NO_ARTIFACTS"},
            environment={"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"},
        )  # fmt: skip
        template = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {}}}})
        self("cloudformation", "CreateStack", StackName="boss", TemplateBody=template, RoleARN=BOSS)
        self("cloudformation", "CreateStackSet", StackSetName="boss", TemplateBody=template, AdministrationRoleARN=BOSS)
        self("glue", "CreateJob", Name="boss", Role=BOSS, Command={"Name": "glueetl"})
        self("glue", "CreateDevEndpoint", EndpointName="boss", RoleArn=BOSS)
        self(
            "sagemaker", "CreateNotebookInstance", NotebookInstanceName="boss", InstanceType="ml.t2.medium",
            RoleArn=BOSS,
        )  # fmt: skip
        self("ecs", "CreateCluster", clusterName="boss")

    def principal(self, name):
        """The user or role of a path, with the permissions of the path and no others."""
        arn, who = start(name), f"at-{name}"
        if ":role/" in arn:
            self("iam", "CreateRole", RoleName=who, AssumeRolePolicyDocument=trusting(AWS=CHIEF))
            self("iam", "PutRolePolicy", RoleName=who, PolicyName="p", PolicyDocument=permissions(name))
            return
        self("iam", "CreateUser", UserName=who)
        if name == "iam-001":
            own = self("iam", "CreatePolicy", PolicyName=f"own-{name}", PolicyDocument=permissions(name))
            self("iam", "AttachUserPolicy", UserName=who, PolicyArn=own["Policy"]["Arn"])
            return
        self("iam", "PutUserPolicy", UserName=who, PolicyName="p", PolicyDocument=permissions(name))
        if name in ("iam-010", "iam-011"):
            self("iam", "CreateGroup", GroupName=f"of-{name}")
            self("iam", "AddUserToGroup", GroupName=f"of-{name}", UserName=who)

    def read(self):
        """The org as its endpoints tell it; two services that the store lacks are added as plain values."""
        org = read_org({"aws": self.target.systems["aws"]}, A, [SCOPE.region])
        return org.changed(
            Thing(f"arn:aws:apprunner:us-east-1:{A}:service/boss/1", "apprunner.service", A, roles=(BOSS,)),
            Thing(
                f"arn:aws:bedrock-agentcore:us-east-1:{A}:code-interpreter-custom/boss", "bedrock.code-interpreter", A,
                roles=(BOSS,),
            ),
        )  # fmt: skip

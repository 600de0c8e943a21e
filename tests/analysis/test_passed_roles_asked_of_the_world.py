"""Whoever reach says hands a role to a service is let do so by the twin, and nobody else."""
# ruff: noqa: E501 - a call is a line, so that the table reads as one.

import json

import pytest
from planted import BOSS, Planter, allow, document
from rig import SCOPE

from twin.analysis.reach import Node, Reach
from twin.analysis.reach.rules import rules
from twin.observe.iam.org import Document, Identity, text
from twin.observe.iam.read import read_org
from twin.resources.call import Refused, aws

A = SCOPE.account
ANN = f"arn:aws:iam::{A}:user/ann"
REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError")
TEMPLATE = json.dumps({"Resources": {"T": {"Type": "AWS::SNS::Topic", "Properties": {}}}})
CODE = {"ZipFile": b"PK\x05\x06" + bytes(18)}
BUILD = {"source": {"type": "NO_SOURCE", "location": "-"}, "artifacts": {"type": "NO_ARTIFACTS"},
         "environment": {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}}  # fmt: skip
TASK = {"containerDefinitions": [{"name": "c", "image": "i", "memory": 64}]}
MACHINE = json.dumps({"StartAt": "E", "States": {"E": {"Type": "Succeed"}}})
CLUSTER = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}
JOB_FLOW = {"Instances": {"MasterInstanceType": "m5.xlarge", "InstanceCount": 1}, "JobFlowRole": "boss"}
# By the rule of reach, the call that hands over the role.
CALLS = {
    "cloudformation.create-stack": ("cloudformation", "CreateStack", {"StackName": "new", "TemplateBody": TEMPLATE, "RoleARN": BOSS}),
    "cloudformation.create-stack-set": ("cloudformation", "CreateStackSet", {"StackSetName": "new", "TemplateBody": TEMPLATE, "AdministrationRoleARN": BOSS}),
    "cloudformation.update-stack-set": ("cloudformation", "UpdateStackSet", {"StackSetName": "boss", "TemplateBody": TEMPLATE, "AdministrationRoleARN": BOSS}),
    "codebuild.create-project": ("codebuild", "CreateProject", {"name": "new", "serviceRole": BOSS, **BUILD}),
    "ec2.run-instances": ("ec2", "RunInstances", {"ImageId": "IMAGE", "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "boss"}}),
    "ec2.request-spot-instances": ("ec2", "RequestSpotInstances", {"LaunchSpecification": {"ImageId": "IMAGE", "IamInstanceProfile": {"Name": "boss"}}}),
    "ec2.associate-instance-profile": ("ec2", "AssociateIamInstanceProfile", {"IamInstanceProfile": {"Name": "boss"}, "InstanceId": "INSTANCE"}),
    "ecs.run-task": ("ecs", "RegisterTaskDefinition", {"family": "new", "taskRoleArn": BOSS, **TASK}),
    "ecs.override-role": ("ecs", "RunTask", {"cluster": "boss", "taskDefinition": "plain", "launchType": "FARGATE", "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["SUBNET"]}}, "overrides": {"taskRoleArn": BOSS}}),
    "elasticmapreduce.run-job-flow": ("emr", "RunJobFlow", {"Name": "new", **JOB_FLOW}),
    "glue.create-dev-endpoint": ("glue", "CreateDevEndpoint", {"EndpointName": "new", "RoleArn": BOSS}),
    "glue.create-job": ("glue", "CreateJob", {"Name": "new", "Role": BOSS, "Command": {"Name": "glueetl"}}),
    "lambda.create-function": ("lambda", "CreateFunction", {"FunctionName": "new", "Role": BOSS, "Runtime": "python3.12", "Handler": "a.b", "Code": CODE}),
    "lambda.update-function-configuration": ("lambda", "UpdateFunctionConfiguration", {"FunctionName": "boss", "Role": BOSS}),
    "sagemaker.create-notebook-instance": ("sagemaker", "CreateNotebookInstance", {"NotebookInstanceName": "new", "InstanceType": "ml.t2.medium", "RoleArn": BOSS}),
    "sagemaker.create-training-job": ("sagemaker", "CreateTrainingJob", {"TrainingJobName": "new", "RoleArn": BOSS, "AlgorithmSpecification": {"TrainingInputMode": "File"}, "OutputDataConfig": {"S3OutputPath": "s3://x"}, "ResourceConfig": CLUSTER, "StoppingCondition": {}}),
    "sagemaker.create-processing-job": ("sagemaker", "CreateProcessingJob", {"ProcessingJobName": "new", "RoleArn": BOSS, "AppSpecification": {"ImageUri": "i"}, "ProcessingResources": {"ClusterConfig": CLUSTER}}),
    "states.create-state-machine": ("stepfunctions", "CreateStateMachine", {"name": "new", "definition": MACHINE, "roleArn": BOSS}),
}  # fmt: skip
NOT_SERVED = {"apprunner.create-service", "bedrock.create-code-interpreter", "datapipeline.create-pipeline",
              "ssm.start-automation", "eks.pod-identity", "codebuild.update-project", "glue.update-job"}  # fmt: skip
BY_RULE = {one.id: one for one in rules() if one.how == "pass"}


@pytest.fixture(scope="module")
def org():
    """The planted targets, one of each thing that a role is handed to, and Ann, whose rights change."""
    planter = Planter()
    planter.targets()
    services = sorted({service for rule in BY_RULE.values() for service in rule.services})
    trusted = document({"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"})
    planter("iam", "UpdateAssumeRolePolicy", RoleName="boss", PolicyDocument=trusted)
    planter.workers()
    planter("ecs", "RegisterTaskDefinition", family="plain", **TASK)
    planter("iam", "CreateUser", UserName="ann")
    key = planter("iam", "CreateAccessKey", UserName="ann")["AccessKey"]
    ann = planter.target.systems["aws"].acting_as(key["AccessKeyId"], key["SecretAccessKey"], None)
    return planter, ann, read_org({"aws": planter.target.systems["aws"]}, A, ["us-east-1"])


def test_every_rule_by_which_a_role_is_handed_over_is_tried_or_not_served():
    """A rule that is added is tried too."""
    assert CALLS.keys() | NOT_SERVED == BY_RULE.keys()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_role_is_handed_to_a_service_as_reach_says(org, name):
    """With the permission for the very service, and neither without it nor with one for another."""
    planter, ann, read = org
    rule = BY_RULE[name]
    needs = [allow(need[0].action) for need in rule.needs if need[0].action]
    needs += [allow(need[-1].action) for need in rule.needs if not need[0].action and need[-1].action]
    to = lambda service: {"StringEquals": {"iam:PassedToService": service}}  # noqa: E731
    variants = {
        True: [*needs, *(allow("iam:PassRole", BOSS, Condition=to(one)) for one in rule.services)],
        False: [*needs, allow("iam:PassRole", BOSS, Condition=to("support.amazonaws.com"))],
        None: needs,
        "other": [*needs, allow("iam:PassRole", f"arn:aws:iam::{A}:role/plain")],
    }
    for wanted, statements in list(variants.items())[::-1]:
        planter("iam", "PutUserPolicy", UserName="ann", PolicyName="p", PolicyDocument=document(*statements))
        reach = Reach(read.changed(Identity(ANN, (Document("p", text(document(*statements))),))))
        hops = [one for one in reach.search.hops(Node(ANN)) if (one.rule, one.to.arn) == (name, BOSS)]
        assert (bool(hops), _may(planter, ann, *CALLS[name])) == (wanted is True, wanted is True), wanted


def _may(planter, ann, service, operation, params):
    """Try a call; what is refused for another reason was permitted."""
    filled = dict(params)
    if "IMAGE" in str(params):
        image = planter("ec2", "DescribeImages", Owners=["amazon"])["Images"][0]["ImageId"]
        filled = json.loads(json.dumps(params).replace("IMAGE", image))
    if "SUBNET" in str(params):
        subnet = planter("ec2", "DescribeSubnets")["Subnets"][0]["SubnetId"]
        filled = json.loads(json.dumps(filled).replace("SUBNET", subnet))
    if "INSTANCE" in str(params):
        (one, *_) = planter("ec2", "DescribeInstances")["Reservations"]
        filled = json.loads(json.dumps(filled).replace("INSTANCE", one["Instances"][0]["InstanceId"]))
    try:
        ann.execute(aws(service, operation, filled))
    except Refused as refused:
        if refused.code.startswith(("Twin", "Param")):
            raise
        return refused.code not in REFUSED
    return True

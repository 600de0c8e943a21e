"""What works under a role: functions, instances, clusters, builds, stacks, jobs, notebooks."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.observe.iam.identities import tags
from twin.observe.iam.org import Thing, text
from twin.observe.iam.reader import Reader


def functions(reader: Reader) -> Iterator[Thing]:
    """Yield Lambda functions."""
    for one in reader.read("lambda", "ListFunctions").get("Functions", ()):
        arn, absent = one["FunctionArn"], ("ResourceNotFoundException",)
        policy = reader.read("lambda", "GetPolicy", {"FunctionName": arn}, absent=absent).get("Policy")
        roles = reader.role(one.get("Role"))
        yield Thing(arn, "lambda.function", reader.account, text(policy) if policy else "", roles=roles)


def instances(reader: Reader) -> Iterator[Thing]:
    """Yield EC2 instances that are not gone; the role is that of the instance profile."""
    profiles = _profiles(reader)
    for reservation in reader.read("ec2", "DescribeInstances").get("Reservations", ()):
        for one in reservation["Instances"]:
            if one["State"]["Name"] not in ("terminated", "shutting-down"):
                arn = reader.arn("ec2", f"instance/{one['InstanceId']}")
                roles = profiles.get((one.get("IamInstanceProfile") or {}).get("Arn", ""), ())
                yield Thing(arn, "ec2.instance", reader.account, roles=roles, tags=tags(one.get("Tags")))


def launch_templates(reader: Reader) -> Iterator[Thing]:
    """Yield launch templates with the roles of all their versions."""
    profiles = _profiles(reader)
    by_name = {arn.rpartition("/")[2]: roles for arn, roles in profiles.items()}
    for one in reader.read("ec2", "DescribeLaunchTemplates").get("LaunchTemplates", ()):
        wanted = {"LaunchTemplateId": one["LaunchTemplateId"]}
        roles: dict[str, None] = {}
        for version in reader.read("ec2", "DescribeLaunchTemplateVersions", wanted).get("LaunchTemplateVersions", ()):
            told = version["LaunchTemplateData"].get("IamInstanceProfile") or {}
            roles.update(dict.fromkeys(profiles.get(told.get("Arn", "")) or by_name.get(told.get("Name", ""), ())))
        arn = reader.arn("ec2", f"launch-template/{one['LaunchTemplateId']}")
        yield Thing(arn, "ec2.launch-template", reader.account, roles=tuple(roles), tags=tags(one.get("Tags")))


def _profiles(reader: Reader) -> Mapping[str, tuple[str, ...]]:
    listed = reader.read("iam", "ListInstanceProfiles").get("InstanceProfiles", ())
    return {one["Arn"]: tuple(role["Arn"] for role in one.get("Roles", ())) for one in listed}


def clusters(reader: Reader) -> Iterator[Thing]:
    """Yield EKS clusters, and their node groups, whose role every pod on a node can reach."""
    for name in reader.read("eks", "ListClusters").get("clusters", ()):
        one = reader.read("eks", "DescribeCluster", {"name": name}).get("cluster")
        if not one:
            continue
        yield Thing(one["arn"], "eks.cluster", reader.account, roles=reader.role(one.get("roleArn")))
        for group in reader.read("eks", "ListNodegroups", {"clusterName": name}).get("nodegroups", ()):
            wanted = {"clusterName": name, "nodegroupName": group}
            told = reader.read("eks", "DescribeNodegroup", wanted).get("nodegroup") or {}
            arn = told.get("nodegroupArn") or reader.arn("eks", f"nodegroup/{name}/{group}")
            yield Thing(arn, "eks.node-group", reader.account, roles=reader.role(told.get("nodeRole")))


def builds(reader: Reader) -> Iterator[Thing]:
    """Yield CodeBuild projects."""
    names = reader.read("codebuild", "ListProjects").get("projects", ())
    for start in range(0, len(names), 100):
        wanted = {"names": names[start : start + 100]}
        for one in reader.read("codebuild", "BatchGetProjects", wanted).get("projects", ()):
            yield Thing(one["arn"], "codebuild.project", reader.account, roles=reader.role(one.get("serviceRole")))


def stacks(reader: Reader) -> Iterator[Thing]:
    """Yield CloudFormation stacks and stack sets."""
    for one in reader.read("cloudformation", "DescribeStacks").get("Stacks", ()):
        yield Thing(one["StackId"], "cloudformation.stack", reader.account, roles=reader.role(one.get("RoleARN")))
    listed = reader.read("cloudformation", "ListStackSets", {"Status": "ACTIVE"}).get("Summaries", ())
    for name in (one["StackSetName"] for one in listed):
        one = reader.read("cloudformation", "DescribeStackSet", {"StackSetName": name}).get("StackSet") or {}
        arn = one.get("StackSetARN") or reader.arn("cloudformation", f"stackset/{name}:{one.get('StackSetId', '')}")
        roles = reader.role(one.get("AdministrationRoleARN"))
        yield Thing(arn, "cloudformation.stack-set", reader.account, roles=roles)


def jobs(reader: Reader) -> Iterator[Thing]:
    """Yield Glue jobs and development endpoints."""
    for one in reader.read("glue", "GetJobs").get("Jobs", ()):
        yield _glue(reader, "job", one["Name"], one.get("Role"))
    for one in reader.read("glue", "GetDevEndpoints").get("DevEndpoints", ()):
        yield _glue(reader, "devEndpoint", one["EndpointName"], one.get("RoleArn"))


def _glue(reader: Reader, kind: str, name: str, role: Any) -> Thing:
    named = {"job": "glue.job", "devEndpoint": "glue.dev-endpoint"}[kind]
    return Thing(reader.arn("glue", f"{kind}/{name}"), named, reader.account, roles=reader.role(role))


def notebooks(reader: Reader) -> Iterator[Thing]:
    """Yield SageMaker notebook instances."""
    for listed in reader.read("sagemaker", "ListNotebookInstances").get("NotebookInstances", ()):
        wanted = {"NotebookInstanceName": listed["NotebookInstanceName"]}
        one = reader.read("sagemaker", "DescribeNotebookInstance", wanted)
        arn, roles = listed["NotebookInstanceArn"], reader.role(one.get("RoleArn"))
        yield Thing(arn, "sagemaker.notebook-instance", reader.account, roles=roles)


def containers(reader: Reader) -> Iterator[Thing]:
    """Yield ECS clusters and task definitions."""
    for arn in reader.read("ecs", "ListClusters").get("clusterArns", ()):
        yield Thing(arn, "ecs.cluster", reader.account)
    for arn in reader.read("ecs", "ListTaskDefinitions").get("taskDefinitionArns", ()):
        told = reader.read("ecs", "DescribeTaskDefinition", {"taskDefinition": arn}).get("taskDefinition") or {}
        yield Thing(arn, "ecs.task-definition", reader.account, roles=reader.role(told.get("taskRoleArn")))


def state_machines(reader: Reader) -> Iterator[Thing]:
    """Yield Step Functions state machines."""
    for listed in reader.read("stepfunctions", "ListStateMachines").get("stateMachines", ()):
        arn = listed["stateMachineArn"]
        one = reader.read("stepfunctions", "DescribeStateMachine", {"stateMachineArn": arn})
        yield Thing(arn, "states.state-machine", reader.account, roles=reader.role(one.get("roleArn")))


def services(reader: Reader) -> Iterator[Thing]:
    """Yield App Runner services and Bedrock code interpreters."""
    for listed in reader.read("apprunner", "ListServices").get("ServiceSummaryList", ()):
        wanted = {"ServiceArn": listed["ServiceArn"]}
        one = reader.read("apprunner", "DescribeService", wanted).get("Service") or {}
        role = (one.get("InstanceConfiguration") or {}).get("InstanceRoleArn")
        yield Thing(listed["ServiceArn"], "apprunner.service", reader.account, roles=reader.role(role))
    listed_all = reader.read("bedrock-agentcore-control", "ListCodeInterpreters").get("codeInterpreterSummaries", ())
    for listed in listed_all:
        wanted = {"codeInterpreterId": listed["codeInterpreterId"]}
        one = reader.read("bedrock-agentcore-control", "GetCodeInterpreter", wanted)
        arn, roles = listed["codeInterpreterArn"], reader.role(one.get("executionRoleArn"))
        yield Thing(arn, "bedrock.code-interpreter", reader.account, roles=roles)


READERS = (
    functions, instances, launch_templates, clusters, builds, stacks, jobs, notebooks, containers, state_machines,
    services,
)  # fmt: skip

"""The network interface of a task is there while the task runs."""

import pytest
from groups import network
from refused import refusal


@pytest.fixture
def task(clients):
    """A task with an interface of its own: its cluster, its ARN, and the subnet."""
    vpc, subnets = network(clients)
    clients("ec2").modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = next(iter(subnets.values()))
    ecs = clients("ecs")
    ecs.create_cluster(clusterName="c")
    container = {"name": "a", "image": "a", "memory": 64}
    ecs.register_task_definition(family="t", networkMode="awsvpc", containerDefinitions=[container])
    placed = {"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": []}}
    (made,) = ecs.run_task(cluster="c", taskDefinition="t", launchType="FARGATE", networkConfiguration=placed)["tasks"]
    return made["taskArn"], subnet


def test_subnet_of_a_task_goes_when_the_task_has_stopped(clients, task):
    """While it runs it holds the subnet; its interface goes with it."""
    arn, subnet = task
    ec2, ecs = clients("ec2"), clients("ecs")
    assert refusal(ec2.delete_subnet, SubnetId=subnet) == ("DependencyViolation", 400)
    ecs.stop_task(cluster="c", task=arn)
    (attached,) = ecs.describe_tasks(cluster="c", tasks=[arn])["tasks"][0]["attachments"]
    assert (attached["status"], ec2.describe_network_interfaces()["NetworkInterfaces"]) == ("DELETED", [])
    ec2.delete_subnet(SubnetId=subnet)

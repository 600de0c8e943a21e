"""An EKS cluster over three zones, as tests make it with boto3 alone."""

import json

from groups import network


def role(clients, name, service):
    """The ARN of a role that a service may assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return clients("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)["Role"]["Arn"]


def cluster(clients, name="main", version="1.34", **more):
    """Make a cluster; returns its subnets by zone and what CreateCluster told."""
    _, subnets = network(clients)
    told = clients("eks").create_cluster(
        name=name,
        version=version,
        roleArn=role(clients, f"{name}-cluster", "eks.amazonaws.com"),
        resourcesVpcConfig={"subnetIds": list(subnets.values())},
        **more,
    )["cluster"]
    return subnets, told


def nodes(clients, subnets, name="general", size=(1, 6, 3), cluster="main", **more):
    """Make a node group; its sizes are least, most, desired."""
    least, most, wanted = size
    return clients("eks").create_nodegroup(
        clusterName=cluster,
        nodegroupName=name,
        nodeRole=role(clients, f"{name}-node", "ec2.amazonaws.com"),
        subnets=list(subnets.values()),
        scalingConfig={"minSize": least, "maxSize": most, "desiredSize": wanted},
        **more,
    )["nodegroup"]

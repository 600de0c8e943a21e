"""What EKS refuses about a cluster's subnets, role and Kubernetes version."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.refusals.roles import may_be_assumed_by

SERVICE = "eks.amazonaws.com"
NODES = "ec2.amazonaws.com"


def _invalid(message: str) -> Refusal:
    return Refusal("InvalidParameterException", message)


@refuses("eks", "CreateCluster")
def cluster(asked: Asked) -> None:
    """A cluster has a version that EKS offers, subnets of one VPC in two zones, and a role that EKS may assume."""
    version = asked.parameters.get("version")
    if version is not None and version not in versions():
        raise _invalid(f"unsupported Kubernetes version {version}")
    network = asked.parameters.get("resourcesVpcConfig", {})
    found = _subnets(asked, network.get("subnetIds", ()))
    if len({subnet.availability_zone for subnet in found}) < 2:
        raise _invalid("Subnets specified must be in at least two different AZs")
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise _invalid("Subnets specified must belong to the same VPC")
    groups = {id_ for vpc in asked.state("ec2").groups.values() for id_ in vpc}
    for group in network.get("securityGroupIds", ()):
        if group not in groups:
            raise _invalid(f"Security group(s) [{group}] do not exist")
    _role(asked, asked.parameters.get("roleArn", ""), SERVICE)


@refuses("eks", "UpdateClusterVersion")
def newer_version(asked: Asked) -> None:
    """A cluster moves to a version that EKS offers."""
    version = asked.parameters.get("version")
    if version not in versions():
        raise _invalid(f"unsupported Kubernetes version {version}")


@refuses("eks", "CreateNodegroup")
def node_group(asked: Asked) -> None:
    """A node group has a cluster and subnets that are there, and a role that EC2 may assume."""
    name = asked.parameters.get("clusterName")
    if name not in asked.state().clusters:
        raise Refusal("ResourceNotFoundException", f"No cluster found for name: {name}.", 404)
    _subnets(asked, asked.parameters.get("subnets", ()))
    _role(asked, asked.parameters.get("nodeRole", ""), NODES)


def _subnets(asked: Asked, named: Any) -> list[Any]:
    known = {subnet.id: subnet for zone in asked.state("ec2").subnets.values() for subnet in zone.values()}
    for name in named:
        if name not in known:
            raise _invalid(f"The subnet ID '{name}' does not exist")
    return [known[name] for name in named]


def _role(asked: Asked, arn: str, service: str) -> None:
    if not may_be_assumed_by(arn, service):
        raise _invalid(f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity "
                       f"is not correct")  # fmt: skip


@cache
def versions() -> frozenset[str]:
    """Return the Kubernetes versions with which a cluster may start, from the data file beside this one."""
    data = json.loads((Path(__file__).parent / "eks_versions.json").read_text())
    return frozenset(data["versions"])

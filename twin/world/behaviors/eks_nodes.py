"""EKS managed node groups: their nodes are instances of an Auto Scaling group that EKS owns."""

import json
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens
from twin.world.behaviors.auto_scaling_members import find_group, live
from twin.world.behaviors.eks_clusters import where
from twin.world.behaviors.eks_templates import make_template, tags_of, unmake_template
from twin.world.behaviors.eks_updates import cluster_of, facts, find_cluster, missing, record
from twin.world.scene import Scene

PROVIDES = {"eks-nodes": "EKS nodes are EC2 instances of the node group's Auto Scaling group"}
# What EKS gives its groups: https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html (assumed).
GRACE, POLICIES = 15, ["AllocationStrategy", "OldestLaunchTemplate", "OldestInstance"]


def group_name(nodegroup: Any) -> str:
    """Return the name of a node group's Auto Scaling group."""
    return f"eks-{nodegroup.nodegroup_name}-{nodegroup.uuid}"


def nodegroup_of(asked: Asked) -> Any:
    """Return the node group that a call names."""
    name = asked.parameters["nodegroupName"]
    found = cluster_of(asked).nodegroups.get(name)
    if found is None:
        raise missing(f"No node group found for name: {name}.")
    return found


@follows("eks", "CreateNodegroup")
def created(done: Done, scene: Scene) -> dict[str, Any]:
    """A new node group has its instances launched; it is active when they are nodes."""
    cluster, nodegroup = cluster_of(done), nodegroup_of(done)
    template = make_template(scene, cluster, nodegroup)
    scene.call("autoscaling:CreateAutoScalingGroup", _group(cluster, nodegroup, template), **where(cluster))
    nodegroup.resources = {"autoScalingGroups": [{"name": group_name(nodegroup)}]}
    scene.emit(
        "eks.nodegroup.requested", **facts(cluster), nodegroup=nodegroup.nodegroup_name, role=nodegroup.node_role
    )
    told, seconds = {**facts(cluster), "nodegroup": nodegroup.nodegroup_name}, scene.delay("eks.nodegroup_create")
    nodegroup.status = "CREATING"
    if seconds:
        scene.after(seconds, "eks.nodegroup.ready", **told)
    else:
        ready(scene, **told)
    shown = {"status": nodegroup.status, "resources": nodegroup.resources}
    return {"nodegroup": {**done.result["nodegroup"], **shown}}


def _group(cluster: Any, nodegroup: Any, template: str) -> dict[str, Any]:
    sizes, name = nodegroup.scaling_config, group_name(nodegroup)
    spot = nodegroup.capacity_type == "SPOT"
    overrides = [{"InstanceType": kind} for kind in nodegroup.instance_types or ()]
    return {
        "AutoScalingGroupName": name,
        "MinSize": sizes["minSize"],
        "MaxSize": sizes["maxSize"],
        "DesiredCapacity": sizes["desiredSize"],
        "VPCZoneIdentifier": ",".join(nodegroup.subnets),
        "HealthCheckType": "EC2",
        "HealthCheckGracePeriod": GRACE,
        "CapacityRebalance": spot,
        "TerminationPolicies": POLICIES,
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": {"LaunchTemplateId": template, "Version": "1"},
                "Overrides": overrides,
            },
            "InstancesDistribution": {
                "OnDemandAllocationStrategy": "prioritized",
                "OnDemandBaseCapacity": 0,
                "OnDemandPercentageAboveBaseCapacity": 0 if spot else 100,
                "SpotAllocationStrategy": "capacity-optimized",
            },
        },
        "Tags": [
            {
                "Key": key,
                "Value": value,
                "PropagateAtLaunch": True,
                "ResourceId": name,
                "ResourceType": "auto-scaling-group",
            }
            for key, value in tags_of(cluster, nodegroup).items()
        ],
    }


@happens("eks.nodegroup.ready")
def ready(scene: Scene, *, account: str, region: str, cluster: str, nodegroup: str) -> None:
    """A node group is active, or could not be made for want of instances."""
    found = getattr(find_cluster(account, region, cluster), "nodegroups", {}).get(nodegroup)
    if found is None or found.status != "CREATING":
        return
    group = find_group(account, region, group_name(found))
    found.status = "ACTIVE"
    if len(live(group)) < found.scaling_config["desiredSize"]:
        found.status = "CREATE_FAILED"
        issue = {
            "code": "AsgInstanceLaunchFailures",
            "message": "Instances failed to launch: see the Auto Scaling group's activities.",
            "resourceIds": [group.name],
        }
        found.health = {"issues": [issue]}
    told = {"account": account, "region": region, "cluster": cluster, "nodegroup": nodegroup}
    scene.emit(f"eks.nodegroup.{'created' if found.status == 'ACTIVE' else 'failed'}", **told)


@answers("eks", "UpdateNodegroupConfig")
def may_change(asked: Asked, scene: Scene) -> None:
    """Refuse sizes that are out of order, and changes of a node group that is not active."""
    nodegroup, wanted = nodegroup_of(asked), asked.parameters.get("scalingConfig")
    if nodegroup.status != "ACTIVE":
        name = nodegroup.nodegroup_name
        raise AwsError("ResourceInUseException", f"Nodegroup {name} is not in ACTIVE status", 409)
    sizes = {**nodegroup.scaling_config, **(wanted or {})}
    _sizes(sizes)


@answers("eks", "CreateNodegroup")
def may_be_made(asked: Asked, scene: Scene) -> None:
    """Refuse sizes that are out of order."""
    if wanted := asked.parameters.get("scalingConfig"):
        _sizes({"minSize": 1, "maxSize": 2, "desiredSize": 2, **wanted})


def _sizes(sizes: dict[str, int]) -> None:
    least, wanted, most = sizes["minSize"], sizes["desiredSize"], sizes["maxSize"]
    if least > most:
        raise AwsError(
            "InvalidParameterException", f"Minimum capacity {least} can't be greater than maximum size {most}"
        )
    if wanted < least:
        raise AwsError(
            "InvalidParameterException", f"Minimum capacity {least} can't be greater than desired size {wanted}"
        )
    if wanted > most:
        raise AwsError("InvalidParameterException", f"desired capacity {wanted} can't be greater than max size {most}")


@follows("eks", "UpdateNodegroupConfig")
def changed(done: Done, scene: Scene) -> dict[str, Any]:
    """A change of sizes is the Auto Scaling group's."""
    cluster, nodegroup, parameters = cluster_of(done), nodegroup_of(done), done.parameters
    params = []
    if parameters.get("scalingConfig"):
        sizes = nodegroup.scaling_config
        params = [{"type": key[0].upper() + key[1:], "value": str(sizes[key])} for key in ("minSize", "maxSize")]
        params.append({"type": "DesiredSize", "value": str(sizes["desiredSize"])})
        wanted = {
            "AutoScalingGroupName": group_name(nodegroup),
            "MinSize": sizes["minSize"],
            "MaxSize": sizes["maxSize"],
            "DesiredCapacity": sizes["desiredSize"],
        }
        scene.call("autoscaling:UpdateAutoScalingGroup", wanted, **where(cluster))
    for name, kind in (("labels", "LabelsTo"), ("taints", "TaintsTo")):
        if parameters.get(name):
            params.append({"type": f"{kind}Add", "value": json.dumps(parameters[name])})
    seconds, part = scene.delay("eks.nodegroup_config"), f"nodegroup/{nodegroup.nodegroup_name}"
    update = record(scene, cluster, kind="ConfigUpdate", params=params, seconds=seconds, part=part)
    return {"update": update}


@answers("eks", "DeleteNodegroup")
def leaving(asked: Asked, scene: Scene) -> None:
    """The instances of a node group that is deleted go first."""
    cluster, nodegroup = cluster_of(asked), nodegroup_of(asked)
    nodegroup.status = "DELETING"
    cluster.leaving = nodegroup
    told = facts(cluster)
    if find_group(told["account"], told["region"], group_name(nodegroup)) is not None:
        named = {"AutoScalingGroupName": group_name(nodegroup), "ForceDelete": True}
        scene.call("autoscaling:DeleteAutoScalingGroup", named, **where(cluster))


@follows("eks", "DeleteNodegroup")
def deleted(done: Done, scene: Scene) -> None:
    """A deleted node group is told of until it is gone."""
    cluster = cluster_of(done)
    nodegroup = cluster.leaving
    cluster.nodegroups[nodegroup.nodegroup_name] = nodegroup
    cluster.nodegroup_count += 1
    told, seconds = {**facts(cluster), "nodegroup": nodegroup.nodegroup_name}, scene.delay("eks.nodegroup_delete")
    if seconds:
        scene.after(seconds, "eks.nodegroup.gone", **told)
    else:
        gone(scene, **told)


@happens("eks.nodegroup.gone")
def gone(scene: Scene, *, account: str, region: str, cluster: str, nodegroup: str) -> None:
    """A node group is no more, nor what EKS made for it."""
    found = find_cluster(account, region, cluster)
    unmake_template(scene, found, found.nodegroups.pop(nodegroup))
    found.nodegroup_count -= 1
    scene.emit("eks.nodegroup.deleted", account=account, region=region, cluster=cluster, nodegroup=nodegroup)

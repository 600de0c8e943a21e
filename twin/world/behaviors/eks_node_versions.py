"""New versions of EKS node groups: their nodes are replaced some at a time."""

from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, watches
from twin.world.behaviors.auto_scaling_members import find_group, live
from twin.world.behaviors.auto_scaling_refresh import begin
from twin.world.behaviors.eks_clusters import where
from twin.world.behaviors.eks_nodes import group_name, nodegroup_of
from twin.world.behaviors.eks_templates import name_of, node_image
from twin.world.behaviors.eks_updates import cluster_of, facts, find_cluster, finish, record
from twin.world.scene import Happening, Scene

# It is done when the nodes are replaced, not after a time.
OPEN_END = 10 * 365 * 86_400
WARM_UP = 60


@answers("eks", "UpdateNodegroupVersion")
def update(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Move a node group to its cluster's version, or to the newest release of its own."""
    cluster, nodegroup, parameters = cluster_of(asked), nodegroup_of(asked), asked.parameters
    if parameters.get("launchTemplate"):
        raise AwsError(
            "TwinUnsupportedOperation", "The twin does not implement launchTemplate of UpdateNodegroupVersion."
        )
    if nodegroup.status != "ACTIVE":
        message = f"Nodegroup {nodegroup.nodegroup_name} is not in ACTIVE status"
        raise AwsError("ResourceInUseException", message, 409)
    version = parameters.get("version") or cluster.version
    _check(cluster, nodegroup, version)
    group = find_group(*_place(cluster), group_name(nodegroup))
    _relaunch(scene, cluster, nodegroup, group)
    nodegroup.status, nodegroup.updating_to = "UPDATING", version
    release = parameters.get("releaseVersion") or f"{version}.0-{scene.now():%Y%m%d}"
    params = [{"type": "Version", "value": version}, {"type": "ReleaseVersion", "value": release}]
    nodegroup.release_version = release
    part = f"nodegroup/{nodegroup.nodegroup_name}"
    told = record(scene, cluster, kind="VersionUpdate", params=params, seconds=OPEN_END, part=part)
    old = [state.instance_id for state in live(group)]
    begin(
        scene,
        group,
        old,
        {"MinHealthyPercentage": _healthy(nodegroup, len(old)), "InstanceWarmup": WARM_UP},
        shown=False,
    )
    return {"update": told}


def _place(cluster: Any) -> tuple[str, str]:
    told = facts(cluster)
    return told["account"], told["region"]


def _check(cluster: Any, nodegroup: Any, version: str) -> None:
    wanted, has, most = (int(text.partition(".")[2]) for text in (version, nodegroup.version, cluster.version))
    if wanted > most or wanted < has:
        raise AwsError(
            "InvalidParameterException",
            f"Requested Nodegroup Kubernetes version {version} is not between its own {nodegroup.version} and the "
            f"control plane's {cluster.version}",
        )


def _healthy(nodegroup: Any, count: int) -> float:
    """Return the share of nodes that stays, by the node group's update configuration: all but one by default."""
    wanted = nodegroup.update_config or {}
    if wanted.get("maxUnavailablePercentage"):
        return float(100 - wanted["maxUnavailablePercentage"])
    return 100 - 100 * int(wanted.get("maxUnavailable") or 1) / max(count, 1)


def _relaunch(scene: Scene, cluster: Any, nodegroup: Any, group: Any) -> None:
    """Make a new version of the launch template, and have the group launch by it."""
    name, call = name_of(nodegroup), where(cluster)
    ec2 = scene.state("ec2", call["account"], call["region"])
    latest = str(group.ec2_launch_template.latest_version_number)
    data = {"ImageId": node_image(ec2, nodegroup.ami_type)}
    asked = {"LaunchTemplateName": name, "SourceVersion": latest, "LaunchTemplateData": data}
    made = scene.call("ec2:CreateLaunchTemplateVersion", asked, **call)["LaunchTemplateVersion"]
    policy = {**group.mixed_instances_policy}
    policy["LaunchTemplate"] = {
        **policy["LaunchTemplate"],
        "LaunchTemplateSpecification": {
            "LaunchTemplateId": made["LaunchTemplateId"],
            "Version": str(made["VersionNumber"]),
        },
    }
    changed = {"AutoScalingGroupName": group.name, "MixedInstancesPolicy": policy}
    scene.call("autoscaling:UpdateAutoScalingGroup", changed, **call)


@watches("autoscaling.refresh.ended")
def ended(scene: Scene, happening: Happening) -> None:
    """A node group whose nodes are replaced is active in its new version."""
    account, region, name = (happening.facts[key] for key in ("account", "region", "group"))
    group = find_group(account, region, name)
    tags = {tag["Key"]: tag["Value"] for tag in group.tags}
    cluster = find_cluster(account, region, tags.get("eks:cluster-name", ""))
    nodegroup = cluster.nodegroups.get(tags["eks:nodegroup-name"]) if cluster is not None else None
    if nodegroup is None or nodegroup.status != "UPDATING":
        return
    nodegroup.version, nodegroup.status = nodegroup.updating_to, "ACTIVE"
    finish(scene, cluster, f"nodegroup/{nodegroup.nodegroup_name}")
    scene.emit("eks.nodegroup.updated", **facts(cluster), nodegroup=nodegroup.nodegroup_name, version=nodegroup.version)

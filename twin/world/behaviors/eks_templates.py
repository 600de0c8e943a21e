"""The launch template and the instance profile that EKS makes for a managed node group."""

from typing import Any

from twin.world.aws_errors import AwsError
from twin.world.behaviors.eks_clusters import where
from twin.world.scene import Scene

ARM = ("arm", "ARM")
NODE_IMAGE, ANY_IMAGE = "amazon-eks-node", "al2023-ami-2023"
HOPS = 2


def tags_of(cluster: Any, nodegroup: Any) -> dict[str, str]:
    """Return the tags that EKS puts on what it makes, and on the nodes."""
    name = cluster.name
    return {
        "eks:cluster-name": name,
        "eks:nodegroup-name": nodegroup.nodegroup_name,
        f"kubernetes.io/cluster/{name}": "owned",
        "k8s.io/cluster-autoscaler/enabled": "true",
        f"k8s.io/cluster-autoscaler/{name}": "owned",
    }


def name_of(nodegroup: Any) -> str:
    """Return the name of a node group's launch template and instance profile."""
    return f"eks-{nodegroup.uuid}"


def make_template(scene: Scene, cluster: Any, nodegroup: Any) -> str:
    """Make the instance profile and the launch template, a copy of the user's if there is one; returns its id."""
    name, call = name_of(nodegroup), where(cluster)
    scene.call("iam:CreateInstanceProfile", {"InstanceProfileName": name}, **call)
    role = nodegroup.node_role.rpartition("/")[2]
    scene.call("iam:AddRoleToInstanceProfile", {"InstanceProfileName": name, "RoleName": role}, **call)
    ec2 = scene.state("ec2", call["account"], call["region"])
    own = {"Key": "eks:cluster-name", "Value": cluster.name}
    group = {"Key": "eks:nodegroup-name", "Value": nodegroup.nodegroup_name}
    params = {
        "LaunchTemplateName": name,
        "LaunchTemplateData": _data(ec2, cluster, nodegroup),
        "TagSpecifications": [{"ResourceType": "launch-template", "Tags": [own, group]}],
    }
    made = scene.call("ec2:CreateLaunchTemplate", params, **call)
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def _data(ec2: Any, cluster: Any, nodegroup: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "ImageId": node_image(ec2, nodegroup.ami_type),
        "IamInstanceProfile": {"Name": name_of(nodegroup)},
        "MetadataOptions": {"HttpPutResponseHopLimit": HOPS},
    }
    group = cluster.resources_vpc_config.get("clusterSecurityGroupId")
    if group:
        data["SecurityGroupIds"] = [group]
    if nodegroup.instance_types:
        data["InstanceType"] = nodegroup.instance_types[0]
    if (nodegroup.remote_access or {}).get("ec2SshKey"):
        data["KeyName"] = nodegroup.remote_access["ec2SshKey"]
    written = nodegroup.launch_template
    if written:
        template = ec2.get_launch_template(written["id"])
        users = template.get_version(written.get("version") or template.default_version_number).data
        for key in ("ImageId", "InstanceType", "SecurityGroupIds", "KeyName", "MetadataOptions"):
            if users.get(key):
                data[key] = users[key]
    return data


def node_image(ec2: Any, ami_type: str) -> str:
    """Return the image of a node: the store's own of EKS, or of Amazon Linux where it has none for ARM."""
    architecture = "arm64" if any(word in ami_type for word in ARM) else "x86_64"
    fitting = [image for image in ec2.amis.values() if image.architecture == architecture and image.name]
    for start in (NODE_IMAGE, ANY_IMAGE):
        found = sorted((image.name, image.id) for image in fitting if image.name.startswith(start))
        if found:
            return str(found[-1][1])
    raise AwsError("InvalidParameterException", f"The twin has no image for AMI type {ami_type}")


def unmake_template(scene: Scene, cluster: Any, nodegroup: Any) -> None:
    """Delete the launch template and the instance profile of a node group."""
    name, call = name_of(nodegroup), where(cluster)
    role = nodegroup.node_role.rpartition("/")[2]
    scene.call("ec2:DeleteLaunchTemplate", {"LaunchTemplateName": name}, **call)
    scene.call("iam:RemoveRoleFromInstanceProfile", {"InstanceProfileName": name, "RoleName": role}, **call)
    scene.call("iam:DeleteInstanceProfile", {"InstanceProfileName": name}, **call)

"""EKS node groups: what nobody asked for is not told, and defaults are today's."""

from typing import Any

from moto.eks import models
from moto.eks.models import EKSBackend

from twin.world.stores.additions import adds

AMI_TYPE, DISK = "AL2023_x86_64_STANDARD", 20
create_of_moto = EKSBackend.create_nodegroup
# https://docs.aws.amazon.com/eks/latest/userguide/kubernetes-versions.html; the default is assumed.
models.DEFAULT_KUBERNETES_VERSION = "1.34"


@adds(EKSBackend)
def create_nodegroup(self: Any, **kwargs: Any) -> Any:
    """Make a node group of its cluster's version, without the remote access that moto invents."""
    cluster = self.clusters.get(kwargs["cluster_name"])
    named = kwargs.get("launch_template")
    kwargs["version"] = kwargs.get("version") or (cluster.version if cluster else None)
    kwargs["ami_type"] = kwargs.get("ami_type") or AMI_TYPE
    made: Any = create_of_moto(self, **kwargs)
    made.remote_access = kwargs.get("remote_access")
    made.release_version = kwargs.get("release_version") or f"{made.version}.0-20260901"
    made.disk_size = None if named else int(kwargs.get("disk_size") or DISK)
    made.resources = {"autoScalingGroups": []}
    return made

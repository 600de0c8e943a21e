"""EKS: a cluster's own endpoint and issuer, tags of all that it has, and new versions of clusters."""

from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.eks import urls
from moto.eks.exceptions import InvalidParameterException, ResourceNotFoundException
from moto.eks.models import Cluster
from moto.eks.responses import EKSResponse
from moto.moto_api._internal import mock_random

from twin.world.stores.additions import adds

urls.url_paths["{0}/clusters/(?P<name>[^/]+)/updates$"] = urls.response.dispatch
made_by_moto = Cluster.__init__


@adds(Cluster)
def __init__(cluster: Any, *given: Any, **named: Any) -> None:
    """Make a cluster; moto draws one endpoint and one issuer for all of a process, by chance."""
    made_by_moto(cluster, *given, **named)
    region, word = named["region_name"], mock_random.get_random_hex(32).upper()
    cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{word}"}}
    cluster.endpoint = f"https://{word}.gr7.{region}.eks.amazonaws.com"


def _tags(response: Any) -> dict[str, str]:
    arn = response._extract_arn_from_path()
    for cluster in response.eks_backend.clusters.values():
        for thing in (cluster, *cluster.nodegroups.values(), *cluster.fargate_profiles.values()):
            if arn in (getattr(thing, "arn", None), getattr(thing, "fargate_profile_arn", None)):
                if thing.tags is None:
                    thing.tags = {}
                kept: dict[str, str] = thing.tags
                return kept
        for held in (getattr(cluster, "access_entries", {}), getattr(cluster, "addons", {})):
            for entry in held.values():
                if arn in (entry.get("accessEntryArn"), entry.get("addonArn")):
                    own: dict[str, str] = entry["tags"]
                    return own
    raise ResourceNotFoundException(
        clusterName=None, nodegroupName=None, fargateProfileName=None, addonName=None, message="Resource was not found"
    )


@adds(EKSResponse)
def tag_resource(response: Any) -> ActionResult:
    """Tag a cluster, a node group or a Fargate profile."""
    _tags(response).update(response._get_param("tags"))
    return EmptyResult()


@adds(EKSResponse)
def untag_resource(response: Any) -> ActionResult:
    """Take tags from a cluster, a node group or a Fargate profile."""
    keys, tags = response._get_param("tagKeys"), _tags(response)
    for key in keys if isinstance(keys, list) else [keys]:
        tags.pop(key, None)
    return EmptyResult()


@adds(EKSResponse)
def list_tags_for_resource(response: Any) -> ActionResult:
    """Tell the tags of a cluster, a node group or a Fargate profile."""
    return ActionResult({"tags": _tags(response)})


@adds(EKSResponse)
def update_cluster_version(response: Any) -> ActionResult:
    """Raise a cluster's Kubernetes version by one minor version, which is all that EKS does in one update."""
    cluster = response.eks_backend.describe_cluster(name=response._get_param("name"))
    wanted = response._get_param("version")
    before, after = (tuple(map(int, version.split("."))) for version in (cluster.version, wanted))
    if after != (before[0], before[1] + 1):
        raise InvalidParameterException(
            clusterName=cluster.name,
            nodegroupName=None,
            fargateProfileName=None,
            addonName=None,
            message=f"Unsupported Kubernetes minor version update from {cluster.version} to {wanted}",
        )
    cluster.version = wanted
    update = {
        "id": str(mock_random.uuid4()),
        "status": "Successful",
        "type": "VersionUpdate",
        "params": [{"type": "Version", "value": cluster.version}],
        "createdAt": utcnow(),
        "errors": [],
    }
    return ActionResult({"update": update})

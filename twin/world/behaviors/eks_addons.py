"""EKS add-ons: what runs on a cluster by EKS's hand, in versions that fit its Kubernetes version."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.eks_updates import cluster_of, facts, find_cluster, missing, paged, record
from twin.world.refusals.clusters import versions as kubernetes_versions
from twin.world.refusals.roles import may_be_assumed_by, role_named
from twin.world.scene import Happening, Scene

PROVIDES = {"eks-addons": "EKS add-ons are made, updated and deleted in versions that fit"}
PODS = "pods.eks.amazonaws.com"
TOO_FEW = "The add-on is unhealthy because it doesn't have the desired number of replicas."
# An add-on that needs a node to run is degraded without one.
ON_NODES = ("coredns", "aws-ebs-csi-driver", "metrics-server")


@cache
def catalogue() -> dict[str, dict[str, Any]]:
    """Return the add-ons that EKS offers, from the data file beside this one."""
    found: dict[str, dict[str, Any]] = json.loads((Path(__file__).parent / "data" / "eks_addons.json").read_text())[
        "addons"
    ]
    return found


def fitting(name: str, version: str) -> list[str]:
    """Return the versions of an add-on that fit a Kubernetes version, the latest first and the default last."""
    offered = catalogue().get(name, {}).get("versions", {})
    found: list[str] = offered.get(version) or offered.get("*") or []
    return found


def addons(cluster: Any) -> dict[str, dict[str, Any]]:
    """Return a cluster's add-ons, by name."""
    if not hasattr(cluster, "addons"):
        cluster.addons = {}
    kept: dict[str, dict[str, Any]] = cluster.addons
    return kept


def _addon(asked: Asked) -> dict[str, Any]:
    name = asked.parameters["addonName"]
    found = addons(cluster_of(asked)).get(name)
    if found is None:
        raise missing(f"No addon: {name} found in cluster: {asked.parameters['clusterName']}")
    return found


def _version(cluster: Any, parameters: dict[str, Any]) -> str:
    name, wanted = parameters["addonName"], parameters.get("addonVersion")
    if name not in catalogue():
        told = f"Addon {name} specified is not supported in {cluster.version} kubernetes version"
        raise AwsError("InvalidParameterException", told)
    offered = fitting(name, cluster.version)
    if not offered or (wanted is not None and wanted not in offered):
        raise AwsError("InvalidParameterException", "Addon version specified is not supported")
    return str(wanted or offered[-1])


def _settings(parameters: dict[str, Any]) -> dict[str, Any]:
    """Return what a call sets beside the version; a role has to be there, values have to be JSON or YAML."""
    kept: dict[str, Any] = {}
    if role := parameters.get("serviceAccountRoleArn"):
        if role_named(role) is None:
            raise AwsError("InvalidParameterException", f"Role {role} does not exist")
        kept["serviceAccountRoleArn"] = role
    for one in parameters.get("podIdentityAssociations") or ():
        if not may_be_assumed_by(one["roleArn"], PODS):
            raise AwsError("InvalidParameterException", f"Trust policy of role {one['roleArn']} does not let in {PODS}")
    if values := parameters.get("configurationValues"):
        kept["configurationValues"] = values
    return kept


@answers("eks", "CreateAddon")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Install an add-on."""
    cluster, parameters, name = cluster_of(asked), asked.parameters, asked.parameters["addonName"]
    if cluster.status != "ACTIVE":
        raise AwsError("InvalidRequestException", f"Cluster '{cluster.name}' is not in ACTIVE status")
    version, told = _version(cluster, parameters), facts(cluster)
    if name in addons(cluster):
        raise AwsError("ResourceInUseException", "Addon already exists.", 409)
    made = {
        "addonName": name,
        "clusterName": cluster.name,
        "status": "CREATING",
        "addonVersion": version,
        "health": {"issues": []},
        "addonArn": f"arn:aws:eks:{told['region']}:{told['account']}:addon/{cluster.name}/{name}/"
        f"{scene.ids('eks').uuid()}",
        "createdAt": scene.now(),
        "modifiedAt": scene.now(),
        "tags": dict(parameters.get("tags") or {}),
        **_settings(parameters),
    }
    addons(cluster)[name] = made
    _settle_later(scene, cluster, name, scene.delay("eks.addon_create"))
    return {"addon": made}


def _settle_later(scene: Scene, cluster: Any, name: str, seconds: float) -> None:
    if seconds:
        scene.after(seconds, "eks.addon.settled", **facts(cluster), addon=name)
    else:
        settled(scene, **facts(cluster), addon=name)


@happens("eks.addon.settled")
def settled(scene: Scene, *, account: str, region: str, cluster: str, addon: str) -> None:
    """An add-on runs, or is degraded for want of nodes, or is gone."""
    found = find_cluster(account, region, cluster)
    kept = addons(found).get(addon) if found is not None else None
    if kept is None:
        return
    if kept["status"] == "DELETING":
        del addons(found)[addon]
    else:
        degraded = addon in ON_NODES and not _has_nodes(found)
        issue = {"code": "InsufficientNumberOfReplicas", "message": TOO_FEW}
        kept["status"] = "DEGRADED" if degraded else "ACTIVE"
        kept["health"] = {"issues": [issue] if degraded else []}
    scene.emit("eks.addon.settled", account=account, region=region, cluster=cluster, addon=addon, status=kept["status"])


def _has_nodes(cluster: Any) -> bool:
    return any(g.status == "ACTIVE" and g.scaling_config["desiredSize"] for g in cluster.nodegroups.values())


@watches("eks.nodegroup.created", "eks.nodegroup.deleted")
def nodes_changed(scene: Scene, happening: Happening) -> None:
    """Add-ons that need nodes become active with the first ones, and degraded without any."""
    told = {key: happening.facts[key] for key in ("account", "region", "cluster")}
    for name, kept in addons(find_cluster(**told)).items():
        if kept["status"] in ("ACTIVE", "DEGRADED"):
            settled(scene, **told, addon=name)


@answers("eks", "DescribeAddon")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell of an add-on."""
    return {"addon": _addon(asked)}


@answers("eks", "ListAddons")
def list_addons(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List a cluster's add-ons."""
    return paged(sorted(addons(cluster_of(asked))), asked.parameters, "addons")


@answers("eks", "UpdateAddon")
def update(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Change an add-on's version or settings."""
    cluster, kept, parameters = cluster_of(asked), _addon(asked), asked.parameters
    if kept["status"] in ("CREATING", "UPDATING", "DELETING"):
        raise AwsError("ResourceInUseException", f"Addon {kept['addonName']} cannot be updated as it is currently in "
                       f"{kept['status']} state", 409)  # fmt: skip
    version = _version(cluster, parameters) if parameters.get("addonVersion") else kept["addonVersion"]
    settings, seconds = _settings(parameters), scene.delay("eks.addon_update")
    params = [{"type": "AddonVersion", "value": version}]
    params += [{"type": key[0].upper() + key[1:], "value": value} for key, value in settings.items()]
    if parameters.get("resolveConflicts"):
        params.append({"type": "ResolveConflicts", "value": parameters["resolveConflicts"]})
    kept.update(settings, addonVersion=version, status="UPDATING", modifiedAt=scene.now())
    _settle_later(scene, cluster, kept["addonName"], seconds)
    part = f"addon/{kept['addonName']}"
    return {"update": record(scene, cluster, kind="AddonUpdate", params=params, seconds=seconds, part=part)}


@answers("eks", "DeleteAddon")
def delete(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take an add-on off a cluster."""
    kept = _addon(asked)
    kept["status"] = "DELETING"
    told = dict(kept)
    _settle_later(scene, cluster_of(asked), kept["addonName"], scene.delay("eks.addon_delete"))
    return {"addon": told}


@answers("eks", "DescribeAddonVersions")
def describe_versions(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell which add-ons there are, and which of their versions fit which Kubernetes version."""
    parameters = asked.parameters
    wanted, kubernetes = parameters.get("addonName"), parameters.get("kubernetesVersion")
    if wanted and wanted not in catalogue():
        raise missing(f"Addon {wanted} specified is not supported")
    of = [kubernetes] if kubernetes else sorted(kubernetes_versions())
    found = []
    for name, entry in sorted(catalogue().items()):
        listed = _compatible(name, of)
        if listed and wanted in (None, name):
            told = {"addonName": name, "type": entry["type"], "addonVersions": listed}
            owner = {"publisher": "eks", "owner": entry.get("owner", "aws")}
            found.append({**told, **owner})
    return paged(found, parameters, "addons")


def _compatible(name: str, kubernetes: list[str]) -> list[dict[str, Any]]:
    fits: dict[str, list[dict[str, Any]]] = {}
    for version in kubernetes:
        offered = fitting(name, version)
        for one in offered:
            told = {"clusterVersion": version, "platformVersions": ["*"], "defaultVersion": one == offered[-1]}
            fits.setdefault(one, []).append(told)
    return [
        {
            "addonVersion": one,
            "architecture": ["amd64", "arm64"],
            "compatibilities": listed,
            "requiresConfiguration": False,
        }
        for one, listed in fits.items()
    ]

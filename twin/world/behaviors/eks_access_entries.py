"""EKS access entries: which IAM principals a cluster knows, and the access policies that they have in it."""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, watches
from twin.world.behaviors.eks_updates import cluster_of, facts, find_cluster, missing, paged
from twin.world.refusals.roles import role_named
from twin.world.scene import Happening, Scene

PROVIDES = {"eks-access-entries": "EKS clusters know principals by access entries, as their mode allows"}
POLICY = "arn:aws:eks::aws:cluster-access-policy/"
ADMIN = f"{POLICY}AmazonEKSClusterAdminPolicy"
STANDARD, LINUX = "STANDARD", "EC2_LINUX"
# Types of nodes, whose names and groups EKS sets: https://docs.aws.amazon.com/eks/latest/userguide/access-entries.html
NODES = {
    LINUX: ["system:nodes"],
    "EC2_WINDOWS": ["system:nodes", "eks:kube-proxy-windows"],
    "FARGATE_LINUX": ["system:nodes", "system:node-proxier"],
    "EC2": [],
    "HYBRID_LINUX": [],
    "HYPERPOD_LINUX": ["system:nodes"],
}
PRINCIPAL = re.compile(r"arn:aws:iam::(?P<account>\d{12}):(?P<kind>user|role|root)(/(?P<name>.+))?")


@cache
def policies() -> tuple[str, ...]:
    """Return the names of the access policies that EKS has, from the data file beside this one."""
    found = json.loads((Path(__file__).parent / "data" / "eks_policies.json").read_text())
    return tuple(found["policies"])


def entries(cluster: Any) -> dict[str, dict[str, Any]]:
    """Return a cluster's entries, by the principal's ARN."""
    if not hasattr(cluster, "access_entries"):
        cluster.access_entries = {}
    kept: dict[str, dict[str, Any]] = cluster.access_entries
    return kept


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


def _open(asked: Asked) -> Any:
    """Return the cluster of a call, whose mode has to let it have entries."""
    cluster = cluster_of(asked)
    if getattr(cluster, "access_config", {}).get("authenticationMode", "CONFIG_MAP") == "CONFIG_MAP":
        raise AwsError(
            "InvalidRequestException",
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this "
            "operation.",
        )
    return cluster


def _entry(asked: Asked) -> dict[str, Any]:
    found = entries(_open(asked)).get(asked.parameters["principalArn"])
    if found is None:
        raise missing(
            "The specified principalArn could not be found. You can view your available access entries with "
            "'list-access-entries'."
        )
    return found


@answers("eks", "CreateAccessEntry")
def create(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Let a principal in."""
    cluster, parameters = _open(asked), asked.parameters
    arn, kind = parameters["principalArn"], parameters.get("type") or STANDARD
    _existing(asked, arn)
    if arn in entries(cluster):
        raise AwsError(
            "ResourceInUseException", "The specified access entry resource is already in use on this cluster.", 409
        )
    if kind not in (STANDARD, *NODES):
        raise _invalid(f"The specified access entry type {kind} is invalid")
    if kind != STANDARD and (parameters.get("kubernetesGroups") or parameters.get("username")):
        raise _invalid(f"The type {kind} takes neither kubernetesGroups nor username")
    _names(parameters)
    made = make(scene, cluster, arn, kind=kind)
    if kind == STANDARD:
        made["kubernetesGroups"] = list(parameters.get("kubernetesGroups") or ())
        made["username"] = parameters.get("username") or made["username"]
    made["tags"] = dict(parameters.get("tags") or {})
    return {"accessEntry": _told(made)}


def make(scene: Scene, cluster: Any, arn: str, *, kind: str) -> dict[str, Any]:
    """Make the entry of a principal."""
    told, name = facts(cluster), arn.rpartition("/")[2]
    sort = "role" if ":role/" in arn else "user"
    username = arn
    if kind in NODES:
        username = "system:node:{{EC2PrivateDNSName}}"
    elif sort == "role":
        username = f"arn:aws:sts::{arn.split(':')[4]}:assumed-role/{name}/{{{{SessionName}}}}"
    made = {
        "clusterName": cluster.name,
        "principalArn": arn,
        "kubernetesGroups": list(NODES.get(kind, ())),
        "accessEntryArn": f"arn:aws:eks:{told['region']}:{told['account']}:access-entry/{cluster.name}/{sort}/"
        f"{arn.split(':')[4]}/{name}/{scene.ids('eks').uuid()}",
        "createdAt": scene.now(),
        "modifiedAt": scene.now(),
        "tags": {},
        "username": username,
        "type": kind,
        "policies": {},
    }
    entries(cluster)[arn] = made
    return made


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key != "policies"}


def _existing(asked: Asked, arn: str) -> None:
    """Refuse a principal that is not there; those of accounts outside of the world are taken."""
    found = PRINCIPAL.fullmatch(arn)
    if found is None:
        raise _invalid("The specified principalArn is invalid: invalid principal.")
    if "/aws-service-role/" in arn:
        raise _invalid(
            "The caller is not allowed to modify access entries with a principalArn value of a Service Linked Role"
        )
    users = asked.state("iam").users
    known = found["kind"] == "root" or role_named(arn) or any(user.arn == arn for user in users.values())
    if found["account"] == asked.call.account and not known:
        raise _invalid("The specified principalArn is invalid: invalid principal.")


def _names(parameters: dict[str, Any]) -> None:
    if str(parameters.get("username") or "").startswith("system:"):
        raise _invalid("The username must not begin with system:")
    for group in parameters.get("kubernetesGroups") or ():
        if group.startswith("system:"):
            raise _invalid(f"The kubernetes group name {group} is invalid, it cannot start with system:")


@answers("eks", "DescribeAccessEntry")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell of a principal's entry."""
    return {"accessEntry": _told(_entry(asked))}


@answers("eks", "ListAccessEntries")
def list_entries(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the principals, those with a policy if one is named."""
    policy = asked.parameters.get("associatedPolicyArn")
    found = [arn for arn, e in sorted(entries(_open(asked)).items()) if policy is None or policy in e["policies"]]
    return paged(found, asked.parameters, "accessEntries")


@answers("eks", "UpdateAccessEntry")
def update(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Change a principal's Kubernetes name or groups, which are the user's with standard entries only."""
    entry, parameters = _entry(asked), asked.parameters
    named = [key for key in ("kubernetesGroups", "username") if parameters.get(key) is not None]
    if named and entry["type"] != STANDARD:
        raise _invalid(f"The type {entry['type']} takes neither kubernetesGroups nor username")
    _names(parameters)
    entry.update({key: parameters[key] for key in named}, modifiedAt=scene.now())
    return {"accessEntry": _told(entry)}


@answers("eks", "DeleteAccessEntry")
def delete(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Shut a principal out."""
    entries(cluster_of(asked)).pop(_entry(asked)["principalArn"])
    return {}


@answers("eks", "AssociateAccessPolicy")
def associate(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Give a principal a policy, in the whole cluster or in namespaces."""
    entry, parameters = _entry(asked), asked.parameters
    arn, scope = parameters["policyArn"], parameters["accessScope"]
    if not arn.startswith(POLICY) or arn.removeprefix(POLICY) not in policies():
        raise _invalid("The policyArn parameter format is not valid")
    if entry["type"] not in (STANDARD, "EC2"):
        raise AwsError(
            "InvalidRequestException", f"Cannot associate a policy with an access entry of type {entry['type']}"
        )
    if bool(scope.get("namespaces")) is (scope.get("type") == "cluster"):
        raise _invalid("namespaces go with the access scope type namespace, and with it only")
    kept = entry["policies"].get(arn) or {"policyArn": arn, "associatedAt": scene.now()}
    entry["policies"][arn] = {
        **kept,
        "accessScope": {"type": scope["type"], "namespaces": list(scope.get("namespaces") or ())},
        "modifiedAt": scene.now(),
    }
    told = {"clusterName": parameters["clusterName"], "principalArn": entry["principalArn"]}
    return {**told, "associatedAccessPolicy": entry["policies"][arn]}


@answers("eks", "DisassociateAccessPolicy")
def disassociate(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Take a policy from a principal."""
    if _entry(asked)["policies"].pop(asked.parameters["policyArn"], None) is None:
        raise missing("No associated access policy found for the specified policyArn")
    return {}


@answers("eks", "ListAssociatedAccessPolicies")
def list_associated(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List a principal's policies."""
    entry = _entry(asked)
    told = {"clusterName": asked.parameters["clusterName"], "principalArn": entry["principalArn"]}
    return told | paged(list(entry["policies"].values()), asked.parameters, "associatedAccessPolicies")


@answers("eks", "ListAccessPolicies")
def list_policies(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the policies there are."""
    return paged([{"name": name, "arn": POLICY + name} for name in policies()], asked.parameters, "accessPolicies")


@watches("eks.cluster.requested")
def creator(scene: Scene, happening: Happening) -> None:
    """Who makes a cluster is its administrator, unless the call says otherwise."""
    told = happening.facts
    cluster = find_cluster(told["account"], told["region"], told["cluster"])
    made = make(scene, cluster, told["principal"], kind=STANDARD)
    scope = {"type": "cluster", "namespaces": []}
    stamps = {"associatedAt": scene.now(), "modifiedAt": scene.now()}
    made["policies"][ADMIN] = {"policyArn": ADMIN, "accessScope": scope, **stamps}


@watches("eks.nodegroup.requested")
def node_role(scene: Scene, happening: Happening) -> None:
    """The role of a managed node group is let in as nodes."""
    told = happening.facts
    cluster = find_cluster(told["account"], told["region"], told["cluster"])
    if cluster.access_config["authenticationMode"] != "CONFIG_MAP" and told["role"] not in entries(cluster):
        make(scene, cluster, told["role"], kind=LINUX)

"""The updates of EKS clusters, node groups and add-ons, as DescribeUpdate and ListUpdates tell them."""

from datetime import timedelta
from typing import Any

from twin.world.aws_call import Asked
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers
from twin.world.scene import Scene

IN_PROGRESS, SUCCESSFUL = "InProgress", "Successful"


def missing(message: str) -> AwsError:
    """Return the refusal of a call that names what is not there."""
    return AwsError("ResourceNotFoundException", message, 404)


def cluster_of(asked: Asked) -> Any:
    """Return the store's cluster that a call names."""
    name = asked.parameters.get("clusterName") or asked.parameters.get("name")
    found = asked.state("eks").clusters.get(name)
    if found is None:
        raise missing(f"No cluster found for name: {name}.")
    return found


def find_cluster(account: str, region: str, cluster: str) -> Any:
    """Return the store's cluster of a name; None when there is none."""
    from twin.world.stores.moto_store import backends

    return backends("eks")[account][region].clusters.get(cluster)


def facts(cluster: Any) -> dict[str, str]:
    """Return the facts by which a cluster is told."""
    _, _, _, region, account, _ = cluster.arn.split(":", 5)
    return {"account": account, "region": region, "cluster": cluster.name}


def record(
    scene: Scene, cluster: Any, *, kind: str, params: list[dict[str, str]], seconds: float, part: str = ""
) -> dict[str, Any]:
    """Record an update that is done in some seconds; `part` is `nodegroup/NAME` or `addon/NAME`."""
    update = {
        "id": scene.ids("eks").uuid(),
        "type": kind,
        "params": params,
        "createdAt": scene.now(),
        "errors": [],
        "part": part,
        "done": scene.now() + timedelta(seconds=seconds),
    }
    kept: dict[str, list[dict[str, Any]]] = scene.memory.setdefault("eks.updates", {})
    kept.setdefault(cluster.arn, []).append(update)
    return told(scene, update)


def told(scene: Scene, update: dict[str, Any]) -> dict[str, Any]:
    """Return an update as EKS tells it now."""
    status = SUCCESSFUL if update["done"] <= scene.now() else IN_PROGRESS
    shown = {key: update[key] for key in ("id", "type", "params", "createdAt", "errors")}
    return {**shown, "status": status}


def finish(scene: Scene, cluster: Any, part: str) -> None:
    """End the updates of a part that are under way."""
    for update in scene.memory.get("eks.updates", {}).get(cluster.arn, ()):
        if update["part"] == part:
            update["done"] = min(update["done"], scene.now())


def running(scene: Scene, cluster: Any, part: str = "") -> bool:
    """Tell whether an update is under way."""
    kept = scene.memory.get("eks.updates", {}).get(cluster.arn, ())
    return any(update["part"] == part and update["done"] > scene.now() for update in kept)


def _asked_for(asked: Asked, scene: Scene) -> list[dict[str, Any]]:
    cluster, parameters = cluster_of(asked), asked.parameters
    part = ""
    if parameters.get("nodegroupName"):
        part = f"nodegroup/{parameters['nodegroupName']}"
    elif parameters.get("addonName"):
        part = f"addon/{parameters['addonName']}"
    kept = scene.memory.get("eks.updates", {}).get(cluster.arn, ())
    return [update for update in kept if update["part"] == part]


@answers("eks", "DescribeUpdate")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell of one update."""
    wanted = asked.parameters["updateId"]
    found = next((update for update in _asked_for(asked, scene) if update["id"] == wanted), None)
    if found is None:
        raise missing(f"No update found for ID: {wanted}")
    return {"update": told(scene, found)}


@answers("eks", "ListUpdates")
def list_updates(asked: Asked, scene: Scene) -> dict[str, Any]:
    """List the ids of updates, in pages."""
    return paged([update["id"] for update in _asked_for(asked, scene)], asked.parameters, "updateIds")


def paged(whole: list[Any], parameters: dict[str, Any], key: str) -> dict[str, Any]:
    """Return one page of a list, by `maxResults` (100 by default) and a token that holds the place."""
    most, token = int(parameters.get("maxResults") or 100), parameters.get("nextToken")
    if token and not (token.isdigit() and int(token) < len(whole)):
        raise AwsError("InvalidParameterException", "Invalid nextToken")
    start = int(token or 0)
    page = {key: whole[start : start + most]}
    return {**page, "nextToken": str(start + most)} if start + most < len(whole) else page

"""What RDS refuses about things that are not there, and about pages that are too small."""

from typing import Any

from twin.world.refusals import EVERY, Asked, Refusal, refuses
from twin.world.stores.rds_instances import named_instance, where_of

# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html
PAGE = (20, 100)
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeOrderableDBInstanceOptions.html and, for those
# that state no bound, each one's own page there.
OTHER_PAGES: dict[str, tuple[int, int] | None] = {
    "DescribeOrderableDBInstanceOptions": (20, 1000),
    "DescribeServerlessV2PlatformVersions": (1, 200),
    **dict.fromkeys((
        "DescribeDBClusterAutomatedBackups", "DescribeDBInstanceAutomatedBackups", "DescribeDBLogFiles",
        "DescribeDBRecommendations", "DescribeDBSnapshotTenantDatabases", "DescribeTenantDatabases",
    )),
}  # fmt: skip


@refuses("rds", EVERY)
def size_of_a_page(asked: Asked) -> None:
    """A page has twenty to a hundred entries, with a few operations that take more, fewer or any number."""
    wanted, bounds = asked.parameters.get("MaxRecords"), OTHER_PAGES.get(asked.call.operation, PAGE)
    if wanted is None or bounds is None:
        return
    least, most = bounds
    if not least <= int(wanted) <= most:
        message = f"Invalid value {wanted} for MaxRecords. Must be between {least} and {most}"
        raise Refusal("InvalidParameterValue", message)


@refuses("rds", "PromoteReadReplica")
def replica_is_there(asked: Asked) -> None:
    """A replica that is promoted is there."""
    name = str(asked.parameters.get("DBInstanceIdentifier"))
    if named_instance(name, where_of(asked.call)) is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {name} not found.", 404)


@refuses("rds", "ModifyDBCluster", "PromoteReadReplicaDBCluster")
def cluster_is_there(asked: Asked) -> None:
    """A cluster that is changed is there."""
    name = str(asked.parameters.get("DBClusterIdentifier"))
    if name.rpartition(":")[2] not in asked.state().clusters:
        raise Refusal("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)


@refuses("rds", "DescribeDBParameterGroups")
def parameter_group_is_there(asked: Asked) -> None:
    """A group that is asked for is there, in whatever case; a default one is known without having been made."""
    name = str(asked.parameters.get("DBParameterGroupName") or "")
    if name and not name.startswith("default.") and name not in asked.state().db_parameter_groups:
        raise Refusal("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)


@refuses(
    "rds", "DescribeDBProxyTargets", "DescribeDBProxyTargetGroups", "DeleteDBProxy", "RegisterDBProxyTargets",
    "DeregisterDBProxyTargets", "ModifyDBProxyTargetGroup",
)  # fmt: skip
def proxy_is_there(asked: Asked) -> None:
    """A proxy that is asked for is there."""
    name = str(asked.parameters.get("DBProxyName"))
    if name not in asked.state().db_proxies:
        raise Refusal("DBProxyNotFoundFault", f"The specified proxy name doesn't correspond to a proxy: {name}", 404)


@refuses("rds", "AddTagsToResource", "RemoveTagsFromResource", "ListTagsForResource")
def tagged_thing(asked: Asked) -> None:
    """A database or a cluster that is tagged is there."""
    _, kind, name = str(asked.parameters.get("ResourceName")).rsplit(":", 2) if _is_arn(asked) else ("", "", "")
    state: Any = asked.state()
    if kind == "db" and name not in state.databases:
        raise Refusal("DBInstanceNotFound", f"The specified resource name does not match an RDS resource: {name}", 404)
    if kind == "cluster" and name not in state.clusters:
        raise Refusal("DBClusterNotFoundFault", f"DBCluster {name} not found.", 404)


def _is_arn(asked: Asked) -> bool:
    return str(asked.parameters.get("ResourceName")).count(":") >= 6

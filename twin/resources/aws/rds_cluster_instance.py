"""RDS: the instances of Aurora DB clusters."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.aws.limits import within
from twin.resources.aws.rds_checks import check_class, check_name
from twin.resources.aws.rds_cluster import Cluster
from twin.resources.aws.rds_database import Database, databases, observed_fields, outputs
from twin.resources.aws.rds_global_cluster import GlobalCluster
from twin.resources.call import Steps, aws
from twin.resources.resource import IMMUTABLE, Observed, Peers, Problem, RefTo, Resource, Wanted
from twin.resources.scope import Scope, plain_tags, user_tags

OWN = ("instance_class", "promotion_tier", "maintenance_window", "publicly_accessible", "auto_minor_version_upgrade")


class ClusterInstance(Database):
    """An instance of an Aurora cluster: the first one writes, the others read and stand by to be promoted."""

    TYPE: ClassVar[str] = "aws.rds.cluster_instance"
    OUTPUTS: ClassVar[tuple[str, ...]] = ("id", "arn", "endpoint", "resource_id")

    cluster: Annotated[str, RefTo("aws.rds.cluster"), IMMUTABLE] = Field(description="Id of the cluster")
    engine: Annotated[str, IMMUTABLE] = Field(description="The cluster's own")
    instance_class: str
    availability_zone: Annotated[str | None, IMMUTABLE] = Field(None, description="Aurora chooses when left out")
    promotion_tier: int = Field(1, description="0 to 15: the lowest is promoted first")
    maintenance_window: str | None = None
    publicly_accessible: bool = False
    auto_minor_version_upgrade: bool = True

    @classmethod
    def read(cls, scope: Scope, wanted: Wanted) -> Steps[list[Observed]]:
        """Read all members of clusters with the DescribeDBInstances that reads the instances too."""
        found = []
        for item in (yield from databases()):
            if not item.get("DBClusterIdentifier"):
                continue
            tags = plain_tags(item.get("TagList"))
            said = observed_fields(item)
            fields = {
                **{name: said[name] for name in ("name", *OWN, "availability_zone") if name in said},
                "cluster": item["DBClusterIdentifier"],
                "engine": item["Engine"],
                "promotion_tier": item.get("PromotionTier"),
                "tags": user_tags(tags),
            }
            # No set of the cluster's: Aurora adds and removes readers by itself where they scale.
            owner, other = scope.own(tags), scope.other(tags)
            found.append(Observed(item["DBInstanceIdentifier"], fields, outputs(item), owner, other=other))
        return found

    def create(self, scope: Scope, address: Address) -> Steps[Mapping[str, Any]]:
        """Make the instance in one call; storage, backups and keys are its cluster's."""
        params = {
            "DBInstanceIdentifier": self.name,
            "DBClusterIdentifier": self.cluster,
            "Engine": self.engine,
            "DBInstanceClass": self.instance_class,
            "AvailabilityZone": self.availability_zone,
            "PromotionTier": self.promotion_tier,
            "PreferredMaintenanceWindow": self.maintenance_window,
            "PubliclyAccessible": self.publicly_accessible,
            "AutoMinorVersionUpgrade": self.auto_minor_version_upgrade,
            "Tags": scope.tag_list(address, self.tags),
        }
        reply = yield aws("rds", "CreateDBInstance", params)
        return {**self.predict(scope), **outputs(reply["DBInstance"])}

    def check(self, address: Address, peers: Peers) -> Iterable[Problem]:
        """Name, class and tier are ones that Aurora takes, and the engine is the cluster's."""
        yield from check_name(self.name)
        yield from check_class(self.instance_class)
        yield from within("rds", "promotion_tier", self.promotion_tier, "promotion_tier")
        cluster = peers.get(self.cluster)
        if isinstance(cluster, Cluster) and cluster.engine != self.engine:
            message = f"the engine is {self.engine}, that of the cluster {cluster.name} is {cluster.engine}"
            yield Problem("TW0472", message, "engine", f"write {cluster.engine}")
        family = self.instance_class.rpartition(".")[0]
        if family in facts("rds")["classes_without_global"] and _global(cluster, peers):
            message = f"a global database has no burstable instances, and {self.instance_class} is one"
            yield Problem("TW0471", message, "instance_class", "such as db.r6g.large")


def _global(cluster: Resource | None, peers: Peers) -> bool:
    """Tell whether a cluster belongs to a global database, which it joins or which was made around it."""
    if isinstance(cluster, Cluster) and cluster.global_cluster is not None:
        return True
    around = (peers.get(one.source) for _, one in peers.of(GlobalCluster.TYPE) if isinstance(one, GlobalCluster))
    return cluster is not None and any(one is cluster for one in around)

"""Aurora clusters and their instances keep the resource contract on a real store; RDS's refusals are found before."""

import pytest

from twin.address import Address
from twin.resources.aws.api import AwsSystem
from twin.resources.aws.rds import Instance, SubnetGroup
from twin.resources.aws.rds_cluster import Cluster
from twin.resources.aws.rds_cluster_instance import ClusterInstance
from twin.resources.aws.rds_global_cluster import GlobalCluster
from twin.resources.resource import Observed, Peers, drain
from twin.world.stores.additions import install


@pytest.fixture(autouse=True)
def _complete_store():
    """The store has the operations that moto lacks."""
    install()


def cluster(**fields):
    """A sound cluster with some fields other."""
    said = {"name": "ledger", "engine": "aurora-postgresql", "engine_version": "16.9", "username": "app"}
    return Cluster(**{**said, **fields})


def member(**fields):
    """A sound instance of that cluster with some fields other."""
    said = {"name": "ledger-1", "cluster": "${aws.rds.cluster.ledger.id}", "engine": "aurora-postgresql"}
    return ClusterInstance(**{**said, "instance_class": "db.r6g.large", **fields})


def test_cluster_lives_and_dies(bench):
    """A cluster is made protected, changed in place in all that RDS lets change, and deleted in spite of that."""
    ec2 = bench.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    placed = {"a": "10.0.0.0/24", "b": "10.0.1.0/24"}
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"us-east-1{zone}")["Subnet"]["SubnetId"]
        for zone, block in placed.items()
    ]
    guard = ec2.create_security_group(GroupName="db", Description="db", VpcId=vpc)["GroupId"]
    bench.create("db", SubnetGroup(name="db", subnets=subnets))
    first = cluster(
        subnet_group="${aws.rds.subnet_group.db.id}",
        security_groups=[guard],
        database="ledger",
        deletion_protection=True,
        log_exports=["postgresql"],
        tags={"team": "a"},
    )
    open_ = first.model_copy(update={"iam_authentication": True, "storage_type": "aurora-iopt1", "port": 5433})
    later = open_.model_copy(update={"backup_retention": 14, "engine_version": "17.6", "tags": {"tier": "b"}})
    silent = later.model_copy(update={"log_exports": [], "iam_authentication": False, "storage_type": "aurora"})
    bench.lifecycle("ledger", first, open_, later, silent)


def test_instance_of_a_cluster_lives_and_dies(bench):
    """A member is made in a zone, changed in place and deleted; it is no DB instance of its own to the reader."""
    made = bench.create("ledger", cluster())
    first = member(availability_zone="us-east-1b", tags={"team": "a"})
    bench.lifecycle("one", first, first.model_copy(update={"instance_class": "db.r6g.xlarge", "promotion_tier": 0}))
    bench.create("two", member(name="ledger-2"))
    assert bench.read(Instance) == []
    assert [(one.id, one.member_of) for one in bench.read(ClusterInstance)] == [("ledger-2", None)]
    assert bench.outputs[made]["endpoint"].startswith("ledger.cluster-")
    assert bench.outputs[made]["reader_endpoint"].startswith("ledger.cluster-ro-")


def test_cluster_of_another_region_joins_a_global_database(bench):
    """It has no master user of its own, and both read back as they were made."""
    bench.create("ledger", cluster(name="ledger"))
    around = GlobalCluster(name="world", source="${aws.rds.cluster.ledger.arn}")
    world = bench.create("world", around)
    arn = f"arn:aws:rds::{bench.scope.account}:global-cluster:world"
    assert (bench.differences(world, around), bench.outputs[world]["arn"]) == ({}, arn)
    bench.scope = bench.scope.at("us-west-2")
    bench.systems["aws"] = AwsSystem(region="us-west-2", access_key_id="AKIAIOSFODNN7EXAMPLE", secret_access_key="x")
    copy = cluster(name="copy", global_cluster="${aws.rds.global_cluster.world.id}", username=None)
    assert bench.differences(bench.create("copy", copy), copy) == {}


def test_global_database_lets_its_clusters_go_the_writing_one_last(bench):
    """RDS deletes neither one that has members, nor a cluster that is one."""
    members = [{"DBClusterArn": "first", "IsWriter": True}, {"DBClusterArn": "second", "IsWriter": False}]
    told = {"GlobalClusters": [{"GlobalClusterIdentifier": "world", "GlobalClusterMembers": members}]}
    calls, _ = drain(GlobalCluster.delete(bench.scope, Observed("world", {})), told)
    assert [(call.operation, call.params.get("DbClusterIdentifier")) for call in calls[1:]] == [
        ("RemoveFromGlobalCluster", "second"), ("RemoveFromGlobalCluster", "first"), ("DeleteGlobalCluster", None)
    ]  # fmt: skip
    gone = Observed("copy", {"global_cluster": "world"}, {"arn": "second"})
    calls, _ = drain(Cluster.delete(bench.scope, gone), None)
    assert [call.operation for call in calls] == ["RemoveFromGlobalCluster", "DeleteDBCluster"]


def test_cluster_without_password_has_a_managed_secret(bench):
    """RDS keeps the password in Secrets Manager, unless the spec names one."""
    managed = bench.create("one", cluster(name="one"))
    given = bench.create("two", cluster(name="two", password="not-a-real-one"))
    assert bench.outputs[managed]["secret_arn"].startswith("arn:aws:secretsmanager:")
    assert bench.outputs[given]["secret_arn"] is None


def problems(resource, desired=None):
    """The codes and fields of what a check finds."""
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, None))]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"engine_version": "17"}, []),
        ({"engine": "aurora-mysql", "engine_version": "8.0.mysql_aurora.3.10.1"}, []),
        ({"engine": "aurora-mysql", "engine_version": "8.0"}, []),
        ({"name": "Ledger"}, [("TW0470", "name")]),
        ({"engine": "postgres"}, [("TW0472", "engine")]),
        ({"username": None}, [("TW0494", "username")]),
        ({"global_cluster": "world"}, [("TW0494", "username")]),
        ({"global_cluster": "world", "username": None}, []),
        ({"engine_version": "16.12"}, [("TW0472", "engine_version")]),
        ({"storage_type": "gp3"}, [("TW0481", "storage_type")]),
        ({"backup_retention": 0}, [("TW0475", "backup_retention")]),
        ({"kms_key": "arn:aws:kms:x", "storage_encrypted": False}, [("TW0494", "storage_encrypted")]),
    ],
)
def test_cluster_constraints(fields, found):
    """What RDS refuses of a cluster is found; what it takes is not."""
    assert problems(cluster(**fields)) == found


def test_member_has_its_clusters_engine():
    """A member of another engine than its cluster is refused, as are a tier beyond 15 and Aurora without a cluster."""
    ledger = {Address("aws.rds.cluster", "ledger"): cluster()}
    assert problems(member(), ledger) == []
    assert problems(member(engine="aurora-mysql"), ledger) == [("TW0472", "engine")]
    assert problems(member(promotion_tier=16)) == [("TW0475", "promotion_tier")]
    around = GlobalCluster(name="w", source="${aws.rds.cluster.ledger.arn}")
    world = {**ledger, Address("aws.rds.global_cluster", "w"): around}
    assert problems(member(instance_class="db.t4g.medium"), ledger) == []
    assert problems(member(instance_class="db.t4g.medium"), world) == [("TW0471", "instance_class")]
    alone = Instance(
        name="x", engine="aurora-mysql", instance_class="db.r6g.large", allocated_storage=20, username="app"
    )
    assert problems(alone) == [("TW0472", "engine")]

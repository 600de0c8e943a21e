"""Databases keep the resource contract on a real store, and what RDS refuses is found before."""

import pytest

from twin.address import Address
from twin.resources.aws.rds import Instance, SubnetGroup
from twin.resources.aws.rds_replica import Replica
from twin.resources.resource import Peers
from twin.world.stores.additions import install


@pytest.fixture(autouse=True)
def _complete_store():
    """The store has the operations that moto lacks."""
    install()


@pytest.fixture
def subnets(bench):
    """Three subnets in three zones."""
    ec2 = bench.aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    return [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{i}.0/24", AvailabilityZone=f"us-east-1{z}")["Subnet"]["SubnetId"]
        for i, z in enumerate("abc")
    ]


def database(**fields):
    """A sound instance with some fields other."""
    return Instance(
        **{
            "name": "app",
            "engine": "postgres",
            "engine_version": "17.6",
            "instance_class": "db.t4g.medium",
            "allocated_storage": 20,
            "username": "app",
            **fields,
        }
    )


def test_subnet_group_lives_and_dies(bench, subnets):
    """A subnet group is made, changed in place and deleted."""
    bench.lifecycle(
        "db",
        SubnetGroup(name="db", subnets=subnets[:2], tags={"team": "a"}),
        SubnetGroup(name="db", subnets=subnets, description="three", tags={"tier": "b"}),
    )


def test_instance_lives_and_dies(bench, subnets):
    """An instance is made with protection and backups, changed in place and deleted in spite of the protection."""
    bench.create("db", SubnetGroup(name="db", subnets=subnets))
    first = database(
        multi_az=True,
        subnet_group="${aws.rds.subnet_group.db.id}",
        database="app",
        deletion_protection=True,
        log_exports=["postgresql"],
        tags={"team": "a"},
    )
    bigger = first.model_copy(
        update={
            "instance_class": "db.m7g.large",
            "allocated_storage": 50,
            "backup_retention": 14,
            "tags": {"tier": "b"},
        }
    )
    bench.lifecycle("app", first, bigger, bigger.model_copy(update={"log_exports": ["postgresql", "upgrade"]}))


def test_instance_without_password_has_a_managed_secret(bench):
    """RDS keeps the password in Secrets Manager, unless the spec names one."""
    managed = bench.create("one", database(name="one"))
    given = bench.create("two", database(name="two", password="not-a-real-one"))
    assert bench.outputs[managed]["secret_arn"].startswith("arn:aws:secretsmanager:")
    assert bench.outputs[given]["secret_arn"] is None


def test_replica_lives_and_dies(bench):
    """A replica is made in another zone, changed in place and deleted; it is no instance to the reader."""
    source = bench.create("app", database())
    replica = Replica(
        name="app-reader",
        source="${aws.rds.instance.app.id}",
        instance_class="db.t4g.medium",
        availability_zone="us-east-1b",
    )
    bench.lifecycle(
        "reader", replica, replica.model_copy(update={"instance_class": "db.m7g.large", "tags": {"a": "b"}})
    )
    assert bench.observe(source, database()).id == "app"


def test_major_version_means_any_minor():
    """A desired major version is met by each of its minors, and by no other major."""
    assert Instance.same("engine_version", "17", "17.6")
    assert not Instance.same("engine_version", "17", "16.9")
    assert not Instance.same("engine_version", "17.5", "17.6")


def problems(resource, desired=None, scope=None):
    """The codes and fields of what a check finds."""
    return [(p.code, p.field) for p in resource.check(Address(resource.TYPE, "x"), Peers(desired or {}, scope))]


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({}, []),
        ({"engine_version": "17"}, []),
        ({"engine": "mariadb", "engine_version": "11.4.3"}, []),
        ({"name": "App"}, [("TW0470", "name")]),
        ({"name": "app--db"}, [("TW0470", "name")]),
        ({"name": "a" * 64}, [("TW0470", "name")]),
        ({"instance_class": "db.t9.huge"}, [("TW0471", "instance_class")]),
        ({"instance_class": "db.m7g.24xlarge"}, [("TW0471", "instance_class")]),
        ({"engine": "postgresql"}, [("TW0472", "engine")]),
        ({"engine_version": "17.99"}, [("TW0472", "engine_version")]),
        ({"engine": "mysql", "engine_version": "9.9"}, [("TW0472", "engine_version")]),
        ({"allocated_storage": 10}, [("TW0474", "allocated_storage")]),
        ({"storage_type": "io2"}, [("TW0474", "allocated_storage")]),
        ({"max_allocated_storage": 20}, [("TW0474", "max_allocated_storage")]),
        ({"storage_type": "ssd"}, [("TW0481", "storage_type")]),
        ({"backup_retention": 36}, [("TW0475", "backup_retention")]),
        ({"multi_az": True, "availability_zone": "us-east-1a"}, [("TW0494", "availability_zone")]),
        ({"kms_key": "arn:aws:kms:x", "storage_encrypted": False}, [("TW0494", "storage_encrypted")]),
    ],
)
def test_instance_constraints(fields, found):
    """What RDS refuses of an instance is found; what it takes is not."""
    assert problems(database(**fields)) == found


def test_replica_needs_a_source_with_backups():
    """A source without automatic backups cannot be replicated."""
    replica = Replica(name="r", source="${aws.rds.instance.app.id}", instance_class="db.t4g.medium")
    app = Address("aws.rds.instance", "app")
    assert problems(replica, {app: database()}) == []
    assert problems(replica, {app: database(backup_retention=0)}) == [("TW0476", "source")]


def test_subnet_group_covers_two_zones():
    """One subnet is too few; so are two in the same zone."""
    assert problems(SubnetGroup(name="db", subnets=["subnet-1", "subnet-2"])) == []
    assert problems(SubnetGroup(name="db", subnets=["subnet-1"])) == [("TW0473", "subnets")]
    assert problems(SubnetGroup(name="Db", subnets=["subnet-1", "subnet-2"])) == [("TW0485", "name")]

"""What RDS refuses about groups that are in use, subnets, and numbers beyond the quota."""

import pytest
from databases import make, shown, subnet_group
from refused import refusal


@pytest.fixture
def rds(clients):
    """RDS of the world."""
    return clients("rds")


def test_groups_in_use_stay(clients, rds):
    """Of subnets, parameters and options; they go when their database and its snapshots are gone."""
    subnet_group(clients)
    rds.create_db_parameter_group(DBParameterGroupName="pg", DBParameterGroupFamily="postgres18", Description="d")
    rds.create_option_group(OptionGroupName="og", EngineName="mysql", MajorEngineVersion="8.0",
                            OptionGroupDescription="d")  # fmt: skip
    make(rds, DBSubnetGroupName="group", DBParameterGroupName="pg")
    make(rds, "my", Engine="mysql", OptionGroupName="og")
    in_use = (
        (rds.delete_db_subnet_group, {"DBSubnetGroupName": "group"}, "InvalidDBSubnetGroupStateFault"),
        (rds.delete_db_parameter_group, {"DBParameterGroupName": "pg"}, "InvalidDBParameterGroupState"),
        (rds.delete_option_group, {"OptionGroupName": "og"}, "InvalidOptionGroupStateFault"),
    )
    for call, named, code in in_use:
        assert refusal(call, **named) == (code, 400)
    for name in ("db", "my"):
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    for call, named, _ in in_use:
        call(**named)


def test_subnet_group_has_one_name_and_one_vpc(clients, rds):
    """A second of the name, subnets that are not there, and those of two VPCs are refused."""
    first = subnet_group(clients)
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    other = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.0.0/24", AvailabilityZone="us-east-1c")["Subnet"]["SubnetId"]
    wanted = {"DBSubnetGroupDescription": "d", "SubnetIds": first}
    taken = ("DBSubnetGroupAlreadyExists", 400)
    assert refusal(rds.create_db_subnet_group, DBSubnetGroupName="group", **wanted) == taken
    invalid = ("InvalidSubnet", 400)
    for subnets in ([*first, other], [first[0], "subnet-0123456789abcdef0"]):
        mixed = wanted | {"SubnetIds": subnets}
        assert refusal(rds.create_db_subnet_group, DBSubnetGroupName="mixed", **mixed) == invalid
    rds.create_db_subnet_group(DBSubnetGroupName="second", **wanted)


def test_zones_in_use_stay_in_their_subnet_group(clients, rds):
    """A subnet of a database's zone cannot be taken out; one of another zone can."""
    subnets = dict(zip("abc", subnet_group(clients, "abc"), strict=True))
    make(rds, DBSubnetGroupName="group")
    used = shown(rds)["AvailabilityZone"][-1]
    without = [subnet for letter, subnet in subnets.items() if letter != used]
    change = {"DBSubnetGroupName": "group"}
    assert refusal(rds.modify_db_subnet_group, SubnetIds=without, **change) == ("SubnetAlreadyInUse", 400)
    rds.modify_db_subnet_group(SubnetIds=[subnets[used], without[0]], **change)


def test_region_holds_forty_databases(rds):
    """The forty-first is refused, until one is gone."""
    for number in range(40):
        make(rds, f"db{number}")
    assert refusal(make, rds, "more") == ("InstanceQuotaExceeded", 400)
    rds.delete_db_instance(DBInstanceIdentifier="db7", SkipFinalSnapshot=True)
    make(rds, "more")


def test_region_holds_a_hundred_manual_snapshots(rds):
    """Automated ones do not count."""
    make(rds)
    for number in range(100):
        rds.create_db_snapshot(DBInstanceIdentifier="db", DBSnapshotIdentifier=f"s{number}")
    more = {"DBInstanceIdentifier": "db", "DBSnapshotIdentifier": "more"}
    assert refusal(rds.create_db_snapshot, **more) == ("SnapshotQuotaExceeded", 400)
    rds.delete_db_snapshot(DBSnapshotIdentifier="s0")
    rds.create_db_snapshot(**more)

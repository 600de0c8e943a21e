"""Databases of RDS for tests: made by boto3 alone, and looked at as DescribeDBInstances tells them."""

from twin.world.world import World

WANTED = {
    "AllocatedStorage": 20,
    "DBInstanceClass": "db.m6g.large",
    "Engine": "postgres",
    "MasterUsername": "u",
    "MasterUserPassword": "password1",
}
IN_STATE = ("InvalidDBInstanceState", 400)
COMBINATION = ("InvalidParameterCombination", 400)


def make(rds, name="db", **changes):
    """Create a DB instance and return what RDS answers."""
    return rds.create_db_instance(DBInstanceIdentifier=name, **WANTED | changes)["DBInstance"]


def shown(rds, name="db"):
    """Return a DB instance as RDS describes it."""
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def status(rds, name="db"):
    """Return the status of a DB instance."""
    return shown(rds, name)["DBInstanceStatus"]


def zones(rds, name="db"):
    """Return the zones of a DB instance's primary and standby."""
    found = shown(rds, name)
    return found["AvailabilityZone"], found.get("SecondaryAvailabilityZone")


def messages(rds, **wanted):
    """Return what RDS tells of the last fourteen days."""
    return [event["Message"] for event in rds.describe_events(Duration=14 * 24 * 60, **wanted)["Events"]]


def kinds(world, prefix="rds."):
    """Return the kinds of what happened, in order."""
    return [happening.kind for happening in world.scene.happenings if happening.kind.startswith(prefix)]


def facts(world, kind):
    """Return the facts of the last happening of a kind."""
    return [happening.facts for happening in world.scene.happenings if happening.kind == kind][-1]


def slow_world(clock):
    """Return a world in which creation takes its time."""
    return World(7, clock, accounts=("123456789012", "210987654321"), provisioning="real")


def subnet_group(clients, letters="ab", name="group", region="us-east-1"):
    """Make a VPC with a subnet in each of some zones, and a subnet group of them; return the ids of the subnets."""
    ec2 = clients("ec2", region=region)
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24", AvailabilityZone=f"{region}{letter}")["Subnet"]
        for number, letter in enumerate(letters)
    ]
    ids = [subnet["SubnetId"] for subnet in subnets]
    clients("rds", region=region).create_db_subnet_group(
        DBSubnetGroupName=name, DBSubnetGroupDescription="d", SubnetIds=ids
    )
    return ids

"""A stranger's drill: a database that nobody's spec knows fails over on the served twin."""

import boto3
from failover_drill import drill


def test_database_of_a_stranger_fails_over(shell):
    """Made by boto3, rebooted with a failover; after two minutes of the twin's time it is in its other zone."""
    assert shell("up")[0] == 0
    served = shell.served
    session = boto3.session.Session(served["access_key_id"], served["secret_access_key"], region_name="us-east-1")
    ec2, rds = (session.client(name, endpoint_url=served["url"]) for name in ("ec2", "rds"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets)
    rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20, MultiAZ=True,
        MasterUsername="someone", MasterUserPassword="longenough", DBSubnetGroupName="g",
    )  # fmt: skip
    drill(shell, "db")
    assert shell("down")[0] == 0

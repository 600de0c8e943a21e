"""EC2's dry runs and pages."""

import pytest
from refused import refusal

from twin.world.aws_errors import AwsError


@pytest.fixture
def ec2(clients):
    """EC2 of the world."""
    return clients("ec2")


def test_dry_run_does_nothing(ec2, world):
    """It says that the call would have succeeded; who may not call is told that first."""
    before = len(ec2.describe_vpcs()["Vpcs"])
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True) == ("DryRunOperation", 412)
    assert refusal(ec2.describe_vpcs, DryRun=True) == ("DryRunOperation", 412)
    assert len(ec2.describe_vpcs()["Vpcs"]) == before

    def forbid(call):
        if call.operation == "CreateVpc":
            raise AwsError("UnauthorizedOperation", "You are not authorized to perform this operation.", 403)

    world.gateway.authorisers.append(forbid)
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16", DryRun=True) == ("UnauthorizedOperation", 403)
    world.gateway.authorisers.clear()
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=False)


@pytest.fixture
def many(ec2):
    """A VPC with twelve subnets, twelve security groups and twelve instances, each in a reservation of its own."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24")["Subnet"]["SubnetId"] for n in range(12)]
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    for n, subnet in enumerate(subnets):
        ec2.create_security_group(GroupName=f"g{n}", Description="d", VpcId=vpc)
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t3.micro", SubnetId=subnet)
    return vpc


LISTS = [
    ("describe_subnets", "Subnets", "SubnetId"),
    ("describe_security_groups", "SecurityGroups", "GroupId"),
    ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ("describe_network_interfaces", "NetworkInterfaces", "NetworkInterfaceId"),
    ("describe_route_tables", "RouteTables", "RouteTableId"),
    ("describe_volumes", "Volumes", "VolumeId"),
    ("describe_instances", "Reservations", "ReservationId"),
    ("describe_instance_status", "InstanceStatuses", "InstanceId"),
    ("describe_vpcs", "Vpcs", "VpcId"),
]


def test_lists_come_in_pages(ec2, many):
    """Every list holds no more than was asked for, and all pages together are the whole list, each thing once."""
    several = 0
    for operation, place, id_ in LISTS:
        whole = [item[id_] for item in getattr(ec2, operation)()[place]]
        pages = [page[place] for page in ec2.get_paginator(operation).paginate(PaginationConfig={"PageSize": 5})]
        assert all(len(page) <= 5 for page in pages), operation
        assert [item[id_] for page in pages for item in page] == whole, operation
        several += len(pages) > 1
    assert several >= 6


def test_token_that_is_none_is_refused(ec2, many):
    """So is one of another operation."""
    assert refusal(ec2.describe_subnets, NextToken="nonsense", MaxResults=5) == ("InvalidParameterValue", 400)
    token = ec2.describe_subnets(MaxResults=5)["NextToken"]
    assert refusal(ec2.describe_security_groups, NextToken=token, MaxResults=5) == ("InvalidParameterValue", 400)
    assert len(ec2.describe_subnets(NextToken=token, MaxResults=5)["Subnets"]) == 5


def test_pages_and_ids_do_not_go_together(ec2, many):
    """As EC2 has it."""
    instance = ec2.describe_instances()["Reservations"][0]["Instances"][0]["InstanceId"]
    wanted = {"InstanceIds": [instance], "MaxResults": 5}
    assert refusal(ec2.describe_instances, **wanted) == ("InvalidParameterCombination", 400)

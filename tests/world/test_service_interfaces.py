"""Interfaces of NAT gateways and interface endpoints are where AWS puts them."""

from ipaddress import ip_address, ip_network

import pytest


@pytest.fixture
def place(clients):
    """A client, a VPC and two of its subnets."""
    ec2 = clients("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.3.{n}.0/24", AvailabilityZone=f"us-east-1{zone}")["Subnet"]
        for n, zone in enumerate("ab")
    ]
    return ec2, vpc, subnets


def of(ec2, *names):
    """The interfaces by their subnets."""
    found = ec2.describe_network_interfaces(NetworkInterfaceIds=list(names))["NetworkInterfaces"]
    return {one["SubnetId"]: one for one in found}


def test_nat_gateway_has_an_address_of_its_subnet_and_no_group(place):
    """The gateway and its interface tell one address, free and inside; no security group guards it."""
    ec2, _, subnets = place
    made = []
    for _ in range(2):
        eip = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=subnets[0]["SubnetId"], AllocationId=eip)["NatGateway"]["NatGatewayId"]
        made.append(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["NatGatewayAddresses"][0])
    assert made[0]["PrivateIp"] != made[1]["PrivateIp"]
    for told in made:
        assert ip_address(told["PrivateIp"]) in ip_network("10.3.0.0/24")
        interface = of(ec2, told["NetworkInterfaceId"])[subnets[0]["SubnetId"]]
        assert (interface["PrivateIpAddress"], interface["Groups"]) == (told["PrivateIp"], [])
        assert (interface["InterfaceType"], interface["Association"]["PublicIp"]) == ("nat_gateway", told["PublicIp"])


def test_endpoint_interfaces_follow_its_subnets_and_groups(place):
    """One interface per subnet, behind the endpoint's groups; a change of either changes the interfaces."""
    ec2, vpc, subnets = place
    one, two = (one["SubnetId"] for one in subnets)
    groups = [
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("old", "new")
    ]
    made = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface", SubnetIds=[one],
        SecurityGroupIds=[groups[0]],
    )["VpcEndpoint"]  # fmt: skip
    found = of(ec2, *made["NetworkInterfaceIds"])
    assert [group["GroupId"] for group in found[one]["Groups"]] == [groups[0]]
    assert ip_address(found[one]["PrivateIpAddress"]) in ip_network("10.3.0.0/24")
    ec2.modify_vpc_endpoint(
        VpcEndpointId=made["VpcEndpointId"], AddSubnetIds=[two], RemoveSubnetIds=[one],
        AddSecurityGroupIds=[groups[1]], RemoveSecurityGroupIds=[groups[0]],
    )  # fmt: skip
    told = ec2.describe_vpc_endpoints(VpcEndpointIds=[made["VpcEndpointId"]])["VpcEndpoints"][0]
    found = of(ec2, *told["NetworkInterfaceIds"])
    assert list(found) == [two]
    assert [group["GroupId"] for group in found[two]["Groups"]] == [groups[1]]
    kept = ec2.describe_network_interfaces(Filters=[{"Name": "subnet-id", "Values": [one]}])["NetworkInterfaces"]
    assert kept == []

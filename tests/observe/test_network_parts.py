"""A network and its load balancers are read through the API as a folder of saved replies tells them."""

import pytest
from rig import SCOPE, SEED, Wire

from twin.clock import VirtualClock
from twin.observe.iam.reader import Reader
from twin.observe.network_reading import MOVING, READS, read_network
from twin.observe.site import read_site
from twin.observe.topology import assemble
from twin.resources.call import Refused, aws
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH


@pytest.fixture
def target():
    """An empty world."""
    return Wire.mount(make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH)), SCOPE)


@pytest.fixture
def call(target):
    """Call AWS as the administrator."""
    return lambda service, operation, **params: target.systems["aws"].execute(aws(service, operation, params))


@pytest.fixture
def reader(target):
    """A reader of the account."""
    return Reader(target.systems["aws"].execute, SCOPE.account, SCOPE.region)


def test_network_is_read_as_one_topology(call, reader):
    """VPC, subnet, and what was made in them, with the names by which they were made."""
    vpc = call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    eni = call("ec2", "CreateNetworkInterface", SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    snapshot = read_network(reader)
    topology = assemble(snapshot)
    assert topology.subnets[subnet].vpc == vpc
    assert topology.interfaces[eni].subnet == subnet
    assert {item.region for item in snapshot.of("Vpcs")} == {"us-east-1"}
    assert set(read_network(reader, MOVING).items) == set(MOVING) < set(READS)


def test_listeners_rules_targets_and_databases_are_read(call, reader):
    """A rule with a path before the default one; a registered target and its state."""
    vpc = call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    balancer = call("elbv2", "CreateLoadBalancer", Name="web", Subnets=subnets)["LoadBalancers"][0]
    group = call("elbv2", "CreateTargetGroup", Name="app", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    arn, forward = group["TargetGroupArn"], {"Type": "forward", "TargetGroupArn": group["TargetGroupArn"]}
    gone = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}
    listener = call("elbv2", "CreateListener", LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80,
                    DefaultActions=[gone])["Listeners"][0]["ListenerArn"]  # fmt: skip
    call("elbv2", "CreateRule", ListenerArn=listener, Priority=7, Actions=[forward],
         Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}])  # fmt: skip
    group = call("rds", "CreateDBSubnetGroup", DBSubnetGroupName="db", DBSubnetGroupDescription="db", SubnetIds=subnets)
    call("rds", "CreateDBInstance", DBInstanceIdentifier="orders", DBInstanceClass="db.t4g.medium", Engine="postgres",
         MasterUsername="app", MasterUserPassword="secret-enough", AllocatedStorage=20, DBSubnetGroupName="db",
         MultiAZ=True)  # fmt: skip
    site = read_site(reader)
    (found,) = site.balancers
    assert set(found.subnets) == {"us-east-1a", "us-east-1b"}
    first, last = found.listeners[0].rules
    assert (first.priority, first.conditions, first.action.groups) == (7, {"path-pattern": ("/api/*",)}, ((arn, 1),))
    assert (last.action.kind, last.action.status) == ("fixed-response", "503")
    (database,) = site.databases
    assert (database.name, database.multi_az, set(database.subnets)) == ("orders", True, set(found.subnets))


def test_what_is_refused_is_a_gap(target):
    """A reader whose calls are refused says so instead of telling of an empty network."""

    def refuse(asked):
        raise Refused(asked, "UnauthorizedOperation", "no", status=403)

    reader = Reader(refuse, SCOPE.account, SCOPE.region)
    snapshot = read_network(reader)
    assert len(snapshot.notes) == len(READS)
    assert not any(snapshot.items.values())

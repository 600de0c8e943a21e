"""A network and its load balancers are read through the API as a folder of saved replies tells them."""

from types import MappingProxyType

import pytest
from rig import SCOPE, SEED, Wire

from twin.clock import VirtualClock
from twin.observe.reading import read_region
from twin.observe.reads import READS
from twin.observe.site import BALANCING, DATABASES, site_of
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
def read(target):
    """Read some kinds of replies of the account."""

    def of(*kinds, known=MappingProxyType({})):
        send = target.systems["aws"].execute
        return read_region(send, SCOPE.account, SCOPE.region, kinds=kinds or None, known=known).snapshot()

    return of


def test_network_is_read_as_one_topology(call, read):
    """VPC, subnet, and what was made in them, with the names by which they were made."""
    vpc = call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    eni = call("ec2", "CreateNetworkInterface", SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
    snapshot = read()
    topology = assemble(snapshot)
    assert topology.subnets[subnet].vpc == vpc
    assert topology.interfaces[eni].subnet == subnet
    assert {item.region for item in snapshot.of("Vpcs")} == {"us-east-1"}
    assert set(read("Subnets").items) == {"Subnets"} < set(snapshot.items)


def test_listeners_rules_targets_and_databases_are_read(call, read):
    """A rule with a path before the default one; a registered target and its state."""
    vpc = call("ec2", "CreateVpc", CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(("us-east-1a", "us-east-1b"))
    ]
    balancer = call("elbv2", "CreateLoadBalancer", Name="web", Subnets=subnets, Scheme="internal")["LoadBalancers"][0]
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
    site = site_of(read(*BALANCING, *DATABASES))
    (found,) = site.balancers
    assert set(found.subnets) == {"us-east-1a", "us-east-1b"}
    first, last = found.listeners[0].rules
    assert (first.priority, first.conditions, first.action.groups) == (7, {"path-pattern": ("/api/*",)}, ((arn, 1),))
    assert (last.action.kind, last.action.status) == ("fixed-response", "503")
    (database,) = site.databases
    assert (database.name, database.multi_az, set(database.subnets)) == ("orders", True, set(found.subnets))


def test_a_clusters_names_lead_to_its_writer_and_to_a_reader(call, read):
    """The cluster's own takes writes, wherever its writer is; that of its readers and a reader's own take none."""
    call("rds", "CreateDBCluster", DBClusterIdentifier="ledger", Engine="aurora-postgresql", MasterUsername="app",
         MasterUserPassword="secret-enough")  # fmt: skip
    for name in ("one", "two"):
        call("rds", "CreateDBInstance", DBInstanceIdentifier=name, DBInstanceClass="db.r6g.large",
             Engine="aurora-postgresql", DBClusterIdentifier="ledger")  # fmt: skip
    found = {one.name: one for one in site_of(read(*DATABASES)).databases}
    assert {name: one.source for name, one in found.items()} == {
        "one": "", "two": "one", "ledger": "", "ledger (readers)": "ledger"
    }  # fmt: skip
    assert found["ledger"].arn.endswith(":cluster:ledger")
    assert (found["ledger"].zone, found["ledger (readers)"].zone) == (found["one"].zone, found["two"].zone)
    assert (found["ledger"].address[:15], found["ledger (readers)"].address[:18]) == (
        "ledger.cluster-", "ledger.cluster-ro-"
    )  # fmt: skip


def test_what_is_refused_is_a_gap(target):
    """A reader whose calls are refused says so instead of telling of an empty network."""

    def refuse(asked):
        raise Refused(asked, "UnauthorizedOperation", "no", status=403)

    found = read_region(refuse, SCOPE.account, SCOPE.region)
    assert len(found.gaps) == len(READS)
    snapshot = found.snapshot()
    assert len(snapshot.notes) == len(READS)
    assert not any(snapshot.items.values())

"""A target's network is read through its APIs, and its saved folder says the same."""

import json
from dataclasses import replace

import pytest
from rig import SCOPE, SEED, Wire

from twin.clock import VirtualClock
from twin.errors import UsageError
from twin.observe import reading
from twin.observe.topology import observe
from twin.resources.call import aws
from twin.scenario.embedded import make_world
from twin.world.world import EPOCH

A = SCOPE.account


@pytest.fixture
def target():
    """A world with a transit gateway, a prefix list and a balancer with one target."""
    made = Wire.mount(make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH)), SCOPE)
    build(lambda service, operation, **params: made.systems["aws"].execute(aws(service, operation, params)))
    return made


def build(call):
    """Make the network."""
    vpc = call("ec2", "CreateVpc", CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        call("ec2", "CreateSubnet", VpcId=vpc, CidrBlock=f"10.7.{n}.0/24", AvailabilityZone=f"{SCOPE.region}{z}")
        for n, z in enumerate("ab")
    ]
    names = [one["Subnet"]["SubnetId"] for one in subnets]
    gateway = call("ec2", "CreateTransitGateway")["TransitGateway"]["TransitGatewayId"]
    call("ec2", "CreateTransitGatewayVpcAttachment", TransitGatewayId=gateway, VpcId=vpc, SubnetIds=names)
    call(
        "ec2", "CreateManagedPrefixList", PrefixListName="office", AddressFamily="IPv4", MaxEntries=3,
        Entries=[{"Cidr": "203.0.113.0/24"}],
    )  # fmt: skip
    balancer = call("elbv2", "CreateLoadBalancer", Name="web", Subnets=names, Scheme="internal")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    group = call("elbv2", "CreateTargetGroup", Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip")
    arn = group["TargetGroups"][0]["TargetGroupArn"]
    call("elbv2", "RegisterTargets", TargetGroupArn=arn, Targets=[{"Id": "10.7.0.9"}])
    forward = [{"Type": "forward", "TargetGroupArn": arn}]
    call("elbv2", "CreateListener", LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)


def read(target):
    """Read the network of the account."""
    return reading.read({"aws": target.systems["aws"]}, A, [SCOPE.region])


def test_saved_folder_gives_the_topology_that_was_read(target, tmp_path):
    """Folder by account and Region, the same bytes twice, an equal topology back; a lost file is a difference."""
    found = read(target)
    for name in ("one", "two"):
        read(target).save(tmp_path / name)
    files = {path.relative_to(tmp_path / "one"): path.read_bytes() for path in (tmp_path / "one").rglob("*.json")}
    assert files == {path: (tmp_path / "two" / path).read_bytes() for path in files}
    assert {path.parent.as_posix() for path in files} == {f"accounts/{A}/{SCOPE.region}"}
    assert replace(observe(tmp_path / "one"), notes=()) == replace(found.topology(), notes=())
    next((tmp_path / "two").rglob("describe-subnets.json")).unlink()
    assert replace(observe(tmp_path / "two"), notes=()) != replace(found.topology(), notes=())


def test_what_belongs_to_another_object_is_read_with_it(target):
    """Routes of a transit table, entries of a prefix list, listeners and target health keep whose they are."""
    topology = read(target).topology()
    routes = [route for one in topology.transit_tables.values() for route in one.routes]
    assert "10.7.0.0/16" in [str(route.destination) for route in routes]
    [balancer] = topology.load_balancers.values()
    assert [listener.port for listener in balancer.listeners] == [80]
    assert [one.target for listener in balancer.listeners for one in listener.backends] == ["10.7.0.9"]
    assert not [note for note in topology.notes if "were not told" in note]


def test_reading_changes_nothing(target):
    """Every call that is sent only asks."""
    sent = []
    execute = target.systems["aws"].execute
    reading.read_region(lambda call: sent.append(call.operation) or execute(call), A, SCOPE.region)
    assert len(sent) > 30
    assert {one for one in sent if not one.startswith(("Describe", "List", "Get", "Search"))} == set()


def test_every_malformed_file_and_object_is_told_at_once(tmp_path):
    """Files that are no replies, all of them; then every object that is not as the API tells it, with its place."""
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"Vpcs": 3}')
    with pytest.raises(UsageError) as caught:
        observe(tmp_path)
    assert [line.split("/")[-1].split(":")[0] for line in str(caught.value).splitlines()] == ["a.json", "b.json"]
    sound = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/8"}
    (tmp_path / "a.json").write_text(json.dumps({"Vpcs": [sound, {}, {"VpcId": "vpc-2", "CidrBlock": "ten"}]}))
    (tmp_path / "b.json").write_text(json.dumps({"Subnets": [{"SubnetId": 3}]}))
    with pytest.raises(UsageError) as caught:
        observe(tmp_path)
    said = str(caught.value)
    assert [place in said for place in ("Vpcs[0]", "Vpcs[1]", "Vpcs[2]", "Subnets[0]")] == [False, True, True, True]


def test_interfaces_that_were_not_told_stand_where_their_service_is(target):
    """A balancer's and a database's: in their own subnets, at free addresses, named in a note; none when told."""
    call = target.systems["aws"].execute
    subnets = [one["SubnetId"] for one in call(aws("ec2", "DescribeSubnets"))["Subnets"] if "10.7." in one["CidrBlock"]]
    group = {"DBSubnetGroupName": "db", "DBSubnetGroupDescription": "db", "SubnetIds": subnets}
    call(aws("rds", "CreateDBSubnetGroup", group))
    made = {
        "DBInstanceIdentifier": "orders", "DBInstanceClass": "db.t4g.medium", "Engine": "postgres",
        "MasterUsername": "app", "ManageMasterUserPassword": True, "AllocatedStorage": 20, "MultiAZ": True,
        "DBSubnetGroupName": "db",
    }  # fmt: skip
    call(aws("rds", "CreateDBInstance", made))
    topology = read(target).topology()
    [balancer] = topology.load_balancers.values()
    database = topology.databases["orders"]
    assert (database.port, len(database.zones), len(database.interfaces)) == (5432, 2, 2)
    for names in (balancer.interfaces, database.interfaces):
        assert sorted(topology.interfaces[name].subnet for name in names) == sorted(subnets)
    addresses = [held.address for one in topology.interfaces.values() for held in one.addresses]
    assert len(addresses) == len(set(addresses))
    assert [note for note in topology.notes if database.interfaces[0] in note]
    files = read(target).files
    place = next(name for name in files if name.endswith("describe-load-balancers.json"))
    told = files[place]["LoadBalancers"][0]
    eni = {
        "NetworkInterfaceId": "eni-1", "VpcId": told["VpcId"], "SubnetId": subnets[0], "PrivateIpAddress": "10.7.0.5",
        "Description": f"ELB {told['LoadBalancerArn'].partition(':loadbalancer/')[2]}",
    }  # fmt: skip
    again = reading.Reading({**files, "enis.json": {"NetworkInterfaces": [eni]}}).topology()
    assert next(iter(again.load_balancers.values())).interfaces == ("eni-1",)


def administrator(home):
    """The account of a user with all rights: the root user, whose keys a new world has, may assume no role."""
    home.execute(aws("iam", "CreateUser", {"UserName": "ada"}))
    everything = "arn:aws:iam::aws:policy/AdministratorAccess"
    home.execute(aws("iam", "AttachUserPolicy", {"UserName": "ada", "PolicyArn": everything}))
    keys = home.execute(aws("iam", "CreateAccessKey", {"UserName": "ada"}))["AccessKey"]
    return home.acting_as(keys["AccessKeyId"], keys["SecretAccessKey"])


def test_every_account_of_the_organization_is_read(target):
    """A member's network is read through the role that Organizations makes there; a shut door is a gap, told by id."""
    home = target.systems["aws"]
    home.execute(aws("organizations", "CreateOrganization", {"FeatureSet": "ALL"}))
    made = home.execute(aws("organizations", "CreateAccount", {"Email": "dev@acme.example", "AccountName": "dev"}))
    member = made["CreateAccountStatus"]["AccountId"]
    ada = administrator(home)
    role = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
    keys = ada.execute(aws("sts", "AssumeRole", {"RoleArn": role, "RoleSessionName": "test"}))["Credentials"]
    there = home.acting_as(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    vpc = there.execute(aws("ec2", "CreateVpc", {"CidrBlock": "10.77.0.0/16"}))["Vpc"]["VpcId"]
    found = reading.read({"aws": ada}, A, [SCOPE.region])
    assert found.gaps == ()
    assert {name.split("/")[1] for name in found.files} == {A, member}
    assert (found.topology().vpcs[vpc].account, found.topology().vpcs[vpc].region) == (member, SCOPE.region)
    shut = read(target)
    assert [member in gap for gap in shut.gaps] == [True]
    assert vpc not in shut.topology().vpcs
    assert [note for note in shut.topology().notes if note.startswith("not seen: ") and member in note]


def test_secrets_are_not_saved(target, tmp_path):
    """Neither the pre-shared keys of a VPN nor a function's environment gets into a file; what decides stays."""
    call = target.systems["aws"].execute
    gateway = call(aws("ec2", "CreateVpnGateway", {"Type": "ipsec.1"}))["VpnGateway"]["VpnGatewayId"]
    peer = {"Type": "ipsec.1", "PublicIp": "203.0.113.7", "BgpAsn": 65000}
    other = call(aws("ec2", "CreateCustomerGateway", peer))["CustomerGateway"]["CustomerGatewayId"]
    tunnels = [{"PreSharedKey": "hunter2.hunter2"}, {"PreSharedKey": "hunter2.hunter3"}]
    made = {"Type": "ipsec.1", "VpnGatewayId": gateway, "CustomerGatewayId": other}
    name = call(aws("ec2", "CreateVpnConnection", {**made, "Options": {"TunnelOptions": tunnels}}))["VpnConnection"]
    told = call(aws("ec2", "DescribeVpnConnections"))["VpnConnections"][0]
    assert "pre_shared_key" in told["CustomerGatewayConfiguration"], "there is a secret to be kept out"
    found = read(target)
    found.save(tmp_path)
    saved = "".join(path.read_text() for path in tmp_path.rglob("*.json"))
    assert "hunter2" not in saved
    assert "pre_shared_key" not in saved
    assert found.topology().vpn_connections[name["VpnConnectionId"]].gateway == gateway
    code = {"Variables": {"TOKEN": "hunter2"}}
    function = {"FunctionName": "f", "VpcConfig": {"SubnetIds": ["subnet-1"]}, "Environment": code}
    reply = {"Functions": [function]}
    plain = reading.read_region(lambda one: reply if one.operation == "ListFunctions" else {}, A, SCOPE.region)
    assert "hunter2" not in json.dumps(plain.files)
    assert json.dumps(plain.files).count("subnet-1") == 1

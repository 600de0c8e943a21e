"""A network that boto3 built on the twin, without any spec, gets the verdicts of the same one as a saved folder."""

import json

import boto3
import pytest
import small_network
from botocore.config import Config
from played import zone_loss
from rig import SCOPE, SEED, Wire

from twin.analysis.exposure.findings import findings
from twin.analysis.passage.ends import ends
from twin.analysis.passage.passages import Asked, View, passages
from twin.cli import run
from twin.cli.session import shelf
from twin.clock import VirtualClock
from twin.observe import reading
from twin.resources.mounting import mount_botocore
from twin.scenario.embedded import endpoints, make_world
from twin.scenario.fork import in_forks
from twin.world import snapshot
from twin.world.world import EPOCH

ZONES = {"a": "us-east-1a", "b": "us-east-1b"}
QUESTIONS = [
    ("internet", "data", {}), ("internet", "front", {"protocol": "tcp", "port": "443"}),
    ("internet", "front", {"protocol": "tcp", "port": "80"}),
    ("internet", "web-a", {"protocol": "tcp", "port": "8080"}),
    ("web-a", "orders", {}), ("web-b", "orders", {"protocol": "tcp", "port": "22"}), ("web-a", "internet", {}),
    ("web-a", "web-b", {"protocol": "tcp", "port": "8080"}), ("orders", "internet", {}), ("orders", "web-a", {}),
]  # fmt: skip


class Builder:
    """Builds the network of `small_network` with boto3's clients."""

    def __init__(self, session, config):
        self.ec2, self.elb, self.rds, self.asg = (
            session.client(name, region_name="us-east-1", config=config)
            for name in ("ec2", "elbv2", "rds", "autoscaling")
        )
        self.ids = {}

    def build(self):
        """Make all of it."""
        self.vpc = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for name, block in small_network.BLOCKS.items():
            made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=block, AvailabilityZone=ZONES[name[-1]])
            self.ids[name] = made["Subnet"]["SubnetId"]
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.table({"GatewayId": gateway}, "public-a", "public-b")
        for zone in "ab":
            address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
            made = self.ec2.create_nat_gateway(SubnetId=self.ids[f"public-{zone}"], AllocationId=address)
            self.table({"NatGatewayId": made["NatGateway"]["NatGatewayId"]}, f"web-{zone}")
        self.table(None, "data-a", "data-b")
        self.groups()
        self.servers()
        self.database()
        return self

    def table(self, default, *subnets):
        """Make a route table."""
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        if default:
            self.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", **default)
        for name in subnets:
            self.ec2.associate_route_table(RouteTableId=table, SubnetId=self.ids[name])

    def groups(self):
        """Make the security groups, rules last, as they refer to each other."""
        for name in ("front", "web", "data"):
            made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
            self.ids[f"sg-{name}"] = made["GroupId"]
        self.let("front", small_network.tcp(443, *small_network.EDGE))
        self.let("web", small_network.tcp(8080, self.ids["sg-front"]))
        self.let("data", small_network.tcp(5432, self.ids["sg-web"]))
        for name in ("front", "data"):
            self.ec2.revoke_security_group_egress(GroupId=self.ids[f"sg-{name}"], IpPermissions=[small_network.ANY])
        out = [small_network.tcp(8080, self.ids["sg-web"])]
        self.ec2.authorize_security_group_egress(GroupId=self.ids["sg-front"], IpPermissions=out)

    def let(self, group, *permissions):
        """Add ingress rules."""
        self.ec2.authorize_security_group_ingress(GroupId=self.ids[f"sg-{group}"], IpPermissions=list(permissions))

    def servers(self):
        """Start the servers behind the balancer."""
        arn = self.elb.create_target_group(Name="web", Protocol="HTTP", Port=8080, VpcId=self.vpc)
        arn = arn["TargetGroups"][0]["TargetGroupArn"]
        for zone in "ab":
            tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": f"web-{zone}"}]}]
            made = self.ec2.run_instances(
                ImageId=self.ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"], MinCount=1, MaxCount=1,
                SubnetId=self.ids[f"web-{zone}"], SecurityGroupIds=[self.ids["sg-web"]], TagSpecifications=tags,
            )  # fmt: skip
            self.elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": made["Instances"][0]["InstanceId"]}])
        made = self.elb.create_load_balancer(
            Name="front", Subnets=[self.ids["public-a"], self.ids["public-b"]], SecurityGroups=[self.ids["sg-front"]]
        )
        forward = [{"Type": "forward", "TargetGroupArn": arn}]
        self.elb.create_listener(
            LoadBalancerArn=made["LoadBalancers"][0]["LoadBalancerArn"], Protocol="HTTP", Port=443,
            DefaultActions=forward,
        )  # fmt: skip

    def database(self):
        """Make the database with its standby."""
        self.rds.create_db_subnet_group(
            DBSubnetGroupName="data",
            DBSubnetGroupDescription="data",
            SubnetIds=[self.ids["data-a"], self.ids["data-b"]],
        )
        self.rds.create_db_instance(
            DBInstanceIdentifier="orders", DBInstanceClass="db.t4g.medium", Engine="postgres", MasterUsername="app",
            ManageMasterUserPassword=True, AllocatedStorage=20, MultiAZ=True, DBSubnetGroupName="data",
            VpcSecurityGroupIds=[self.ids["sg-data"]],
        )  # fmt: skip


@pytest.fixture(scope="module")
def built():
    """The network on a world, how to read it, and the world."""
    world = make_world(SCOPE, seed=SEED, clock=VirtualClock(EPOCH))
    target = Wire.mount(world, SCOPE)
    keys = endpoints(world)
    session = boto3.Session(
        aws_access_key_id=keys.access_key_id, aws_secret_access_key=keys.secret_access_key, region_name="us-east-1"
    )
    mount_botocore(session.events, lambda request: Wire.world.handle(request))
    builder = Builder(session, Config(retries={"total_max_attempts": 1})).build()
    world.settle()

    def look():
        return reading.read({"aws": target.systems["aws"]}, SCOPE.account, [SCOPE.region]).topology()

    return builder, look, world


def verdicts(topology):
    """Whether each question's way is open, and in how many connections."""
    view = View(topology)
    found = {}
    for start, goal, packets in QUESTIONS:
        asked = Asked(ends(topology, start), ends(topology, goal), packets)
        ways = passages(view, asked)
        found[start, goal, str(packets)] = sorted((one.open, len(one.legs)) for one in ways)
    return found


def test_boto3_network_gets_the_verdicts_of_the_saved_one(built):
    """Every way is open or shut as in the folder; nothing is found in either; one rule more is found in both."""
    builder, look, _ = built
    told = small_network.replies()
    assert verdicts(look()) == verdicts(small_network.topology(told))
    assert len(set(map(str, verdicts(look()).values()))) > 2, "the questions have different answers"
    assert [one.message for one in findings(look())] == []
    opened = small_network.tcp(5432, "0.0.0.0/0")
    builder.let("data", opened)
    small_network.of(told, "SecurityGroups", "GroupId", "sg-data")["IpPermissions"].append(opened)
    here, there = (sorted(one.rule for one in findings(one)) for one in (look(), small_network.topology(told)))
    assert here == there == ["network.admin-ports-open"]


def test_scenarios_are_played_on_what_boto3_built(built, tmp_path, monkeypatch):
    """Kept as `twin snapshot` keeps it: the other zone serves; with neither the variant fails for a named reason."""
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    builder, _, world = built
    builder.let("front", small_network.tcp(443, "81.2.69.0/24"))
    (tmp_path / "org").write_bytes(snapshot.save(world, shelf().key))
    play = json.loads(zone_loss("front-1.us-east-1.elb.amazonaws.com", "orders", "us-east-1a", both="us-east-1b"))
    play["variants"]["both"]["patch"] = {
        "faults": {"other": {**play["faults"]["zone"], "with": {"zone": "us-east-1b"}}}
    }
    (tmp_path / "play.yaml").write_text(json.dumps(play))
    told = tmp_path / "told.json"
    asked = ["run", str(tmp_path / "play.yaml"), "--variants", "--from", str(tmp_path / "org"), f"--report=json={told}"]
    assert in_forks([lambda: run(asked)]).__next__() == 0
    good, bad = json.loads(told.read_text())["results"]
    assert (good["verdict"], bad["verdict"]) == ("PASS", "FAIL")
    assert 0 < good["figures"]["customers.rto"] <= 180
    assert "no node of front is left" in bad["figures"]["customers.because"]

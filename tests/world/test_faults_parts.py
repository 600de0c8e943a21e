"""Faults that break parts of the world: zones, hosts, nodes, databases, the view of a health check."""

import pickle

import pytest
from moto.ec2.models.amis import AMIS
from mounted import NOW, Clients

from twin.clock import VirtualClock
from twin.errors import FaultError
from twin.world import behaviors
from twin.world.health import forced, target_subject
from twin.world.world import World

ZONE = "us-east-1a"
ACCOUNT = "123456789012"


@pytest.fixture
def started(clients):
    """Start an instance in a zone, with tags; returns its id."""

    def start(zone=ZONE, **tags):
        told = [{"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}]
        reply = clients("ec2").run_instances(
            ImageId=AMIS[0]["ami_id"], MinCount=1, MaxCount=1, InstanceType="t3.micro",
            Placement={"AvailabilityZone": zone}, **({"TagSpecifications": told} if tags else {}),
        )  # fmt: skip
        return reply["Instances"][0]["InstanceId"]

    return start


@pytest.fixture
def database(clients):
    """A DB instance in the zone; returns its ARN."""
    reply = clients("rds").create_db_instance(
        DBInstanceIdentifier="shop", Engine="postgres", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
        MasterUsername="owner", MasterUserPassword="not-a-secret", AvailabilityZone=ZONE,
    )  # fmt: skip
    return reply["DBInstance"]["DBInstanceArn"]


@pytest.fixture
def watcher(monkeypatch):
    """Bind a function to a kind of happening for one test, in place of what the world does by itself."""

    def bind(kind, function):
        monkeypatch.setitem(behaviors.WATCHERS, kind, [function])

    return bind


def kinds(world):
    """Return the kinds of happenings so far."""
    return [happening.kind for happening in world.scene.happenings]


def test_zone_is_lost_and_comes_back(world, started):
    """Conditions and happenings tell it, once each."""
    id_ = world.faults.inject("zone-loss", {"zone": ZONE})
    assert world.scene.conditions.broken("zone", ZONE)
    assert not world.scene.conditions.broken("zone", "us-east-1b")
    world.faults.heal(id_)
    assert not world.scene.conditions.broken("zone", ZONE)
    assert [k for k in kinds(world) if k.startswith(("zone.", "capacity.", "fault."))] == [
        "capacity.lost", "zone.lost", "fault.began", "capacity.restored", "zone.restored", "fault.healed",
    ]  # fmt: skip


def test_zone_stays_lost_while_one_of_two_faults_is_on(world):
    """Two losses of one zone nest, in any order of healing; another zone's is its own."""
    first = world.faults.inject("zone-loss", {"zone": ZONE})
    second = world.faults.inject("zone-loss", {"zone": ZONE})
    other = world.faults.inject("zone-loss", {"zone": "us-east-1b"})
    world.faults.heal(first)
    assert world.scene.conditions.all("zone") == [ZONE, "us-east-1b"]
    world.faults.heal(other)
    assert world.scene.conditions.all("zone") == [ZONE]
    world.faults.heal(second)
    assert world.scene.conditions.all("zone") == []
    assert kinds(world).count("zone.lost") == 2


def test_zone_is_dead_until_its_region_is_back_too(world):
    """A Region loss over a zone loss: healing the Region leaves the zone dead."""
    world.faults.inject("zone-loss", {"zone": ZONE})
    region = world.faults.inject("region-loss", {"region": "us-east-1"})
    assert world.scene.conditions.broken("zone", "us-east-1c")
    world.faults.heal(region)
    assert not world.scene.conditions.broken("zone", "us-east-1c")
    assert world.scene.conditions.broken("zone", ZONE)


def test_loss_of_an_empty_zone_has_no_effect(world, started, database):
    """Whatever happens elsewhere, a zone in which nothing lives was not missed."""
    started("us-east-1b")
    id_ = world.faults.inject("zone-loss", {"zone": "us-east-1c"})
    world.scene.emit("ec2.instance.launched", instance="i-other", account=ACCOUNT, region="us-east-1")
    assert world.faults.effects(id_).total == 0


def test_victims_count_when_the_world_notices_them(world, started, database, watcher):
    """Of an instance and a database in the zone, each counts once the world tells of it, and only once."""
    instance = started()

    def notice(scene, happening):
        for _ in range(2):
            scene.emit("ec2.instance.unreachable", instance=instance, account=ACCOUNT, region="us-east-1")
        scene.after(30, "fault.heal", id="nobody")

    watcher("zone.lost", notice)
    id_ = world.faults.inject("zone-loss", {"zone": ZONE})
    assert world.faults.effects(id_).noticed == 1
    world.scene.emit("rds.failover.started", database="shop", account=ACCOUNT, region="us-east-1")
    assert world.faults.effects(id_).noticed == 2
    world.faults.heal(id_)
    assert world.faults.effects(id_).noticed == 2


@pytest.mark.parametrize(
    "facts",
    [
        {"database": "shop", "account": "210987654321", "region": "us-east-1"},
        {"database": "shop", "account": ACCOUNT, "region": "us-west-2"},
        {"database": "shop-2", "account": ACCOUNT, "region": "us-east-1"},
        {},
    ],
)
def test_what_happens_to_another_is_no_effect(world, database, watcher, facts):
    """A namesake in another account or Region, a longer name, no name: none of these is the victim."""
    watcher("host.lost", lambda scene, happening: None)
    id_ = world.faults.inject("database-host-loss", {"database": "shop"})
    world.scene.emit("rds.failover.started", **facts)
    assert world.faults.effects(id_).noticed == 0


def test_what_happens_after_healing_is_no_effect(world, started, watcher):
    """The count stands still once the fault is healed."""
    watcher("host.lost", lambda scene, happening: None)
    watcher("host.restored", lambda scene, happening: None)
    instance = started()
    id_ = world.faults.inject("instance-loss", {"instance": instance})
    world.faults.heal(id_)
    world.scene.emit("ec2.instance.unreachable", instance=instance, account=ACCOUNT, region="us-east-1")
    assert world.faults.effects(id_).total == 0


def test_host_of_an_instance_is_lost(world, started):
    """By its id; a stopped or unknown one is refused."""
    instance = started()
    id_ = world.faults.inject("instance-loss", {"instance": instance})
    assert world.scene.conditions.broken("host", instance)
    world.faults.heal(id_)
    assert not world.scene.conditions.broken("host", instance)


@pytest.mark.parametrize("kind", ["instance-loss", "node-loss", "database-host-loss"])
def test_lost_host_counts_once_it_is_noticed(world, started, database, watcher, kind):
    """Nobody has noticed: no effect. The world tells of the very thing on it: one."""
    watcher("host.lost", lambda scene, happening: None)
    instance = started(**{"eks:cluster-name": "main"})
    options = {"instance-loss": {"instance": instance}, "node-loss": {"cluster": "main"}}
    id_ = world.faults.inject(kind, options.get(kind, {"database": "shop"}))
    assert world.faults.effects(id_).total == 0
    name = database if kind == "database-host-loss" else instance
    world.scene.emit("somebody.noticed", thing=name, account=ACCOUNT, region="us-east-1")
    assert world.faults.effects(id_).noticed == 1


def test_stopped_instance_has_no_host_to_lose(world, clients, started):
    """What does not run cannot die."""
    instance = started()
    clients("ec2").stop_instances(InstanceIds=[instance])
    world.clock.leader.advance(3600)
    world.settle()
    with pytest.raises(FaultError, match="no instance"):
        world.faults.inject("instance-loss", {"instance": instance})


def test_seed_chooses_the_node(world, started):
    """Nodes are the cluster's instances; the seed picks one of them, or the option names it."""
    nodes = [started(**{"eks:cluster-name": "main"}) for _ in range(3)]
    started(**{"eks:cluster-name": "other"})
    started(**{"kubernetes.io/cluster/third": "owned"})
    id_ = world.faults.inject("node-loss", {"cluster": "main"})
    assert world.scene.conditions.all("host")[0] in nodes
    world.faults.heal(id_)
    world.faults.inject("node-loss", {"cluster": "main", "node": nodes[1]})
    assert world.scene.conditions.all("host") == [nodes[1]]
    with pytest.raises(FaultError, match="no running node i-none"):
        world.faults.inject("node-loss", {"cluster": "main", "node": "i-none"})
    world.faults.inject("node-loss", {"cluster": "third"})


def test_database_host_is_lost_by_arn_and_by_name(world, clients, database):
    """Both mean the same host; a name that two accounts use needs the ARN."""
    id_ = world.faults.inject("database-host-loss", {"database": database})
    world.faults.inject("database-host-loss", {"database": "shop"})
    assert world.scene.conditions.all("host") == [database]
    world.faults.heal(id_)
    assert world.scene.conditions.all("host") == [database]
    clients("rds", region="us-west-2").create_db_instance(
        DBInstanceIdentifier="shop", Engine="postgres", DBInstanceClass="db.t3.micro", AllocatedStorage=20,
        MasterUsername="owner", MasterUserPassword="not-a-secret",
    )  # fmt: skip
    with pytest.raises(FaultError, match="2 databases are called shop"):
        world.faults.inject("database-host-loss", {"database": "shop"})


@pytest.fixture
def target(clients, started):
    """An instance registered with a target group; returns the group's ARN and the instance's id."""
    vpc = clients("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    instance = started()
    elb = clients("elbv2")
    arn = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    return arn, instance


def test_health_is_forced_in_turns(world, clock, target):
    """Forced at once, let go after a minute, and again; healed, it is over and told as healthy."""
    arn, instance = target
    subject = target_subject(arn, instance)
    id_ = world.faults.inject("health-check-flapping", {"target_group": arn, "target": instance, "every": 60})
    seen = []
    for _ in range(3):
        seen.append(forced(world.scene, subject))
        clock.advance(60)
        world.settle()
    assert seen == [False, None, False]
    clock.advance(60)
    world.settle()
    world.faults.heal(id_)
    clock.advance(600)
    world.settle()
    assert forced(world.scene, subject) is None
    flaps = [h.facts["healthy"] for h in world.scene.happenings if h.kind == "health.flapped"]
    assert flaps == [False, True, False, True, False, True]


def test_health_that_two_faults_force_is_free_when_both_let_go(world, target):
    """Healing one leaves it to the other."""
    options = {"target_group": target[0], "target": target[1]}
    first, second = (world.faults.inject("health-check-flapping", options) for _ in range(2))
    world.faults.heal(first)
    assert forced(world.scene, target_subject(*target)) is False
    world.faults.heal(second)
    assert forced(world.scene, target_subject(*target)) is None


def test_route_53_health_check_flaps(world, clock, clients):
    """Every checker reports a failure in its turn, the status follows, and that is noticed; healed, all is well."""
    route53 = clients("route53")
    config = {"Type": "HTTP", "FullyQualifiedDomainName": "a.example", "Port": 80, "ResourcePath": "/"}
    id_ = route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]["Id"]

    def reports():
        told = route53.get_health_check_status(HealthCheckId=id_)["HealthCheckObservations"]
        return {observation["StatusReport"]["Status"].partition(":")[0] for observation in told}

    clock.advance(300)
    assert reports() == {"Success"}
    fault = world.faults.inject("health-check-flapping", {"health_check": id_})
    assert world.faults.effects(fault).total == 0
    clock.advance(200)
    assert reports() == {"Failure"}
    assert world.faults.effects(fault).noticed == 1
    clock.advance(200)
    assert reports() == {"Success"}
    world.faults.heal(fault)
    clock.advance(900)
    assert reports() == {"Success"}
    assert kinds(world).count("route53.health_check.changed") == 2


def test_unknown_target_does_not_flap(world, target):
    """A target that nobody registered is refused by name."""
    with pytest.raises(FaultError, match="i-none is no target"):
        world.faults.inject("health-check-flapping", {"target_group": target[0], "target": "i-none"})


def test_world_without_faults_has_nothing_to_do():
    """A fault that flaps is all that keeps the agenda busy; healed, it runs empty."""
    clock = VirtualClock(NOW)
    world = World(1, clock)
    route53 = Clients(world)("route53")
    config = {"Type": "TCP", "IPAddress": "192.0.2.1", "Port": 80}
    id_ = route53.create_health_check(CallerReference="1", HealthCheckConfig=config)["HealthCheck"]["Id"]
    before = len(world.agenda.entries())
    fault = world.faults.inject("health-check-flapping", {"health_check": id_, "every": 1})
    clock.advance(5)
    world.settle()
    world.faults.heal(fault)
    clock.advance(5)
    world.settle()
    assert len([e for e in world.agenda.entries() if e.task.startswith("fault.")]) == 0
    assert before == 0
    world.close()


def test_faults_are_plain_data(world, clock, clients, started):
    """A scene with faults of every state can be kept in a file and goes on from there."""
    started("us-east-1b", **{"eks:cluster-name": "main"})
    world.faults.heal(world.faults.inject("node-loss", {"cluster": "main"}))
    world.faults.inject("zone-loss", {"zone": ZONE})
    world.faults.inject("throttling", {"services": ["iam"], "rate": 1, "burst": 1})
    clients("iam").list_users()
    kept = pickle.loads(pickle.dumps(world.scene))
    kept.agenda.leader = clock
    assert kept.faults.active() == world.faults.active() != []
    assert kept.conditions.broken("zone", ZONE)
    kept.faults.heal("zone-loss-2")
    assert not kept.conditions.broken("zone", ZONE)
    assert world.scene.conditions.broken("zone", ZONE)

"""Targets of load balancers are healthy by their instance, zone, security groups, intervals and thresholds."""

import pytest
from groups import ZONES, activities, group, network, template, told

from twin.world.behaviors.reachability import load_balancer_nodes

A, B, C = ZONES
# Defaults: two checks in a row, 30 seconds apart, each with 5 seconds to answer; five to come back.
UNHEALTHY_AFTER, HEALTHY_AFTER = 30 + 30 + 5, 4 * 30 + 30


class Site:
    """A load balancer in two zones, its target group, and instances behind it."""

    def __init__(self, clients, kind="application"):
        self.clients, self.ec2, self.elb = clients, clients("ec2"), clients("elbv2")
        self.vpc, self.subnets = network(clients)
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.front, self.back = (
            self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
            for name in ("front", "back")
        )
        self.admit()
        application = kind == "application"
        secured = {"SecurityGroups": [self.front]} if application else {}
        self.balancer = self.elb.create_load_balancer(
            Name="site", Type=kind, Subnets=[self.subnets[A], self.subnets[B]], **secured
        )["LoadBalancers"][0]["LoadBalancerArn"]
        self.protocol = "HTTP" if application else "TCP"
        self.targets = self.elb.create_target_group(Name="web", Protocol=self.protocol, Port=80, VpcId=self.vpc)[
            "TargetGroups"
        ][0]["TargetGroupArn"]

    def rule(self, **source):
        """A rule that admits the health check."""
        return {"GroupId": self.back, "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, **source}]}

    def admit(self):
        """Let the load balancer through to the targets."""
        self.ec2.authorize_security_group_ingress(**self.rule(UserIdGroupPairs=[{"GroupId": self.front}]))

    def listen(self):
        """Have the load balancer forward to the target group."""
        self.elb.create_listener(
            LoadBalancerArn=self.balancer,
            Protocol=self.protocol,
            Port=80,
            DefaultActions=[{"Type": "forward", "TargetGroupArn": self.targets}],
        )

    def launch(self, zone=A):
        """One more instance."""
        image = self.ec2.describe_images(
            Owners=["amazon"], Filters=[{"Name": "name", "Values": ["amazon-eks-node-linux"]}]
        )
        return self.ec2.run_instances(
            ImageId=image["Images"][0]["ImageId"],
            InstanceType="t3.micro",
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnets[zone],
            SecurityGroupIds=[self.back],
        )["Instances"][0]["InstanceId"]

    def register(self, *instances):
        """Register instances."""
        self.elb.register_targets(TargetGroupArn=self.targets, Targets=[{"Id": id_} for id_ in instances])

    def health(self, **asked):
        """State and reason of each target."""
        found = self.elb.describe_target_health(TargetGroupArn=self.targets, **asked)["TargetHealthDescriptions"]
        return {t["Target"]["Id"]: (t["TargetHealth"]["State"], t["TargetHealth"].get("Reason")) for t in found}


@pytest.fixture
def site(clients):
    """A site that listens."""
    made = Site(clients)
    made.listen()
    return made


GOOD = ("healthy", None)
TIMEOUT = ("unhealthy", "Target.Timeout")


def test_target_is_healthy_when_its_group_is_in_use(clients):
    """Unused before; and one in a zone of which the load balancer has no subnet stays so."""
    site = Site(clients)
    inside, outside = site.launch(A), site.launch(C)
    site.register(inside, outside)
    assert set(site.health().values()) == {("unused", "Target.NotInUse")}
    site.listen()
    assert site.health() == {inside: GOOD, outside: ("unused", "Target.NotInUse")}
    assert site.health(Targets=[{"Id": "i-0"}]) == {"i-0": ("unused", "Target.NotRegistered")}


def test_target_of_a_lost_zone_is_unhealthy_after_its_thresholds_and_comes_back(site, world, clock):
    """Not before two failed checks; the one in the other zone stays healthy; both times are told."""
    lost, kept = site.launch(A), site.launch(B)
    site.register(lost, kept)
    world.scene.break_("zone", A)
    clock.advance(30)
    assert site.health() == {lost: GOOD, kept: GOOD}
    clock.advance(UNHEALTHY_AFTER - 30)
    assert site.health() == {lost: TIMEOUT, kept: GOOD}
    world.scene.mend("zone", A)
    clock.advance(HEALTHY_AFTER - 30)
    assert site.health()[lost] == TIMEOUT
    clock.advance(60 + 30)
    assert site.health() == {lost: GOOD, kept: GOOD}
    told_ = [(h.kind, h.facts["instance"]) for h in world.scene.happenings if h.kind == "elbv2.target.unhealthy"]
    assert told_ == [("elbv2.target.unhealthy", lost)]
    clock.advance(600)
    world.settle()
    assert world.agenda.entries() == []


def test_security_groups_decide(site, clock):
    """Without the rule the checks time out; the load balancer's range does as well as its group."""
    made = site.launch()
    site.register(made)
    assert site.health() == {made: GOOD}
    site.ec2.revoke_security_group_ingress(**site.rule(UserIdGroupPairs=[{"GroupId": site.front}]))
    clock.advance(UNHEALTHY_AFTER)
    assert site.health() == {made: TIMEOUT}
    site.ec2.authorize_security_group_ingress(**site.rule(IpRanges=[{"CidrIp": "10.0.0.0/24"}]))
    clock.advance(HEALTHY_AFTER)
    assert site.health() == {made: TIMEOUT}
    site.ec2.authorize_security_group_ingress(**site.rule(IpRanges=[{"CidrIp": "10.0.1.0/24"}]))
    clock.advance(HEALTHY_AFTER)
    assert site.health() == {made: GOOD}


def test_check_port_counts_and_so_does_the_way_out(site, clock):
    """Checks go to a port that the rule does not name; or the load balancer's group lets nothing out."""
    made = site.launch()
    site.register(made)
    site.elb.modify_target_group(TargetGroupArn=site.targets, HealthCheckPort="8080")
    clock.advance(UNHEALTHY_AFTER)
    assert site.health() == {made: TIMEOUT}
    site.elb.modify_target_group(TargetGroupArn=site.targets, HealthCheckPort="traffic-port")
    clock.advance(HEALTHY_AFTER)
    assert site.health() == {made: GOOD}
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    site.ec2.revoke_security_group_egress(GroupId=site.front, IpPermissions=everything)
    clock.advance(UNHEALTHY_AFTER)
    assert site.health() == {made: TIMEOUT}


def test_thresholds_of_the_group_count(site, world, clock):
    """Ten failures in a row, not two."""
    site.elb.modify_target_group(TargetGroupArn=site.targets, UnhealthyThresholdCount=10)
    made = site.launch()
    site.register(made)
    world.scene.break_("host", made)
    clock.advance(9 * 30)
    assert site.health() == {made: GOOD}
    world.scene.break_("capacity", A)
    clock.advance(30 + 5)
    assert site.health() == {made: TIMEOUT}


def test_short_loss_goes_unnoticed(site, world, clock):
    """A reboot within the thresholds leaves the target healthy, and nothing on the agenda."""
    site.elb.modify_target_group(TargetGroupArn=site.targets, UnhealthyThresholdCount=10)
    made = site.launch()
    site.register(made)
    site.ec2.reboot_instances(InstanceIds=[made])
    clock.advance(120)
    assert site.health() == {made: GOOD}
    assert world.agenda.entries() == []


def test_network_load_balancer_knows_one_reason(clients, world, clock):
    """FailedHealthChecks; it has no group, so its subnets' ranges have to be admitted."""
    site = Site(clients, kind="network")
    site.listen()
    made = site.launch()
    site.register(made)
    clock.advance(UNHEALTHY_AFTER + 15)
    assert site.health() == {made: ("unhealthy", "Target.FailedHealthChecks")}
    site.ec2.authorize_security_group_ingress(**site.rule(IpRanges=[{"CidrIp": "10.0.0.0/16"}]))
    clock.advance(HEALTHY_AFTER)
    assert site.health() == {made: GOOD}


def test_target_that_leaves_drains(site, clock):
    """For five minutes; a stopped one is unused, a terminated one drains as well."""
    gone, stopped, ended = (site.launch() for _ in range(3))
    site.register(gone, stopped, ended)
    site.elb.deregister_targets(TargetGroupArn=site.targets, Targets=[{"Id": gone}])
    site.ec2.stop_instances(InstanceIds=[stopped])
    site.ec2.terminate_instances(InstanceIds=[ended])
    draining = ("draining", "Target.DeregistrationInProgress")
    clock.advance(61)
    assert site.health() == {gone: draining, stopped: ("unused", "Target.InvalidState"), ended: draining}
    clock.advance(240)
    assert site.health() == {stopped: ("unused", "Target.InvalidState")}


def test_nodes_of_a_lost_zone_are_dead(site, world):
    """AvailabilityZones tells of them still, as it is configuration."""
    balancer = world.scene.state("elbv2", "123456789012", "us-east-1").load_balancers[site.balancer]
    world.scene.break_("zone", A)
    assert [(node.zone, node.works) for node in load_balancer_nodes(world.scene, balancer)] == [(A, False), (B, True)]
    zones = site.elb.describe_load_balancers()["LoadBalancers"][0]["AvailabilityZones"]
    assert [zone["ZoneName"] for zone in zones] == [A, B]


def test_flapping_checks_turn_a_target_that_is_well(site, world, clock):
    """Slower than the thresholds it is unhealthy and healthy in turn, which proves the fault; faster, nothing."""
    made, other = site.launch(), site.launch()
    site.register(made, other)
    options = {"target_group": site.targets, "target": made}
    fast = world.faults.inject("health-check-flapping", {**options, "every": 30})
    seen = []
    for _ in range(6):
        clock.advance(30)
        seen.append(site.health()[made])
    world.faults.heal(fast)
    assert set(seen) == {GOOD}
    assert world.faults.effects(fast).total == 0
    clock.advance(HEALTHY_AFTER)
    slow = world.faults.inject("health-check-flapping", options)
    clock.advance(UNHEALTHY_AFTER)
    assert site.health() == {made: TIMEOUT, other: GOOD}
    clock.advance(300 + HEALTHY_AFTER)
    assert site.health() == {made: GOOD, other: GOOD}
    assert world.faults.effects(slow).noticed == 1
    world.faults.heal(slow)
    clock.advance(HEALTHY_AFTER)
    assert site.health() == {made: GOOD, other: GOOD}
    assert world.agenda.entries() == []


@pytest.fixture
def behind(site, clients):
    """A function that makes a group of two behind the load balancer."""

    def make(kind="ELB", **more):
        template(clients, SecurityGroupIds=[site.back])
        subnets = [site.subnets[A], site.subnets[B]]
        group(clients, subnets, size=(2, 4, 2), HealthCheckType=kind, TargetGroupARNs=[site.targets], **more)

    return make


def test_members_of_a_group_are_its_targets(site, behind, clients, clock):
    """They come as they enter service and drain before they end, which the activity tells."""
    behind()
    first = {m["InstanceId"] for m in told(clients)["Instances"]}
    assert site.health() == dict.fromkeys(first, GOOD)
    autoscaling = clients("autoscaling")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="web", MinSize=1, DesiredCapacity=1)
    assert sorted(state for state, _ in site.health().values()) == ["draining", "healthy"]
    assert activities(clients)[-1]["StatusCode"] == "WaitingForELBConnectionDraining"
    clock.advance(301)
    assert len(site.health()) == len(told(clients)["Instances"]) == 1
    assert activities(clients)[-1]["StatusCode"] == "Successful"
    autoscaling.detach_load_balancer_target_groups(AutoScalingGroupName="web", TargetGroupARNs=[site.targets])
    assert {state for state, _ in site.health().values()} == {"draining"}


def test_member_that_fails_the_balancers_checks_is_replaced(site, behind, clients, clock):
    """When its group goes by them and the grace period is over."""
    behind(HealthCheckGracePeriod=300)
    first = {m["InstanceId"] for m in told(clients)["Instances"]}
    site.ec2.revoke_security_group_ingress(**site.rule(UserIdGroupPairs=[{"GroupId": site.front}]))
    clock.advance(90)
    assert {m["InstanceId"] for m in told(clients)["Instances"]} == first
    assert set(site.health().values()) == {TIMEOUT}
    site.admit()
    clock.advance(1000)
    assert {m["InstanceId"] for m in told(clients)["Instances"]} == first
    site.ec2.revoke_security_group_ingress(**site.rule(UserIdGroupPairs=[{"GroupId": site.front}]))
    clock.advance(150)
    assert not first & {m["InstanceId"] for m in told(clients)["Instances"] if m["LifecycleState"] != "Terminating"}
    assert any(a["Cause"].endswith("in response to an ELB system health check failure.") for a in activities(clients))


def test_member_that_fails_the_balancers_checks_stays_when_the_group_goes_by_ec2(site, behind, clients, clock):
    """Unhealthy as a target, healthy as a member."""
    behind(kind="EC2")
    first = {m["InstanceId"] for m in told(clients)["Instances"]}
    site.ec2.revoke_security_group_ingress(**site.rule(UserIdGroupPairs=[{"GroupId": site.front}]))
    clock.advance(3600)
    assert set(site.health().values()) == {TIMEOUT}
    assert {m["InstanceId"] for m in told(clients)["Instances"]} == first

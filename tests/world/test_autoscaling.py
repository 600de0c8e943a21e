"""Auto Scaling groups spread, keep their size, find the dead, and come to terms with full and lost zones."""

import json

import pytest
from groups import ZONES, activities, group, network, spread, template, told
from mounted import Clients
from refused import refusal

from twin.clock import VirtualClock
from twin.world import snapshot
from twin.world.behaviors.auto_scaling_balance import Member, lacking, places, victims

A, B, C = ZONES
HOUR = 3600
KEY = b"k" * 32


@pytest.fixture
def web(clients):
    """The subnets of a group of three in three zones, made with boto3 alone; `web` is its name."""
    _, subnets = network(clients)
    template(clients)
    group(clients, subnets.values())
    return subnets


def ids(clients):
    """The ids of the group's members by zone; the last one of a zone."""
    return {member["AvailabilityZone"]: member["InstanceId"] for member in told(clients)["Instances"]}


def test_members_are_spread_over_the_zones_in_their_subnets(clients, web, world):
    """One in each, in service at once where creation takes no time; the trail shows who launched them."""
    found = told(clients)
    assert spread(clients) == [A, B, C]
    assert {m["LifecycleState"] for m in found["Instances"]} == {"InService"}
    ec2 = clients("ec2").describe_instances()["Reservations"]
    placed = {i["Placement"]["AvailabilityZone"]: i["SubnetId"] for r in ec2 for i in r["Instances"]}
    assert placed == web
    events = world.evidence.events(name="RunInstances")
    assert {event["userIdentity"]["invokedBy"] for event in events} == {"autoscaling.amazonaws.com"}
    assert world.agenda.entries() == []


def test_members_have_the_tags_that_are_handed_on(clients):
    """And their group's name; the others stay with the group."""
    _, subnets = network(clients)
    template(clients)
    tags = [{"Key": key, "Value": "x", "PropagateAtLaunch": key == "role"} for key in ("role", "owner")]
    group(clients, subnets.values(), size=(1, 1, 1), Tags=tags)
    [reservation] = clients("ec2").describe_instances()["Reservations"]
    had = {tag["Key"]: tag["Value"] for tag in reservation["Instances"][0]["Tags"]}
    assert (had["role"], had["aws:autoscaling:groupName"], "owner" in had) == ("x", "web", False)


def test_activities_say_what_was_done_and_why(clients, web, clock):
    """A launch per member with its cause; they come in pages and a token that is none is refused."""
    made = activities(clients)
    assert [(a["StatusCode"], a["Progress"]) for a in made] == [("Successful", 100)] * 3
    assert made[0]["Description"].startswith("Launching a new EC2 instance: i-")
    assert made[0]["Cause"] == (
        "At 2026-03-01T12:00:00Z a user request created an AutoScalingGroup changing the desired capacity from 0 to 3."
        "  At 2026-03-01T12:00:00Z an instance was started in response to a difference between desired and actual "
        "capacity, increasing the capacity from 0 to 3."
    )
    autoscaling = clients("autoscaling")
    page = autoscaling.describe_scaling_activities(AutoScalingGroupName="web", MaxRecords=2)
    rest = autoscaling.describe_scaling_activities(AutoScalingGroupName="web", NextToken=page["NextToken"])
    assert (len(page["Activities"]), len(rest["Activities"])) == (2, 1)
    describe = autoscaling.describe_scaling_activities
    assert refusal(describe, AutoScalingGroupName="web", NextToken="x") == ("InvalidNextToken", 400)
    assert refusal(describe, AutoScalingGroupName="none") == ("ValidationError", 400)
    clock.advance(43 * 24 * HOUR)
    assert describe(AutoScalingGroupName="web")["Activities"] == []


def test_size_changes_within_its_bounds(clients, web, clock):
    """A wish beyond them is refused; a larger one takes its time, a smaller one takes the fullest zone's oldest."""
    autoscaling = clients("autoscaling")
    desire = autoscaling.set_desired_capacity
    assert refusal(desire, AutoScalingGroupName="web", DesiredCapacity=7) == ("ValidationError", 400)
    desire(AutoScalingGroupName="web", DesiredCapacity=5)
    assert sorted(m["LifecycleState"] for m in told(clients)["Instances"]) == ["InService"] * 3 + ["Pending"] * 2
    clock.advance(26)
    assert {m["LifecycleState"] for m in told(clients)["Instances"]} == {"InService"}
    assert spread(clients) == [A, A, B, B, C]
    first = {m["InstanceId"] for m in told(clients)["Instances"]}
    desire(AutoScalingGroupName="web", DesiredCapacity=2)
    assert spread(clients) == [A, B]
    assert {m["InstanceId"] for m in told(clients)["Instances"]} < first
    assert "was selected for termination" in activities(clients)[-1]["Cause"]


def test_protected_member_stays_when_the_group_shrinks(clients, web):
    """The others go; and a group of protected ones does not shrink."""
    autoscaling, kept = clients("autoscaling"), ids(clients)[C]
    autoscaling.set_instance_protection(AutoScalingGroupName="web", InstanceIds=[kept], ProtectedFromScaleIn=True)
    autoscaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=1)
    assert ids(clients) == {C: kept}


def test_stopped_member_is_replaced(clients, web, clock):
    """Within the minute of a health check, in the same zone; not while the process is suspended."""
    autoscaling, ec2, before = clients("autoscaling"), clients("ec2"), ids(clients)
    processes = {"AutoScalingGroupName": "web", "ScalingProcesses": ["ReplaceUnhealthy"]}
    autoscaling.suspend_processes(**processes)
    ec2.stop_instances(InstanceIds=[before[B]])
    clock.advance(120)
    [sick] = [m for m in told(clients)["Instances"] if m["HealthStatus"] == "Unhealthy"]
    assert sick["InstanceId"] == before[B]
    autoscaling.resume_processes(**processes)
    clock.advance(120)
    after = ids(clients)
    assert (after[A], after[C]) == (before[A], before[C])
    assert after[B] != before[B]
    out, launched = activities(clients)[-2:]
    assert out["Cause"].endswith("in response to an EC2 health check indicating it has been terminated or stopped.")
    assert launched["Cause"].endswith("was launched in response to an unhealthy instance needing to be replaced.")


def test_terminated_member_is_replaced(clients, web, clock):
    """As a stopped one is."""
    before = ids(clients)
    clients("ec2").terminate_instances(InstanceIds=[before[A]])
    clock.advance(100)
    after = ids(clients)
    assert len(after) == 3
    assert before[A] not in after.values()


def test_members_of_a_lost_zone_are_replaced_elsewhere_and_come_back(clients, web, world, clock):
    """The launch into it fails by name, other zones take over; when it is back the group balances itself."""
    world.scene.break_("zone", A)
    clock.advance(110)
    assert spread(clients) == [A, B, C]
    clock.advance(HOUR)
    assert spread(clients) in ([B, B, C], [B, C, C])
    failed = [a for a in activities(clients) if a["StatusCode"] == "Failed"]
    assert failed
    assert failed[0]["StatusMessage"].startswith(
        "We currently do not have sufficient t3.micro capacity in the Availability Zone you requested (us-east-1a). "
    )
    assert failed[0]["StatusMessage"].endswith(" Launching EC2 instance failed.")
    world.scene.mend("zone", A)
    clock.advance(HOUR)
    assert spread(clients) == [A, B, C]
    causes = [a["Cause"] for a in activities(clients)[-2:]]
    assert causes[0].endswith("an instance was launched to aid in balancing the group's zones.")
    assert "resulting in more than desired number of instances in the group" in causes[1]
    clock.advance(2 * HOUR)
    world.settle()
    assert world.agenda.entries() == []


def test_group_does_not_balance_itself_when_told_not_to(clients, web, world, clock):
    """AZRebalance suspended: the zone is back, and nothing moves."""
    clients("autoscaling").suspend_processes(AutoScalingGroupName="web", ScalingProcesses=["AZRebalance"])
    world.scene.break_("zone", A)
    clock.advance(HOUR)
    world.settle()
    world.scene.mend("zone", A)
    clock.advance(HOUR)
    assert A not in spread(clients)


def test_group_waits_for_capacity_when_no_zone_has_any(clients, web, world, clock):
    """It launches when one has."""
    for zone in ZONES:
        world.scene.break_("capacity", zone)
    clients("autoscaling").set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=4)
    clock.advance(HOUR)
    assert len(spread(clients)) == 3
    world.scene.mend("capacity", B)
    clock.advance(HOUR)
    assert spread(clients) == [A, B, B, C]


def test_lost_zone_keeps_its_share_under_balanced_only(clients, world, clock):
    """The group does not go elsewhere then."""
    _, subnets = network(clients)
    template(clients)
    strategy = {"CapacityDistributionStrategy": "balanced-only"}
    group(clients, subnets.values(), AvailabilityZoneDistribution=strategy)
    world.scene.break_("zone", A)
    clock.advance(HOUR)
    assert spread(clients) == [B, C]


def test_single_members_come_and_go(clients, web, clock):
    """Terminated with and without replacement, detached, attached, on standby; a stranger is refused."""
    autoscaling, before = clients("autoscaling"), ids(clients)
    end = autoscaling.terminate_instance_in_auto_scaling_group
    assert refusal(end, InstanceId="i-0", ShouldDecrementDesiredCapacity=True) == ("ValidationError", 400)
    told_ = end(InstanceId=before[A], ShouldDecrementDesiredCapacity=True)["Activity"]
    assert told_["Cause"].endswith("user request, shrinking the capacity from 3 to 2.")
    assert spread(clients) == [B, C]
    detach = autoscaling.detach_instances
    named = {"AutoScalingGroupName": "web", "InstanceIds": [before[B]]}
    detach(**named, ShouldDecrementDesiredCapacity=True)
    assert refusal(detach, **named, ShouldDecrementDesiredCapacity=True) == ("ValidationError", 400)
    assert (spread(clients), told(clients)["DesiredCapacity"]) == ([C], 1)
    autoscaling.attach_instances(**named)
    assert (spread(clients), told(clients)["DesiredCapacity"]) == ([B, C], 2)
    assert refusal(autoscaling.attach_instances, **named) == ("ValidationError", 400)
    autoscaling.enter_standby(**named, ShouldDecrementDesiredCapacity=False)
    clock.advance(26)
    assert sorted(m["LifecycleState"] for m in told(clients)["Instances"]) == ["InService", "InService", "Standby"]
    autoscaling.exit_standby(**named)
    assert told(clients)["DesiredCapacity"] == 3


def test_group_with_members_goes_by_force_only(clients, web):
    """Then its instances go too."""
    delete = clients("autoscaling").delete_auto_scaling_group
    assert refusal(delete, AutoScalingGroupName="web") == ("ResourceInUse", 400)
    delete(AutoScalingGroupName="web", ForceDelete=True)
    states = [i["State"]["Name"] for r in clients("ec2").describe_instances()["Reservations"] for i in r["Instances"]]
    assert states == ["terminated"] * 3
    assert refusal(delete, AutoScalingGroupName="web") == ("ValidationError", 400)
    kept = clients("autoscaling").describe_scaling_activities(IncludeDeletedGroups=True)["Activities"]
    assert {a["AutoScalingGroupState"] for a in kept} == {"Deleted"}


def test_sick_member_is_replaced_when_its_grace_is_over(clients, clock):
    """A user's word respects the grace period, unless told otherwise."""
    _, subnets = network(clients)
    template(clients)
    group(clients, subnets.values(), HealthCheckGracePeriod=600)
    set_health, before = clients("autoscaling").set_instance_health, ids(clients)
    set_health(InstanceId=before[A], HealthStatus="Unhealthy")
    clock.advance(300)
    assert ids(clients) == before
    set_health(InstanceId=before[A], HealthStatus="Unhealthy", ShouldRespectGracePeriod=False)
    clock.advance(100)
    assert before[A] not in ids(clients).values()
    assert any(
        a["Cause"].endswith("taken out of service in response to a user health-check.") for a in activities(clients)
    )


def test_events_tell_of_launches_and_terminations(clients, web, world):
    """In EventBridge's form, with the group's and the instance's ARN."""
    clients("autoscaling").update_auto_scaling_group(AutoScalingGroupName="web", DesiredCapacity=2)
    told_ = [
        h.facts for h in world.scene.happenings if h.kind == "aws.event" and h.facts["source"] == "aws.autoscaling"
    ]
    assert [event["detail_type"] for event in told_] == ["EC2 Instance Launch Successful"] * 3 + [
        "EC2 Instance Terminate Successful"
    ]
    assert told_[0]["resources"][0].endswith("autoScalingGroupName/web")
    assert told_[0]["detail"]["EC2InstanceId"] == told_[0]["resources"][1].rpartition("/")[2]


def test_policy_that_is_executed_stays_within_the_bounds(clients, web, clock):
    """Ten more are wished for, six is the most."""
    autoscaling = clients("autoscaling")
    autoscaling.put_scaling_policy(
        AutoScalingGroupName="web", PolicyName="out", AdjustmentType="ChangeInCapacity", ScalingAdjustment=10
    )
    autoscaling.execute_policy(AutoScalingGroupName="web", PolicyName="out")
    clock.advance(26)
    assert (told(clients)["DesiredCapacity"], len(spread(clients))) == (6, 6)


def test_group_of_a_stack_behaves_as_any_other(clients, clock):
    """CloudFormation makes it, its dead member is replaced, and its instances go with the stack."""
    _, subnets = network(clients)
    template(clients)
    wanted = {
        "Type": "AWS::AutoScaling::AutoScalingGroup",
        "Properties": {
            "MinSize": "2",
            "MaxSize": "2",
            "VPCZoneIdentifier": list(subnets.values()),
            "LaunchTemplate": {"LaunchTemplateName": "web", "Version": "1"},
        },
    }
    stacks = clients("cloudformation")
    stacks.create_stack(StackName="s", TemplateBody=json.dumps({"Resources": {"Web": wanted}}))
    [made] = clients("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    name, first = made["AutoScalingGroupName"], [m["InstanceId"] for m in made["Instances"]]
    assert spread(clients, name) == [A, B]
    clients("ec2").terminate_instances(InstanceIds=first[:1])
    clock.advance(100)
    assert len(told(clients, name)["Instances"]) == 2
    assert first[0] not in {m["InstanceId"] for m in told(clients, name)["Instances"]}
    stacks.delete_stack(StackName="s")
    left = clients("ec2").describe_instances()["Reservations"]
    assert {i["State"]["Name"] for r in left for i in r["Instances"]} == {"terminated"}


def hook(clients, way, **more):
    """Put a lifecycle hook of half an hour on the group."""
    transition = f"autoscaling:EC2_INSTANCE_{way}"
    named = {"AutoScalingGroupName": "web", "LifecycleHookName": way.lower()}
    clients("autoscaling").put_lifecycle_hook(**named, LifecycleTransition=transition, HeartbeatTimeout=1800, **more)
    return named


def states(clients):
    """The lifecycle states of the members, sorted."""
    return sorted(m["LifecycleState"] for m in told(clients)["Instances"])


def test_launched_instance_waits_for_its_hook(clients, web, world, clock):
    """Until somebody completes the action; abandoned it is replaced; without a word the default counts."""
    autoscaling, named = clients("autoscaling"), hook(clients, "LAUNCHING")
    [kept] = autoscaling.describe_lifecycle_hooks(AutoScalingGroupName="web")["LifecycleHooks"]
    assert (kept["DefaultResult"], kept["GlobalTimeout"], "RoleARN" in kept) == ("ABANDON", 48 * HOUR, False)
    autoscaling.set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=4)
    clock.advance(26)
    assert states(clients) == ["InService"] * 3 + ["Pending:Wait"]
    event = [h.facts for h in world.scene.happenings if h.kind == "aws.event"][-1]
    assert event["detail_type"] == "EC2 Instance-launch Lifecycle Action"
    complete, detail = autoscaling.complete_lifecycle_action, event["detail"]
    assert refusal(complete, **named, InstanceId="i-0", LifecycleActionResult="CONTINUE") == ("ValidationError", 400)
    complete(**named, LifecycleActionToken=detail["LifecycleActionToken"], LifecycleActionResult="ABANDON")
    clock.advance(26)
    waiting = [m["InstanceId"] for m in told(clients)["Instances"] if m["LifecycleState"] == "Pending:Wait"]
    assert waiting != [detail["EC2InstanceId"]]
    clock.advance(1700)
    autoscaling.record_lifecycle_action_heartbeat(**named, InstanceId=waiting[0])
    clock.advance(1700)
    assert states(clients) == ["InService"] * 3 + ["Pending:Wait"]
    complete(**named, InstanceId=waiting[0], LifecycleActionResult="CONTINUE")
    assert states(clients) == ["InService"] * 4


def test_leaving_instance_waits_for_its_hook(clients, web, clock):
    """It is terminated when its time is over, whatever the default; a group that is deleted by force waits for none."""
    hook(clients, "TERMINATING")
    clients("autoscaling").set_desired_capacity(AutoScalingGroupName="web", DesiredCapacity=2)
    assert states(clients) == ["InService", "InService", "Terminating:Wait"]
    assert activities(clients)[-1]["StatusCode"] == "MidLifecycleAction"
    clock.advance(1801)
    assert states(clients) == ["InService", "InService"]
    clients("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="web", ForceDelete=True)
    assert clients("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"] == []


def test_restored_world_goes_on_where_it_was(clients, web, world, clock):
    """What is on the agenda of a kept world is done by the restored one: a member of a lost zone is replaced."""
    world.scene.break_("zone", A)
    kept = snapshot.save(world, KEY)
    restored = snapshot.restore(kept, KEY, VirtualClock)
    later = Clients(restored.world)
    restored.world.agenda.leader.advance(HOUR)
    assert spread(later) in ([B, B, C], [B, C, C])


def test_places_even_out():
    """The emptiest zone first, the first named at a tie."""
    assert places({A: 2, B: 0, C: 1}, 4) == [B, B, C, A]
    assert places({}, 3) == []


def test_balance_differs_by_at_most_one():
    """And has nobody outside of the zones."""
    assert lacking({A: 2, B: 1}, [A, B]) == []
    assert lacking({A: 3, B: 1, C: 0}, [A, B, C]) == [C]
    assert lacking({A: 1, B: 1, C: 1}, [A, B]) == [A]


def test_victims_come_from_the_fullest_zone(clock):
    """The oldest template's first, or the newest or oldest instance if the group says so; protected ones never."""
    now = clock.now()
    line = [
        Member("i-1", A, now.replace(minute=1), 2, False),
        Member("i-2", A, now.replace(minute=2), 1, False),
        Member("i-3", A, now.replace(minute=3), 2, True),
        Member("i-4", B, now.replace(minute=0), 1, False),
    ]

    def chosen(count, *policies):
        return [m.id for m in victims(line, count, zones=[A, B], policies=policies)]

    assert chosen(1, "Default") == ["i-2"]
    assert chosen(1, "NewestInstance") == ["i-2"]
    assert chosen(1, "OldestInstance") == ["i-1"]
    assert chosen(9) == ["i-2", "i-1", "i-4"]

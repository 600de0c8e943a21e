"""An instance refresh replaces a group's members some at a time."""

import pytest
from groups import group, network, template, told
from refused import refusal

NAMED = {"AutoScalingGroupName": "web"}


@pytest.fixture
def scaling(clients):
    """Auto Scaling with a group of four, whose template has a newer default version."""
    _, subnets = network(clients)
    template(clients)
    group(clients, subnets.values(), size=(1, 8, 4))
    ec2 = clients("ec2")
    ec2.create_launch_template_version(
        LaunchTemplateName="web", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
    )
    ec2.modify_launch_template(LaunchTemplateName="web", DefaultVersion="2")
    return clients("autoscaling")


def last(scaling):
    """The latest refresh."""
    return scaling.describe_instance_refreshes(**NAMED)["InstanceRefreshes"][0]


def kinds(clients):
    """The types of the members, sorted."""
    return sorted(m["InstanceType"] for m in told(clients)["Instances"])


def test_members_are_replaced_batch_by_batch(clients, scaling, clock):
    """Half at a time, each batch warmed up, until all have the new version; then the refresh is told to be over."""
    scaling.start_instance_refresh(**NAMED, Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 100})
    assert refusal(scaling.start_instance_refresh, **NAMED) == ("InstanceRefreshInProgress", 400)
    clock.advance(26)
    assert kinds(clients) == ["t3.micro", "t3.micro", "t3.small", "t3.small"]
    assert last(scaling)["Status"] == "InProgress"
    clock.advance(100)
    assert (last(scaling)["PercentageComplete"], last(scaling)["InstancesToUpdate"]) == (50, 2)
    clock.advance(126)
    assert (last(scaling)["Status"], last(scaling)["PercentageComplete"]) == ("Successful", 100)
    assert kinds(clients) == ["t3.small"] * 4
    assert {m["LaunchTemplate"]["Version"] for m in told(clients)["Instances"]} == {"2"}


def test_one_at_a_time_when_most_must_stay(clients, scaling, clock):
    """Ninety percent of four leaves room for one."""
    scaling.start_instance_refresh(**NAMED)
    clock.advance(26)
    assert kinds(clients).count("t3.small") in (1, 2)
    assert len([m for m in told(clients)["Instances"] if m["LifecycleState"] == "InService"]) >= 3


def test_matching_members_may_be_skipped(clients, scaling, clock):
    """After a whole refresh there is nothing to do for one that skips."""
    scaling.start_instance_refresh(**NAMED, Preferences={"MinHealthyPercentage": 0})
    clock.advance(60)
    before = {m["InstanceId"] for m in told(clients)["Instances"]}
    scaling.start_instance_refresh(**NAMED, Preferences={"SkipMatching": True})
    assert last(scaling)["Status"] == "Successful"
    assert {m["InstanceId"] for m in told(clients)["Instances"]} == before
    assert len(scaling.describe_instance_refreshes(**NAMED)["InstanceRefreshes"]) == 2


def test_cancelled_refresh_stops(clients, scaling, clock):
    """What is replaced stays; without one under way there is nothing to cancel."""
    scaling.start_instance_refresh(**NAMED, Preferences={"MinHealthyPercentage": 50, "InstanceWarmup": 600})
    clock.advance(26)
    scaling.cancel_instance_refresh(**NAMED)
    clock.advance(3600)
    assert last(scaling)["Status"] == "Cancelled"
    assert kinds(clients) == ["t3.micro", "t3.micro", "t3.small", "t3.small"]
    assert refusal(scaling.cancel_instance_refresh, **NAMED) == ("ActiveInstanceRefreshNotFound", 400)


def test_what_the_twin_lacks_is_refused_by_name(scaling):
    """Checkpoints."""
    wrong = refusal(scaling.start_instance_refresh, **NAMED, Preferences={"CheckpointPercentages": [50]})
    assert wrong == ("TwinUnsupportedOperation", 400)

"""Launch templates and Auto Scaling groups keep the resource contract on a real store."""

import pytest
from identity_documents import problems

from twin.address import Address
from twin.resources.aws.autoscaling import AutoScalingGroup
from twin.resources.aws.launch_template import LaunchTemplate, Volume
from twin.resources.aws.scaling_policy import Metric, Policy, Step
from twin.resources.aws.security_group import SecurityGroup
from twin.resources.aws.subnet import Subnet
from twin.resources.aws.target_group import TargetGroup
from twin.resources.aws.vpc import Vpc

VPC = "${aws.ec2.vpc.main.id}"
A, B = "${aws.ec2.subnet.a.id}", "${aws.ec2.subnet.b.id}"
IMAGE = "ami-12c6146b"
TEMPLATE = "${aws.ec2.launch_template.web.id}"


@pytest.fixture
def net(bench):
    """A VPC with two subnets and a security group."""
    bench.create("main", Vpc(cidr_block="10.0.0.0/16"))
    for part, name in enumerate("ab"):
        zone = f"us-east-1{name}"
        bench.create(name, Subnet(vpc=VPC, cidr_block=f"10.0.{part}.0/24", availability_zone=zone))
    bench.create("web", SecurityGroup(vpc=VPC, name="web", description="web"))
    return bench


def test_launch_template_lives_and_dies(net):
    """A launch template changes by a new version, which is the default one at once."""
    full = {
        "security_groups": ["${aws.ec2.security_group.web.id}"],
        "instance_profile": "arn:aws:iam::123456789012:instance-profile/web",
        "user_data": "#!/bin/sh\necho ready\n",
        "volume": Volume(size=30),
        "monitoring": True,
        "instance_tags": {"role": "web"},
    }
    net.lifecycle(
        "web",
        LaunchTemplate(name="web", image=IMAGE, instance_type="t3.micro", **full, tags={"a": "b"}),
        LaunchTemplate(name="web", image=IMAGE, instance_type="t3.small", **full, imds_v2=False, tags={"a": "c"}),
        LaunchTemplate(name="web", image=IMAGE, instance_type="t3.small"),
    )


def test_many_launch_templates_are_read(bench):
    """More templates than one page of the store holds are all read."""
    for number in range(17):
        bench.create(f"t{number}", LaunchTemplate(name=f"t-{number}", image=IMAGE, instance_type="t3.micro"))
    for number in range(17):
        template = LaunchTemplate(name=f"t-{number}", image=IMAGE, instance_type="t3.micro")
        assert bench.differences(Address(LaunchTemplate.TYPE, f"t{number}"), template) == {}


def test_group_lives_and_dies(net):
    """A group changes its sizes, places, target groups and tags."""
    net.create("web", LaunchTemplate(name="web", image=IMAGE, instance_type="t3.micro"))
    net.create("one", TargetGroup(name="one", vpc=VPC))
    net.create("two", TargetGroup(name="two", vpc=VPC))
    one, two = "${aws.elbv2.target_group.one.arn}", "${aws.elbv2.target_group.two.arn}"
    common = {"name": "web", "launch_template": TEMPLATE}
    net.lifecycle(
        "web",
        AutoScalingGroup(
            **common, subnets=[A, B], min=1, max=2, target_groups=[one], health_check="ELB", tags={"a": "b"}
        ),
        AutoScalingGroup(**common, subnets=[A], min=0, max=4, desired=2, target_groups=[two], tags={"c": "d"}),
    )


def test_group_of_another_version_is_a_difference(net):
    """A group moved by hand to a fixed version of its template shows."""
    net.create("web", LaunchTemplate(name="web", image=IMAGE, instance_type="t3.micro"))
    group = AutoScalingGroup(name="web", launch_template=TEMPLATE, subnets=[A], min=0, max=1)
    address = net.create("web", group)
    assert net.differences(address, group) == {}
    net.aws.client("autoscaling").update_auto_scaling_group(
        AutoScalingGroupName="web",
        LaunchTemplate={"LaunchTemplateName": "web", "Version": "1"},
    )
    assert set(net.differences(address, group)) == {"launch_template"}


def test_ownership_stays_off_the_instances(net):
    """User tags reach the instances, the tags of ownership do not."""
    net.create("web", LaunchTemplate(name="web", image=IMAGE, instance_type="t3.micro"))
    net.create(
        "web",
        AutoScalingGroup(name="web", launch_template=TEMPLATE, subnets=[A], min=1, max=1, tags={"role": "web"}),
    )
    (group,) = net.aws.client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    handed_on = {tag["Key"]: tag["PropagateAtLaunch"] for tag in group["Tags"]}
    assert handed_on.pop("role") is True
    assert handed_on
    assert not any(handed_on.values())


TRACKS = {"target": 50, "predefined": "ASGAverageCPUUtilization"}
STEPS = {"adjustment": "ChangeInCapacity", "steps": [Step(low=0, high=9, change=1), Step(low=9, change=2)]}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        (TRACKS, None),
        (STEPS, None),
        ({**TRACKS, "target": 0}, "target"),
        ({"target": 50}, "predefined"),
        ({**TRACKS, "metric": Metric(namespace="a", name="b")}, "predefined"),
        ({**TRACKS, "predefined": "ALBRequestCountPerTarget"}, "resource_label"),
        ({**TRACKS, "steps": STEPS["steps"]}, "steps"),
        ({}, "steps"),
        ({**STEPS, "adjustment": None}, "steps"),
        ({**STEPS, "steps": [Step(low=0, high=9, change=1), Step(low=10, change=2)]}, "steps"),
        ({**STEPS, "steps": [Step(low=0, high=9, change=1)]}, "steps"),
        ({**STEPS, "steps": [Step(low=-9, high=0, change=-1)]}, "steps"),
    ],
)
def test_policy_that_cannot_be_is_caught(fields, field):
    """One metric and a target above 0, or steps without a gap that are open where the metric breaches."""
    found = problems(Policy(name="p", group="web", **fields))
    assert found == ([("TW0467", field)] if field else [])

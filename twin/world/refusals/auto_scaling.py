"""What Auto Scaling refuses about groups, their sizes and their members."""

from typing import Any

from twin.world.refusals import Asked, Refusal, refuses

NAMED = (
    "UpdateAutoScalingGroup", "DeleteAutoScalingGroup", "SetDesiredCapacity", "DetachInstances", "AttachInstances",
    "EnterStandby", "ExitStandby", "AttachLoadBalancerTargetGroups", "DetachLoadBalancerTargetGroups",
    "DescribeLoadBalancerTargetGroups", "SuspendProcesses", "ResumeProcesses", "SetInstanceProtection",
    "PutLifecycleHook", "PutScalingPolicy", "BatchPutScheduledUpdateGroupAction", "EnableMetricsCollection",
    "AttachLoadBalancers", "DetachLoadBalancers", "DescribeLoadBalancers", "PutWarmPool", "DeleteWarmPool",
    "DescribeWarmPool",
)  # fmt: skip


def _invalid(message: str) -> Refusal:
    return Refusal("ValidationError", message)


def _group(asked: Asked) -> Any:
    return asked.state().autoscaling_groups.get(asked.parameters.get("AutoScalingGroupName"))


@refuses("autoscaling", "CreateAutoScalingGroup")
def new_group(asked: Asked) -> None:
    """A group has a name of its own and a desired capacity between its bounds."""
    name = asked.parameters["AutoScalingGroupName"]
    if _group(asked) is not None:
        raise Refusal(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    _bounds(asked.parameters["MinSize"], asked.parameters["MaxSize"], asked.parameters.get("DesiredCapacity"))


@refuses("autoscaling", "CreateAutoScalingGroup", "UpdateAutoScalingGroup")
def sound_template(asked: Asked) -> None:
    """A launch template names an image that is there."""
    policy = (asked.parameters.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    named = asked.parameters.get("LaunchTemplate") or policy.get("LaunchTemplateSpecification")
    if not named:
        return
    ec2 = asked.state("ec2")
    template = ec2.launch_templates.get(named.get("LaunchTemplateId")) or ec2.launch_templates.get(
        ec2.launch_template_name_to_ids.get(named.get("LaunchTemplateName"))
    )
    if template is None:
        raise _invalid(
            "You must use a valid fully-formed launch template. The specified launch template does not exist."
        )
    image = template.get_version(named.get("Version") or "$Default").image_id
    if image not in ec2.amis:
        raise _invalid(
            f"You must use a valid fully-formed launch template. The image id '[{image}]' does not exist"
            if image
            else "You must use a valid fully-formed launch template. The request must contain the parameter ImageId"
        )


@refuses("autoscaling", *NAMED)
def known_group(asked: Asked) -> None:
    """A call names a group that is there."""
    if _group(asked) is None:
        name = asked.parameters.get("AutoScalingGroupName")
        raise _invalid(f"AutoScalingGroup name not found - AutoScalingGroup '{name}' not found")


@refuses("autoscaling", "CreateOrUpdateTags", "DeleteTags")
def tagged_groups(asked: Asked) -> None:
    """What is tagged is there."""
    for tag in asked.parameters.get("Tags") or ():
        if tag.get("ResourceId") not in asked.state().autoscaling_groups:
            raise _invalid(f"AutoScalingGroup name not found - no such group: {tag.get('ResourceId')}")


@refuses("autoscaling", "CreateLaunchConfiguration")
def image_of_a_configuration(asked: Asked) -> None:
    """A launch configuration has an image that there is."""
    image = asked.parameters.get("ImageId")
    if image and image not in asked.state("ec2").amis:
        raise _invalid(f'Invalid id: "{image}"')


@refuses("autoscaling", "DeleteLaunchConfiguration")
def known_configuration(asked: Asked) -> None:
    """A launch configuration that goes was there."""
    name = asked.parameters.get("LaunchConfigurationName")
    if name not in asked.state().launch_configurations:
        raise _invalid(f"Launch configuration name not found - Launch configuration {name} not found")


@refuses("autoscaling", "UpdateAutoScalingGroup")
def changed_bounds(asked: Asked) -> None:
    """The new bounds and the new desired capacity go together."""
    group, parameters = _group(asked), asked.parameters
    least, most = parameters.get("MinSize", group.min_size), parameters.get("MaxSize", group.max_size)
    _bounds(least, most, parameters.get("DesiredCapacity"))


def _bounds(least: int, most: int, wanted: int | None) -> None:
    if least > most:
        raise _invalid(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
    if wanted is not None and not least <= wanted <= most:
        raise _invalid(f"Desired capacity:{wanted} must be between the specified min size:{least} and max size:{most}")


@refuses("autoscaling", "SetDesiredCapacity")
def desired_in_bounds(asked: Asked) -> None:
    """A desired capacity is between the group's bounds."""
    group, wanted = _group(asked), asked.parameters["DesiredCapacity"]
    for word, bound, wrong in (("above max", group.max_size, wanted > group.max_size),
                               ("below min", group.min_size, wanted < group.min_size)):  # fmt: skip
        if wrong:
            raise _invalid(f"New SetDesiredCapacity value {wanted} is {word} value {bound} for the AutoScalingGroup.")


@refuses("autoscaling", "DeleteAutoScalingGroup")
def empty_group(asked: Asked) -> None:
    """A group with instances goes only by force."""
    if _group(asked).instance_states and not asked.parameters.get("ForceDelete"):
        raise Refusal(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still "
            "in the group.",
        )


@refuses("autoscaling", "DetachInstances", "EnterStandby", "ExitStandby", "SetInstanceProtection")
def members(asked: Asked) -> None:
    """The instances belong to the group."""
    group = _group(asked)
    known = {state.instance_id for state in group.instance_states}
    for name in asked.parameters.get("InstanceIds") or ():
        if name not in known:
            raise _invalid(f"The instance {name} is not part of Auto Scaling group {group.name}.")
    count = len(asked.parameters.get("InstanceIds") or ())
    lowered = asked.parameters.get("ShouldDecrementDesiredCapacity")
    if lowered and group.desired_capacity - count < group.min_size:
        raise _invalid(
            f"AutoScalingGroup {group.name} has min-size={group.min_size}, max-size={group.max_size}, and "
            f"desired-size={group.desired_capacity}. To place into standby or detach {count} instance(s), please "
            "update the AutoScalingGroup sizes appropriately."
        )


@refuses("autoscaling", "AttachInstances")
def attachable(asked: Asked) -> None:
    """An instance runs, belongs to no group, and there is room for it."""
    group, wanted = _group(asked), asked.parameters.get("InstanceIds") or ()
    taken = {s.instance_id: g.name for g in asked.state().autoscaling_groups.values() for s in g.instance_states}
    for name in wanted:
        instance = asked.state("ec2").get_instance_by_id(name)
        if instance is None:
            raise _invalid(f"Invalid Instance ID(s): [{name}] specified")
        if name in taken:
            raise _invalid(f"Instance {name} is already part of an AutoScalingGroup:{taken[name]}")
        if instance.state != "running":
            raise _invalid(f"Instance {name} is not in correct state. Instance(s) must be in 'running' state.")
    if group.desired_capacity + len(wanted) > group.max_size:
        raise _invalid(
            f"AutoScalingGroup {group.name} has min-size={group.min_size}, max-size={group.max_size}, and "
            f"desired-size={group.desired_capacity}. To attach {len(wanted)} more instance, please update the "
            "AutoScalingGroup sizes appropriately."
        )


@refuses("autoscaling", "TerminateInstanceInAutoScalingGroup", "SetInstanceHealth")
def managed_instance(asked: Asked) -> None:
    """The instance is a member of some group, which keeps its minimum."""
    name = asked.parameters["InstanceId"]
    for group in asked.state().autoscaling_groups.values():
        if any(state.instance_id == name for state in group.instance_states):
            if asked.parameters.get("ShouldDecrementDesiredCapacity") and group.desired_capacity <= group.min_size:
                raise _invalid(
                    "Currently, desiredSize equals minSize. Terminating instance without replacement will violate "
                    "group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower "
                    "group's min size."
                )
            return
    raise _invalid(f"Instance Id not found - No managed instance found for instance ID: {name}")


@refuses("autoscaling", "SetInstanceHealth")
def health_word(asked: Asked) -> None:
    """An instance is Healthy or Unhealthy."""
    if asked.parameters["HealthStatus"] not in ("Healthy", "Unhealthy"):
        raise _invalid("Valid instance health states are: [Healthy, Unhealthy].")

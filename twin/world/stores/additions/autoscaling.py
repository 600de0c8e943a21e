"""Auto Scaling: moto keeps the groups and what they want; who launches and terminates are the world's behaviors."""

from typing import Any

from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState, make_int

from twin.world.stores.additions import adds

create_of_moto = AutoScalingBackend.create_auto_scaling_group
update_of_moto = FakeAutoScalingGroup.update


@adds(FakeAutoScalingGroup)
def set_desired_capacity(group: Any, new_capacity: int | None) -> None:
    """Note how many instances are wanted."""
    group.desired_capacity = group.min_size if new_capacity is None else new_capacity


@adds(FakeAutoScalingGroup)
def update(group: Any, *args: Any, **kwargs: Any) -> None:
    """Change the group; what a call does not name stays, its mixed instances policy too."""
    named = any(kwargs.get(name) for name in ("mixed_instances_policy", "launch_template", "launch_config_name"))
    policy = group.mixed_instances_policy
    wanted = kwargs.get("desired_capacity")
    if wanted is None:
        least, most = kwargs.get("min_size"), kwargs.get("max_size")
        low = group.min_size if least is None else least
        high = group.max_size if most is None else most
        kwargs["desired_capacity"] = min(max(group.desired_capacity, low), high)
    update_of_moto(group, *args, **kwargs)
    if not named:
        group.mixed_instances_policy = policy


@adds(AutoScalingBackend)
def create_auto_scaling_group(backend: Any, **kwargs: Any) -> Any:
    """Make a group; without a grace period there is none, which only the console has at 300 seconds."""
    group = create_of_moto(backend, **kwargs)
    group.health_check_grace_period = make_int(kwargs["health_check_period"]) or 0
    return group


@adds(AutoScalingBackend)
def update_attached_target_groups(backend: Any, group_name: str) -> None:
    """Leave it to the behavior, which registers members as they come into service."""


@adds(AutoScalingBackend)
def notify_terminate_instances(backend: Any, instance_ids: list[str]) -> None:
    """Leave it to the health checks, which find out about terminated members."""


@adds(AutoScalingBackend)
def delete_auto_scaling_group(backend: Any, group_name: str) -> None:
    """Forget a group and terminate its instances; CloudFormation asks for it, users ask the behavior."""
    group = backend.autoscaling_groups.pop(group_name, None)
    ids = [state.instance_id for state in group.instance_states] if group is not None else []
    if ids:
        backend.ec2_backend.terminate_instances(ids)


def _launched_with(self: Any) -> dict[str, Any] | None:
    """Return the launch template version with which the instance was launched, whatever is the default now."""
    kept: dict[str, Any] | None = getattr(self, "launched_with", None)
    return kept


state: Any = InstanceState
state.launch_template = property(_launched_with)

"""Auto Scaling finds unhealthy members by EC2's checks, the load balancer's and the user's, and replaces them."""

from datetime import timedelta
from typing import Any

from twin.world.aws_call import Asked
from twin.world.behaviors import answers, happens, watches
from twin.world.behaviors.auto_scaling import converge
from twin.world.behaviors.auto_scaling_activities import stamp
from twin.world.behaviors.auto_scaling_members import facts, find_group, member, suspended, terminate
from twin.world.behaviors.ec2_instances import AGAIN
from twin.world.behaviors.reachability import find_instance
from twin.world.scene import Happening, Scene
from twin.world.stores.additions.instances import IMPAIRED

GONE = "an EC2 health check indicating it has been terminated or stopped."
CHECKS = "an EC2 instance status checks failure."
BALANCER = "an ELB system health check failure."
USER = "a user health-check."


@watches("ec2.instance.stopping", "ec2.instance.shutting_down", "ec2.instance.impaired", "elbv2.target.unhealthy")
def noticed(scene: Scene, happening: Happening) -> None:
    """Something befell an instance; the next health check of its group finds out."""
    delay = "impaired" if happening.kind.endswith("impaired") else "health_check"
    group = getattr(find_instance(happening.facts["instance"]), "autoscaling_group", None)
    state = member(group, happening.facts["instance"])
    if state is not None and state.lifecycle_state == "InService":
        _later(scene, group, state, scene.delay(f"auto_scaling.{delay}"))


@watches("autoscaling.processes.resumed")
def resumed(scene: Scene, happening: Happening) -> None:
    """A group whose health checks were suspended looks at all its members."""
    group = find_group(**happening.facts)
    for state in group.instance_states:
        if state.health_status == "Unhealthy" or verdict(scene, group, state):
            _later(scene, group, state, scene.delay("auto_scaling.health_check"))


def _later(scene: Scene, group: Any, state: Any, seconds: float) -> None:
    scene.after(seconds, "autoscaling.check", **facts(group), instance_id=state.instance_id)


def verdict(scene: Scene, group: Any, state: Any) -> str:
    """Return why a member is unhealthy, as a cause tells it; "" for a healthy one."""
    instance = state.instance
    if instance.state not in ("pending", "running"):
        return GONE
    if instance.state == "running" and getattr(instance, "checks", None) == IMPAIRED:
        return CHECKS
    if "ELB" in group.health_check_type and _unhealthy_target(group, state.instance_id):
        return BALANCER
    return USER if state.health_status == "Unhealthy" else ""


def _unhealthy_target(group: Any, instance_id: str) -> bool:
    known = group.autoscaling_backend.elbv2_backend.target_groups
    records = [getattr(known[arn], "health", {}).get(instance_id) for arn in group.target_group_arns if arn in known]
    return any(record is not None and record["state"] == "unhealthy" for record in records)


@happens("autoscaling.check")
def check(scene: Scene, *, account: str, region: str, group: str, instance_id: str) -> None:
    """A health check looks at a member, and has an unhealthy one replaced when its grace period is over."""
    found = find_group(account, region, group)
    state = member(found, instance_id)
    if state is None or state.lifecycle_state != "InService" or suspended(found, "HealthCheck"):
        return
    reason = verdict(scene, found, state)
    if not reason:
        return
    grace = state.since + timedelta(seconds=found.health_check_grace_period)
    if reason in (CHECKS, BALANCER) and scene.now() < grace:
        scene.agenda.at(grace, "autoscaling.check", **facts(found), instance_id=instance_id)
        return
    state.health_status = "Unhealthy"
    scene.emit("autoscaling.instance.unhealthy", **facts(found), instance=instance_id, reason=reason)
    if not (suspended(found, "ReplaceUnhealthy") or suspended(found, "Terminate")):
        replace(scene, found, state, reason)


def replace(scene: Scene, group: Any, state: Any, reason: str) -> None:
    """Terminate a member and launch another."""
    cause = f"At {stamp(scene)} an instance was taken out of service in response to {reason}"
    terminate(scene, group, state, cause=cause)
    if converge(scene, group, why="", pace=AGAIN, replacing=True):
        scene.emit("autoscaling.instance.replaced", **facts(group), instance=state.instance_id, reason=reason)


@answers("autoscaling", "SetInstanceHealth")
def set_health(asked: Asked, scene: Scene) -> dict[str, Any] | None:
    """A user says how an instance is; an unhealthy one is replaced, after its grace period unless told otherwise."""
    for group in asked.state().autoscaling_groups.values():
        state = member(group, asked.parameters["InstanceId"])
        if state is None:
            continue
        grace = state.since + timedelta(seconds=group.health_check_grace_period)
        respected = asked.parameters.get("ShouldRespectGracePeriod", True)
        unhealthy = asked.parameters["HealthStatus"] == "Unhealthy"
        if not (unhealthy and respected and scene.now() < grace):
            state.health_status = asked.parameters["HealthStatus"]
        if state.health_status == "Unhealthy":
            _later(scene, group, state, scene.delay("auto_scaling.health_check"))
        return {}
    return None

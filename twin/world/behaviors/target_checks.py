"""What a health check of a target would find now, by its load balancers, zone, instance and security groups."""

from dataclasses import dataclass
from typing import Any

from twin.world.behaviors.reachability import answering, find_instance, load_balancer_nodes
from twin.world.behaviors.target_filters import admitted, inside, interface_of
from twin.world.health import forced, target_subject
from twin.world.scene import Scene

# https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html
WORDS = {
    "Elb.RegistrationInProgress": "Target registration is in progress",
    "Elb.InitialHealthChecking": "Initial health checks in progress",
    "Target.Timeout": "Request timed out",
    "Target.FailedHealthChecks": "Health checks failed",
    "Target.NotInUse": "Target group is not configured to receive traffic from the load balancer",
    "Target.NotRegistered": "Target is not registered to the target group",
    "Target.InvalidState": "Target is in the stopped state",
    "Target.IpUnusable": "The IP address cannot be used as a target, because it is in use by a load balancer",
    "Target.DeregistrationInProgress": "Target deregistration is in progress",
    "Target.HealthCheckDisabled": "Health checks are disabled for this target",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What stands between a target and its health: nothing, a failing check, or a reason not to check at all."""

    reason: str = ""
    checked: bool = True


def balancers(elbv2: Any, arn: str) -> list[Any]:
    """Return the load balancers that forward to a target group, by their listeners' rules."""
    found = []
    for balancer in elbv2.load_balancers.values():
        rules = [rule for listener in balancer.listeners.values() for rule in listener.rules.values()]
        if any(arn in elbv2._get_target_group_arns_from(action.data) for rule in rules for action in rule.actions):
            found.append(balancer)
    return found


def check_port(group: Any, target_id: str) -> int:
    """Return the port to which checks of a target go."""
    port = group.health_check_port
    return int(group.targets[target_id]["Port"] if port in (None, "traffic-port") else port)


def examine(scene: Scene, elbv2: Any, group: Any, target_id: str) -> Finding:
    """Look at a registered target."""
    if not group.health_check_enabled or group.target_type == "lambda":
        return Finding("Target.HealthCheckDisabled", checked=False)
    users = balancers(elbv2, group.arn)
    if not users:
        return Finding("Target.NotInUse", checked=False)
    if forced(scene, target_subject(group.arn, target_id)) is False:
        return Finding(_failure(group))
    if group.target_type == "alb":
        return Finding("" if target_id in elbv2.load_balancers else "Target.FailedHealthChecks")
    if group.target_type == "ip":
        return _address(scene, elbv2, group, target_id, users)
    instance = find_instance(target_id)
    if instance is None or instance.state in ("stopped", "terminated"):
        return Finding("Target.InvalidState", checked=False)
    zones = {subnet.availability_zone for user in users for subnet in user.subnets}
    if instance.placement.zone not in zones and all(user.type == "application" for user in users):
        return Finding("Target.NotInUse", checked=False)
    return _answer(scene, elbv2, group, target_id, users, instance.nics[0])


def _address(scene: Scene, elbv2: Any, group: Any, target_id: str, users: list[Any]) -> Finding:
    interface = interface_of(elbv2.ec2_backend, target_id)
    if interface is not None:
        return _answer(scene, elbv2, group, target_id, users, interface)
    # Nobody here knows what stands behind an address outside of the VPC; one inside that nobody has does not answer.
    silent = inside(elbv2.ec2_backend, group.vpc_id, target_id)
    return Finding(_failure(group) if silent else "")


def _answer(scene: Scene, elbv2: Any, group: Any, target_id: str, users: list[Any], interface: Any) -> Finding:
    port = check_port(group, target_id)
    zone_lost = scene.conditions.broken("zone", interface.subnet.availability_zone)
    silent = interface.instance is not None and not answering(scene, interface.instance.id)[0]
    if zone_lost or silent:
        return Finding(_failure(group))
    for user in users:
        working = {node.subnet for node in load_balancer_nodes(scene, user) if node.works}
        subnets = [subnet for subnet in user.subnets if subnet.id in working]
        if not admitted(elbv2.ec2_backend, user, interface, port=port, subnets=subnets):
            return Finding(_failure(group))
    return Finding()


def _failure(group: Any) -> str:
    """Return the reason of a check without an answer; network load balancers know only one."""
    application = str(group.protocol).upper() in ("HTTP", "HTTPS")
    return "Target.Timeout" if application else "Target.FailedHealthChecks"

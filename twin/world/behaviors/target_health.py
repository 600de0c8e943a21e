"""The health of load balancers' targets: it follows the checks by the target group's interval and thresholds.

Nobody polls. When something changes that a check would find, the one change of state to come is put on the agenda.
"""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, watches
from twin.world.behaviors.ec2_instances import NEW
from twin.world.behaviors.reachability import find_instance
from twin.world.behaviors.target_checks import WORDS, check_port, examine
from twin.world.scene import Happening, Scene

PROVIDES = {"target-health": "targets are healthy by instance, zone, security groups, intervals and thresholds"}
HEALTHY, UNHEALTHY, INITIAL = "healthy", "unhealthy", "initial"
LISTENING = (
    "CreateListener", "ModifyListener", "DeleteListener", "CreateRule", "ModifyRule", "DeleteRule",
    "DeleteLoadBalancer", "SetSubnets", "SetSecurityGroups", "ModifyTargetGroup",
)  # fmt: skip
FILTERING = (
    "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress", "RevokeSecurityGroupIngress",
    "RevokeSecurityGroupEgress", "ModifySecurityGroupRules", "ModifyNetworkInterfaceAttribute",
    "ModifyInstanceAttribute",
)  # fmt: skip


def _store(account: str, region: str) -> Any:
    from twin.world.stores.moto_store import backends

    return backends("elbv2")[account][region]


def _groups() -> list[Any]:
    from twin.world.stores.moto_store import backends

    return [
        group
        for regions in list(backends("elbv2").values())
        for backend in list(regions.values())
        for group in list(backend.target_groups.values())
    ]


def records(group: Any) -> dict[str, dict[str, Any]]:
    """Return what is known of a target group's targets, by id."""
    if not hasattr(group, "health"):
        group.health, group.draining = {}, {}
    kept: dict[str, dict[str, Any]] = group.health
    return kept


@follows("elbv2", "RegisterTargets")
def registered(done: Done, scene: Scene) -> None:
    """A user's targets begin to be checked; a service's begin as it says."""
    if done.call.principal.kind != "service":
        ids = [target["Id"] for target in done.parameters["Targets"]]
        register(scene, done.parameters["TargetGroupArn"], ids, pace=NEW)


def register(scene: Scene, arn: str, ids: list[str], *, pace: str) -> None:
    """Let the checks of new targets begin."""
    account, region = arn.split(":")[4], arn.split(":")[3]
    group = _store(account, region).target_groups[arn]
    for id_ in ids:
        records(group)[id_] = {"state": INITIAL, "reason": "Elb.RegistrationInProgress", "toward": "", "pace": pace}
        group.draining.pop(id_, None)
    review(scene, group)


def review(scene: Scene, group: Any, only: Collection[str] | None = None) -> None:
    """Look at every target of a group, or some, and put what will become of them on the agenda."""
    known, elbv2 = records(group), _store(group.account_id, group.region_name)
    for id_ in [id_ for id_ in known if id_ not in group.targets]:
        _forget(scene, known.pop(id_))
    for id_ in group.targets if only is None else only:
        record = known.setdefault(id_, {"state": INITIAL, "reason": "", "toward": "", "pace": NEW})
        finding = examine(scene, elbv2, group, id_)
        if not finding.checked:
            _forget(scene, record)
            state = "unavailable" if finding.reason == "Target.HealthCheckDisabled" else "unused"
            record.update(state=state, reason=finding.reason)
            continue
        if record["state"] in ("unused", "unavailable"):
            record.update(state=INITIAL, reason="Elb.RegistrationInProgress")
        if record["state"] == UNHEALTHY and finding.reason:
            record["reason"] = finding.reason
        _aim(scene, group, id_, record, UNHEALTHY if finding.reason else HEALTHY)


def _forget(scene: Scene, record: dict[str, Any]) -> None:
    if record["toward"]:
        scene.agenda.cancel(record["task"])
        record["toward"] = ""


def _aim(scene: Scene, group: Any, id_: str, record: dict[str, Any], toward: str) -> None:
    """Have a target become what its checks will find, unless it is or is about to."""
    if record["toward"] == toward:
        return
    _forget(scene, record)
    if record["state"] == toward:
        return
    seconds = _seconds(scene, group, record, toward)
    told = {"account": group.account_id, "region": group.region_name, "arn": group.arn, "target": id_}
    if seconds:
        record["toward"] = toward
        record["task"] = scene.after(seconds, "elbv2.checked", **told, toward=toward)
    else:
        settle(scene, **told, toward=toward)


def _seconds(scene: Scene, group: Any, record: dict[str, Any], toward: str) -> float:
    """Return how long the checks take that change a state: a new target needs one that passes.

    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    interval = int(group.health_check_interval_seconds)
    phase = round(scene.chance("target_health").uniform(0, interval), 3)
    if toward == UNHEALTHY:
        return phase + (int(group.unhealthy_threshold_count) - 1) * interval + int(group.health_check_timeout_seconds)
    if record["state"] != INITIAL:
        return phase + (int(group.healthy_threshold_count) - 1) * interval
    registration = scene.delay(f"target_health.registration{record['pace']}")
    return registration and registration + phase


@happens("elbv2.checked")
def settle(scene: Scene, *, account: str, region: str, arn: str, target: str, toward: str) -> None:
    """Enough checks had one result: the target is what they say."""
    elbv2 = _store(account, region)
    group = elbv2.target_groups.get(arn)
    if group is None or target not in group.targets:
        return
    record, finding = records(group)[target], examine(scene, elbv2, group, target)
    record["toward"] = ""
    if not finding.checked or toward != (UNHEALTHY if finding.reason else HEALTHY):
        review(scene, group)
        return
    record.update(state=toward, reason=finding.reason)
    facts = {"account": account, "region": region, "target_group": arn, "instance": target}
    scene.emit(f"elbv2.target.{toward}", **facts, reason=finding.reason)


@follows("elbv2", "DeregisterTargets")
def deregistered(done: Done, scene: Scene) -> None:
    """Targets that leave are draining for the group's delay."""
    group = done.state().target_groups[done.parameters["TargetGroupArn"]]
    for target in done.parameters["Targets"]:
        _drain(scene, group, target["Id"], target.get("Port") or group.port)


def _drain(scene: Scene, group: Any, id_: str, port: Any) -> None:
    delay = float(group.attributes["deregistration_delay.timeout_seconds"])
    record = records(group).pop(id_, None)
    if record is not None:
        _forget(scene, record)
        group.draining[id_] = {"until": scene.now() + timedelta(seconds=delay), "port": port}


@watches(
    "ec2.instance.unreachable", "ec2.instance.answering", "ec2.instance.rebooting", "ec2.instance.stopping",
    "ec2.instance.stopped", "ec2.instance.shutting_down", "ec2.instance.running",
)  # fmt: skip
def instance_changed(scene: Scene, happening: Happening) -> None:
    """The groups in which an instance is registered look again; what is terminated is deregistered."""
    id_ = happening.facts["instance"]
    for group in _groups():
        if id_ in group.terminated_targets:
            _drain(scene, group, id_, group.terminated_targets.pop(id_)["Port"])
        elif group.target_type == "ip":
            own = {interface.private_ip_address for interface in find_instance(id_).nics.values()}
            review(scene, group, only=[address for address in group.targets if address in own])
        elif id_ in group.targets:
            review(scene, group, only=[id_])


@watches("zone.lost", "zone.restored", "region.lost", "region.restored", "health.flapped")
def nodes_changed(scene: Scene, happening: Happening) -> None:
    """Nodes of load balancers died or are back, or checks go wrong though their targets are well."""
    for group in _groups():
        review(scene, group)


@follows("elbv2", *LISTENING)
def use_changed(done: Done, scene: Scene) -> None:
    """Load balancers use other target groups, or others than before."""
    for group in list(done.state().target_groups.values()):
        review(scene, group)


@follows("ec2", *FILTERING)
def filters_changed(done: Done, scene: Scene) -> None:
    """Security groups let others through."""
    for group in list(done.state("elbv2").target_groups.values()):
        review(scene, group)


@answers("elbv2", "DescribeTargetHealth")
def describe(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the health of targets, those that drain among them."""
    group = asked.state().target_groups.get(asked.parameters["TargetGroupArn"])
    if group is None:
        raise AwsError("TargetGroupNotFound", "One or more target groups not found")
    review(scene, group)
    group.draining = {id_: left for id_, left in group.draining.items() if left["until"] > scene.now()}
    wanted = [target["Id"] for target in asked.parameters.get("Targets") or ()]
    named = wanted or [*group.targets, *(id_ for id_ in group.draining if id_ not in group.targets)]
    return {"TargetHealthDescriptions": [_told(group, id_) for id_ in named]}


def _told(group: Any, id_: str) -> dict[str, Any]:
    port, check = group.port, group.port
    if id_ in group.targets:
        port, check = group.targets[id_]["Port"], group.target_type != "lambda" and check_port(group, id_)
        state, reason = group.health[id_]["state"], group.health[id_]["reason"]
    elif id_ in group.draining:
        port = check = group.draining[id_]["port"]
        state, reason = "draining", "Target.DeregistrationInProgress"
    else:
        state, reason = "unused", "Target.NotRegistered"
    health = {"State": state}
    if reason:
        health |= {"Reason": reason, "Description": WORDS[reason]}
    target = {"Id": id_} if port is None else {"Id": id_, "Port": int(port)}
    told: dict[str, Any] = {"Target": target, "TargetHealth": health}
    return {**told, "HealthCheckPort": str(check)} if check else told

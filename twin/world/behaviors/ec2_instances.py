"""EC2 instances pass through their states in their time, and tell EventBridge of each."""

from datetime import timedelta
from typing import Any

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens
from twin.world.behaviors.reachability import dead, find_instance
from twin.world.scene import Scene
from twin.world.stores.additions.instances import IMPAIRED, INITIALIZING, OK

PROVIDES = {"instance-states": "EC2 instances are pending, running, stopping, … for their time, with events"}
CODES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}
NEW, AGAIN = "_new", ""


def enter(scene: Scene, instance: Any, state: str) -> None:
    """Bring an instance into a state, and tell of it."""
    instance._state.name, instance._state.code = state, CODES[state]
    where = whereabouts(instance)
    arn = f"arn:aws:ec2:{where['region']}:{where['account']}:instance/{instance.id}"
    scene.emit(
        "aws.event",
        account=where["account"],
        region=where["region"],
        source="aws.ec2",
        detail_type="EC2 Instance State-change Notification",
        resources=[arn],
        detail={"instance-id": instance.id, "state": state},
    )
    scene.emit(f"ec2.instance.{state.replace('-', '_')}", **where)


def whereabouts(instance: Any) -> dict[str, str]:
    """Return the facts by which an instance is told: account, Region, zone and id."""
    backend = instance.ec2_backend
    return {
        "account": backend.account_id,
        "region": backend.region_name,
        "zone": instance.placement.zone,
        "instance": instance.id,
    }


@follows("ec2", "RunInstances")
def launched(done: Done, scene: Scene) -> None:
    """Let new instances start; those of a service start as that service says."""
    if done.call.principal.kind != "service":
        for told in done.result["Instances"]:
            begin(scene, told["InstanceId"], pace=NEW)


@follows("ec2", "StartInstances")
def started(done: Done, scene: Scene) -> None:
    """Let stopped instances start again."""
    for told in done.result["StartingInstances"]:
        if told["PreviousState"]["Name"] == "stopped":
            begin(scene, told["InstanceId"], pace=AGAIN)


def begin(scene: Scene, instance_id: str, *, pace: str) -> float:
    """Start an instance: pending, then running; `pace` is NEW for what an applier waits for, else AGAIN.

    Returns the seconds until it runs.
    """
    instance = find_instance(instance_id)
    enter(scene, instance, "pending")
    seconds = scene.delay(f"ec2_instances.launch{pace}")
    if seconds:
        scene.after(seconds, "ec2.run", instance_id=instance_id, pace=pace)
    else:
        run(scene, instance_id=instance_id, pace=pace)
    return seconds


@happens("ec2.run")
def run(scene: Scene, *, instance_id: str, pace: str) -> None:
    """An instance runs; its system boots, then its status checks pass."""
    instance = find_instance(instance_id)
    if instance is None or instance.state != "pending":
        return
    checks = scene.delay(f"ec2_instances.checks{pace}")
    instance.checks = INITIALIZING if checks else OK
    if checks:
        scene.after(checks, "ec2.checked", instance_id=instance_id)
    enter(scene, instance, "running")
    boot(scene, instance, pace=pace)
    if not checks and dead(scene, instance):
        check(scene, instance_id=instance_id)


def boot(scene: Scene, instance: Any, *, pace: str) -> None:
    """Boot an instance's system, after which it answers."""
    instance.pace = pace
    seconds = scene.delay(f"ec2_instances.boot{pace}")
    instance.answers_from = scene.now() + timedelta(seconds=seconds)
    if seconds:
        scene.after(seconds, "ec2.booted", instance_id=instance.id)
    else:
        booted(scene, instance_id=instance.id)


@happens("ec2.booted")
def booted(scene: Scene, *, instance_id: str) -> None:
    """An instance answers, unless it was lost or stopped meanwhile, or boots anew."""
    instance = find_instance(instance_id)
    if instance is None or instance.state != "running" or dead(scene, instance):
        return
    if instance.answers_from <= scene.now():
        scene.emit("ec2.instance.answering", **whereabouts(instance))


@happens("ec2.checked")
def check(scene: Scene, *, instance_id: str) -> None:
    """The status checks have a verdict about an instance."""
    instance = find_instance(instance_id)
    if instance is None or instance.state != "running":
        return
    before = getattr(instance, "checks", OK)
    instance.checks = IMPAIRED if dead(scene, instance) else OK
    if instance.checks == IMPAIRED and before != IMPAIRED:
        instance.impaired_since = scene.now()
        scene.emit("ec2.instance.impaired", **whereabouts(instance))
    elif instance.checks == OK and before == IMPAIRED:
        scene.emit("ec2.instance.recovered", **whereabouts(instance))


@follows("ec2", "RebootInstances")
def rebooted(done: Done, scene: Scene) -> None:
    """A rebooted instance is silent until its system is up again."""
    for instance_id in done.parameters["InstanceIds"]:
        instance = find_instance(instance_id)
        scene.emit("ec2.instance.rebooting", **whereabouts(instance))
        boot(scene, instance, pace=AGAIN)


@follows("ec2", "StopInstances")
def stopping(done: Done, scene: Scene) -> None:
    """A stopped instance was running before, and takes its time."""
    for told in done.result["StoppingInstances"]:
        if told["PreviousState"]["Name"] in ("running", "pending"):
            _leave(scene, told["InstanceId"], "stopping", task="ec2.stop", key="stop")


@follows("ec2", "TerminateInstances")
def terminating(done: Done, scene: Scene) -> None:
    """A terminated instance shuts down first; it is told of for about an hour more."""
    for told in done.result["TerminatingInstances"]:
        if told["PreviousState"]["Name"] != "terminated":
            _leave(scene, told["InstanceId"], "shutting-down", task="ec2.terminate", key="terminate")


def _leave(scene: Scene, instance_id: str, state: str, *, task: str, key: str) -> None:
    enter(scene, find_instance(instance_id), state)
    seconds = scene.delay(f"ec2_instances.{key}")
    if seconds:
        scene.after(seconds, task, instance_id=instance_id)
    else:
        terminated(scene, instance_id=instance_id)


@happens("ec2.stop")
def stopped(scene: Scene, *, instance_id: str) -> None:
    """An instance has stopped."""
    instance = find_instance(instance_id)
    if instance is not None and instance.state == "stopping":
        enter(scene, instance, "stopped")


@happens("ec2.terminate")
def terminated(scene: Scene, *, instance_id: str) -> None:
    """An instance is terminated."""
    instance = find_instance(instance_id)
    if instance is not None:
        enter(scene, instance, "terminated")
        scene.after(scene.delay("ec2_instances.forgotten"), "ec2.forget", instance_id=instance_id)


@happens("ec2.forget")
def forgotten(scene: Scene, *, instance_id: str) -> None:
    """DescribeInstances no longer tells of a terminated instance."""
    instance = find_instance(instance_id)
    if instance is None:
        return
    reservations = instance.ec2_backend.reservations
    instance.ec2_backend.instances_by_id.pop(instance_id, None)
    for id_, reservation in list(reservations.items()):
        if instance in reservation.instances:
            reservation.instances.remove(instance)
            if not reservation.instances:
                del reservations[id_]

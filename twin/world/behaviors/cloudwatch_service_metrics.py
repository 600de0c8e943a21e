"""Metrics that services tell of themselves: hosts of target groups, instances' status checks, messages in queues.

Each is a level that stands until something changes it; a message that comes back into sight is looked at when it does.
"""

from datetime import UTC, datetime

from twin.world.aws_call import Done
from twin.world.behaviors import follows, happens, watches
from twin.world.behaviors.cloudwatch_metrics import Series, hold_metric
from twin.world.behaviors.route53_endpoints import target_alive
from twin.world.scene import Happening, Scene
from twin.world.stores.moto_store import backends

PROVIDES = {"service-metrics": "Load balancers, instances and queues tell their health and depth to CloudWatch."}
NAMESPACES = {"network": "AWS/NetworkELB", "gateway": "AWS/GatewayELB"}
SIGHT = "sqs.sight"
CHECKS = ("StatusCheckFailed", "StatusCheckFailed_Instance", "StatusCheckFailed_System")


@watches("elbv2.target.healthy", "elbv2.target.unhealthy")
def target_changed(scene: Scene, happening: Happening) -> None:
    """Count a target group's hosts."""
    told = happening.facts
    _count_hosts(scene, told["account"], told["region"], arn=told["target_group"])


@follows("elbv2", "RegisterTargets", "DeregisterTargets")
def targets_changed(done: Done, scene: Scene) -> None:
    """Count a target group's hosts."""
    _count_hosts(scene, done.call.account, done.call.region, arn=done.parameters["TargetGroupArn"])


def _count_hosts(scene: Scene, account: str, region: str, *, arn: str) -> None:
    backend = backends("elbv2")[account][region]
    group = backend.target_groups.get(arn)
    if group is None:
        return
    healthy = sum(target_alive(scene, backend, group, target=target) for target in group.targets)
    for balancer_arn in group.load_balancer_arns:
        balancer = backend.load_balancers.get(balancer_arn)
        if balancer is None:
            continue
        dimensions = (
            ("LoadBalancer", balancer_arn.partition(":loadbalancer/")[2]),
            ("TargetGroup", arn.rpartition(":")[2]),
        )
        namespace = NAMESPACES.get(balancer.type, "AWS/ApplicationELB")
        for metric, value in (("HealthyHostCount", healthy), ("UnHealthyHostCount", len(group.targets) - healthy)):
            series = Series(account, region, namespace, metric, dimensions)
            hold_metric(scene, series, float(value), unit="Count")


@watches(
    "ec2.instance.running", "ec2.instance.impaired", "ec2.instance.recovered", "ec2.instance.stopping",
    "ec2.instance.shutting_down", "ec2.instance.terminated",
)  # fmt: skip
def instance_changed(scene: Scene, happening: Happening) -> None:
    """Tell an instance's status checks while it runs."""
    told = happening.facts
    kind = happening.kind.rpartition(".")[2]
    value = {"running": 0.0, "recovered": 0.0, "impaired": 1.0}.get(kind)
    for metric in CHECKS:
        dimensions = (("InstanceId", told["instance"]),)
        # What the twin breaks is a host or a zone, not the system inside of the instance.
        level = 0.0 if value and metric.endswith("_Instance") else value
        series = Series(told["account"], told["region"], "AWS/EC2", metric, dimensions)
        hold_metric(scene, series, level, unit="Count")


@follows(
    "sqs", "SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "DeleteMessageBatch", "PurgeQueue",
    "ChangeMessageVisibility", "ChangeMessageVisibilityBatch",
)  # fmt: skip
def queue_used(done: Done, scene: Scene) -> None:
    """Count the messages of a queue, and of the one that takes its dead letters."""
    parts = done.parameters["QueueUrl"].rstrip("/").split("/")
    region, name = done.call.region, parts[-1]
    owner = parts[-2] if parts[-2].isdigit() else done.call.account
    queue = scene.state("sqs", owner, region).queues.get(name)
    for one in (queue, getattr(queue, "dead_letter_queue", None)):
        if one is not None:
            count_messages(scene, place=(owner, region, one.name))


@happens("sqs.sight")
def count_messages(scene: Scene, *, place: tuple[str, str, str]) -> None:
    """Tell how many messages of a queue are in sight, and look again when the next comes into it."""
    place = (place[0], place[1], place[2])
    planned = scene.memory.setdefault(SIGHT, {}).pop(place, None)
    if planned is not None:
        scene.agenda.cancel(planned)
    queue = scene.state("sqs", place[0], place[1]).queues.get(place[2])
    dimensions = (("QueueName", place[2]),)
    series = Series(place[0], place[1], "AWS/SQS", "ApproximateNumberOfMessagesVisible", dimensions)
    if queue is None:
        hold_metric(scene, series, None)
        return
    now = scene.now().timestamp() * 1000
    times = [max(message.visible_at, message.delayed_until) for message in queue._messages]
    hold_metric(scene, series, float(sum(time < now or time == 0 for time in times)), unit="Count")
    later = [time for time in times if time >= now and time]
    if later:
        time = datetime.fromtimestamp((min(later) + 1) / 1000, UTC)
        scene.memory[SIGHT][place] = scene.agenda.at(time, "sqs.sight", place=place)

"""Route 53's health checks observe: endpoints of the twin, other checks, alarms.

Nobody polls. When something changes that checkers would find, the moment is worked out at which so many of them have
seen it often enough that no more than 18 % (or more again) report the endpoint healthy, and put on the agenda.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import math
from datetime import datetime, timedelta
from typing import Any

from twin.world.aws_call import Asked, Done
from twin.world.aws_errors import AwsError
from twin.world.behaviors import answers, follows, happens, watches
from twin.world.behaviors.cloudwatch_metrics import Series, hold_metric
from twin.world.behaviors.cloudwatch_states import Name, find_alarm
from twin.world.behaviors.route53_endpoints import Finding, examine
from twin.world.scene import Happening, Scene
from twin.world.stores.moto_store import backends

PROVIDES = {"health-checks": "Route 53's health checks observe endpoints, other checks and alarms."}
HEALTH = "route53.health"
SHARE = 0.18
# https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html (Regions); two checkers in each
# are assumed.
CHECKERS = (
    "us-east-1", "us-west-1", "us-west-2", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
    "sa-east-1",
)  # fmt: skip
PER_REGION = 2
METRIC_REGION = "us-east-1"
KEPT = ("AlarmIdentifier", "InsufficientDataHealthStatus", "RoutingControlArn")
UNPLAYED = ("RECOVERY_CONTROL",)
CHANGES = (
    ("elbv2", ("RegisterTargets", "DeregisterTargets", "CreateLoadBalancer", "DeleteLoadBalancer", "CreateListener",
               "DeleteListener", "ModifyListener")),
    ("ec2", ("RunInstances", "StartInstances", "StopInstances", "TerminateInstances", "AssociateAddress",
             "DisassociateAddress")),
    ("route53", ("ChangeResourceRecordSets",)),
)  # fmt: skip


@answers("route53", "CreateHealthCheck")
def refuse_check(asked: Asked, scene: Scene) -> None:
    """Refuse a check that follows nothing, and by name the kind that the twin does not play."""
    told = asked.parameters["HealthCheckConfig"]
    if told["Type"] in UNPLAYED:
        raise AwsError("TwinUnsupportedOperation", f"The twin has no health checks of type {told['Type']}.")
    if told["Type"] == "CLOUDWATCH_METRIC" and not told.get("AlarmIdentifier"):
        raise AwsError("InvalidInput", "Invalid parameter : AlarmIdentifier must be specified.")
    if told["Type"] == "CALCULATED" and told.get("HealthThreshold") is None:
        raise AwsError("InvalidInput", "Invalid parameter : HealthThreshold must be specified.")


@follows("route53", "CreateHealthCheck")
def created(done: Done, scene: Scene) -> dict[str, Any]:
    """Begin to check; until there is a result the endpoint counts as healthy."""
    check_id = done.result["HealthCheck"]["Id"]
    told = done.parameters["HealthCheckConfig"]
    check = done.state().health_checks[check_id]
    check.twin_config = {name: told[name] for name in KEPT if told.get(name)}
    scene.memory.setdefault(HEALTH, {})[check_id] = {
        "account": done.call.account,
        "healthy": True,
        "toward": None,
        "since": scene.now(),
        "alive": True,
        "before": None,
        "said": "",
        "phases": _phases(scene, check),
    }
    _tell(scene, check)
    review(scene, check)
    return {"HealthCheck": done.result["HealthCheck"] | {"HealthCheckConfig": _shown(check)}, "Location": _place(check)}


def _shown(check: Any) -> dict[str, Any]:
    return {name: value for name, value in check.health_check_config.items() if value is not None}


def _place(check: Any) -> str:
    return f"https://route53.amazonaws.com/2013-04-01/healthcheck/{check.id}"


@follows("route53", "UpdateHealthCheck")
def updated(done: Done, scene: Scene) -> None:
    """Check anew, as the check is now."""
    told = done.parameters
    check = done.state().health_checks[told["HealthCheckId"]]
    check.twin_config = getattr(check, "twin_config", {}) | {name: told[name] for name in KEPT if told.get(name)}
    review(scene, check)


@follows("route53", "DeleteHealthCheck")
def deleted(done: Done, scene: Scene) -> None:
    """Forget a check; its metric ends."""
    kept = scene.memory.get(HEALTH, {}).pop(done.parameters["HealthCheckId"], None)
    if kept is not None:
        if kept["toward"] is not None:
            scene.agenda.cancel(kept["task"])
        hold_metric(scene, _series(kept["account"], done.parameters["HealthCheckId"]), None)


def _phases(scene: Scene, check: Any) -> list[tuple[str, float]]:
    """Return each checker's Region and the seconds by which it is behind the first."""
    chance = scene.chance("route53_health")
    regions = check.regions or CHECKERS
    interval = float(check.request_interval)
    return [(region, round(chance.uniform(0, interval), 3)) for region in regions for _ in range(PER_REGION)]


@watches(
    "zone.lost", "zone.restored", "region.lost", "region.restored", "host.lost", "host.restored",
    "elbv2.target.healthy", "elbv2.target.unhealthy", "ec2.instance.answering", "ec2.instance.stopped",
    "ec2.instance.stopping", "ec2.instance.running", "ec2.instance.terminated", "ec2.instance.impaired",
    "ec2.instance.recovered", "route53.endpoint.changed", "health.flapped",
)  # fmt: skip
def endpoints_changed(scene: Scene, happening: Happening) -> None:
    """Look at every endpoint again."""
    review_all(scene)


@watches("cloudwatch.alarm.changed")
def alarm_changed(scene: Scene, happening: Happening) -> None:
    """Look at the checks that follow an alarm."""
    for check_id, kept in list(scene.memory.get(HEALTH, {}).items()):
        check = _find(check_id, kept)
        if check is not None and check.type_ == "CLOUDWATCH_METRIC":
            review(scene, check)


def _resources_changed(done: Done, scene: Scene) -> None:
    review_all(scene)


for _service, _operations in CHANGES:
    follows(_service, *_operations)(_resources_changed)


def review_all(scene: Scene) -> None:
    """Look at every endpoint that is checked."""
    for check_id, kept in list(scene.memory.get(HEALTH, {}).items()):
        check = _find(check_id, kept)
        if check is not None and check.type_ not in ("CALCULATED", "CLOUDWATCH_METRIC"):
            review(scene, check)


def _find(check_id: str, kept: dict[str, Any]) -> Any:
    return backends("route53")[kept["account"]]["aws"].health_checks.get(check_id)


def review(scene: Scene, check: Any) -> None:
    """Look at what a check watches, and have its status follow."""
    kept = scene.memory[HEALTH][check.id]
    if check.type_ == "CALCULATED":
        children = [is_healthy(scene, child) for child in check.children or ()]
        _become(scene, check, sum(children) >= int(check.health_threshold or 0))
    elif check.type_ == "CLOUDWATCH_METRIC":
        _become(scene, check, _by_alarm(scene, check, kept))
    else:
        _aim(scene, check, examine(scene, check))


def _by_alarm(scene: Scene, check: Any, kept: dict[str, Any]) -> bool:
    told = check.twin_config["AlarmIdentifier"]
    alarm = find_alarm(scene, Name(kept["account"], told["Region"], told["Name"]))
    state = alarm.state_value if alarm is not None else "INSUFFICIENT_DATA"
    if state == "INSUFFICIENT_DATA":
        wanted = check.twin_config.get("InsufficientDataHealthStatus") or "LastKnownStatus"
        return bool(kept["healthy"]) if wanted == "LastKnownStatus" else wanted == "Healthy"
    return bool(state == "OK")


def _aim(scene: Scene, check: Any, found: Finding) -> None:
    """Have the status become what enough checkers will find, unless it is or is about to."""
    kept = scene.memory[HEALTH][check.id]
    if found.alive != kept["alive"]:
        kept |= {"before": kept["alive"], "alive": found.alive, "since": scene.now()}
    kept["said"] = found.said
    if kept["toward"] == found.alive:
        return
    if kept["toward"] is not None:
        scene.agenda.cancel(kept["task"])
        kept["toward"] = None
    if kept["healthy"] != found.alive:
        kept["toward"] = found.alive
        kept["task"] = scene.after(_seconds(scene, check, found.alive), "route53.checked", check=check.id)


def _seconds(scene: Scene, check: Any, alive: bool) -> float:
    """Return how long it takes until the checkers' reports turn the status."""
    phases: list[float] = sorted(phase for _, phase in scene.memory[HEALTH][check.id]["phases"])
    # Healthy again when more than 18 % say so; unhealthy when so many do not that 18 % or fewer are left.
    most = math.floor(len(phases) * SHARE)
    last = phases[most] if alive else phases[len(phases) - most - 1]
    repeated = (int(check.failure_threshold) - 1) * float(check.request_interval)
    timeout = "tcp_timeout" if check.type_ == "TCP" else "http_timeout"
    return last + repeated + (0.0 if alive else scene.delay(f"route53_health.{timeout}"))


@happens("route53.checked")
def settle(scene: Scene, *, check: str) -> None:
    """Enough checkers report the same."""
    kept = scene.memory.get(HEALTH, {}).get(check)
    found = _find(check, kept) if kept is not None else None
    if kept is None or found is None:
        return
    toward, kept["toward"] = kept["toward"], None
    _become(scene, found, toward)


def _become(scene: Scene, check: Any, healthy: bool) -> None:
    kept = scene.memory[HEALTH][check.id]
    before = kept.get("told")
    kept["healthy"] = healthy
    now = is_healthy(scene, check.id)
    if now == before:
        return
    _tell(scene, check)
    where = {"account": kept["account"], "region": METRIC_REGION}
    scene.emit("route53.health_check.changed", **where, health_check=check.id, healthy=now)
    for other_id, other in list(scene.memory[HEALTH].items()):
        parent = _find(other_id, other)
        if parent is not None and parent.type_ == "CALCULATED" and check.id in (parent.children or ()):
            review(scene, parent)


def _tell(scene: Scene, check: Any) -> None:
    kept = scene.memory[HEALTH][check.id]
    kept["told"] = is_healthy(scene, check.id)
    hold_metric(scene, _series(kept["account"], check.id), float(kept["told"]), unit="None")


def _series(account: str, check_id: str) -> Series:
    dimensions = (("HealthCheckId", check_id),)
    return Series(account, METRIC_REGION, "AWS/Route53", "HealthCheckStatus", dimensions)


def is_healthy(scene: Scene, check_id: str) -> bool:
    """Tell whether a check counts as healthy: a disabled one does, an inverted one says the opposite."""
    kept = scene.memory.get(HEALTH, {}).get(check_id)
    check = _find(check_id, kept) if kept is not None else None
    if kept is None or check is None:
        return True
    healthy = True if check.disabled else bool(kept["healthy"])
    return healthy != bool(check.inverted)


@answers("route53", "GetHealthCheckStatus")
def status(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell what each checker found last."""
    return {"HealthCheckObservations": _observations(asked, scene)}


@answers("route53", "GetHealthCheckLastFailureReason")
def last_failure(asked: Asked, scene: Scene) -> dict[str, Any]:
    """Tell the checkers' last failures."""
    found = [one for one in _observations(asked, scene) if one["StatusReport"]["Status"].startswith("Failure")]
    return {"HealthCheckObservations": found}


def _observations(asked: Asked, scene: Scene) -> list[dict[str, Any]]:
    check_id = asked.parameters["HealthCheckId"]
    check = asked.state().health_checks.get(check_id)
    if check is None:
        raise AwsError("NoSuchHealthCheck", f"A health check with id {check_id} does not exist.", 404)
    if check.type_ in ("CALCULATED", "CLOUDWATCH_METRIC"):
        raise AwsError("InvalidInput", f"GetHealthCheckStatus does not apply to health checks of type {check.type_}.")
    kept = scene.memory[HEALTH][check_id]
    interval, now = timedelta(seconds=float(check.request_interval)), scene.now()
    observations = []
    for number, (region, phase) in enumerate(kept["phases"]):
        first: datetime = kept["since"] + timedelta(seconds=phase)
        told = kept["alive"] if now >= first else kept["before"]
        if told is None:
            continue
        checked = first + interval * ((now - first) // interval)
        said = kept["said"] if told == kept["alive"] else _other(kept["alive"], check)
        report = {"Status": said, "CheckedTime": checked}
        # Checkers' addresses: a range that is kept for documentation.
        observations.append({"Region": region, "IPAddress": f"198.51.100.{number + 1}", "StatusReport": report})
    return observations


def _other(alive: bool, check: Any) -> str:
    if alive:
        return "Failure: The health checker could not establish a connection within the timeout limit."
    return "Success: TCP connection succeeded" if check.type_ == "TCP" else "Success: HTTP Status Code 200, OK"

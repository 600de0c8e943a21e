"""A health check fails and passes in turn though all is well: of a load balancer's target, or one of Route 53.

Health follows the checks by their interval and thresholds, so turns that are faster change nothing.
"""

from typing import ClassVar

from pydantic import Field, model_validator

from twin.errors import NothingToBreak
from twin.world.behaviors import happens
from twin.world.census import accounts
from twin.world.fault import Fault, FaultOptions, Victim
from twin.world.health import force, forced, release, target_subject
from twin.world.scene import Scene

KIND = "health-check-flapping"


class Options(FaultOptions):
    """Whose health, and how often it turns."""

    target_group: str | None = None
    """The ARN of a target group of a load balancer."""
    target: str | None = None
    """The id of a target in it."""
    health_check: str | None = None
    """The id of a Route 53 health check."""
    every: float = Field(default=300, gt=0)
    """Seconds between two turns; the first is to unhealthy, at once."""

    @model_validator(mode="after")
    def one_subject(self) -> "Options":
        """Either a target in its group, or a health check."""
        target = self.target_group is not None and self.target is not None
        lone = (self.target_group is None) != (self.target is None)
        if lone or target == (self.health_check is not None):
            raise ValueError("name either `target_group` and `target`, or `health_check`")
        return self


class HealthCheckFlapping(Fault):
    """A health that is turned to unhealthy and let go again; `twin.world.health` tells those who decide by it."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def __init__(self, id_: str, options: Options) -> None:
        super().__init__(id_, options)
        self.down = False

    def begin(self, scene: Scene) -> None:
        """Turn it for the first time."""
        self.victims = [self._victim(scene)]
        self.turn(scene)

    def end(self, scene: Scene) -> None:
        """Let it go."""
        if self.down:
            self._set(scene, down=False)

    def turn(self, scene: Scene) -> None:
        """Turn the health, and again after a while."""
        self._set(scene, down=not self.down)
        scene.after(self.options.every, "fault.flap", id=self.id)

    def _set(self, scene: Scene, *, down: bool) -> None:
        self.down = down
        (force if down else release)(scene, self.subject, self.id)
        where = self.victims[0]
        healthy = forced(scene, self.subject) is None
        scene.emit("health.flapped", subject=self.subject, healthy=healthy, account=where.account, region=where.region)

    @property
    def subject(self) -> str:
        """The name under which the health is turned."""
        options = self.options
        if options.health_check is not None:
            return options.health_check
        return target_subject(str(options.target_group), str(options.target))

    def _victim(self, scene: Scene) -> Victim:
        options = self.options
        if options.health_check is not None:
            return _health_check(scene, options.health_check)
        return _target(scene, str(options.target_group), str(options.target))


def _health_check(scene: Scene, id_: str) -> Victim:
    for account in accounts(scene):
        if id_ in scene.state("route53", account, "us-east-1").health_checks:
            return Victim(account, "us-east-1", id_)
    raise NothingToBreak(f"there is no health check {id_}")


def _target(scene: Scene, arn: str, target: str) -> Victim:
    parts = arn.split(":")
    group = None
    if len(parts) > 5 and parts[3] and parts[4] in accounts(scene):
        group = scene.state("elbv2", parts[4], parts[3]).target_groups.get(arn)
    if group is None:
        raise NothingToBreak(f"there is no target group {arn}")
    if target not in {key.partition(":")[0] for key in map(str, group.targets)} | set(group.targets):
        raise NothingToBreak(f"{target} is no target of {arn}")
    return Victim(parts[4], parts[3], target)


@happens("fault.flap")
def flap(scene: Scene, id: str) -> None:
    """Turn again what still flaps."""
    for fault in scene.faults.of_kind(KIND):
        if fault.id == id and isinstance(fault, HealthCheckFlapping):
            fault.turn(scene)


FAULT = HealthCheckFlapping

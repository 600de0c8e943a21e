"""The statuses that a DB instance goes through, one after the other, each for its time."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from twin.world.behaviors import TASKS, happens
from twin.world.behaviors.rds_events import tell
from twin.world.scene import Scene
from twin.world.stores.rds_instances import find_instance, where_is


class Step(TypedDict, total=False):
    """A status, the delay for which it lasts (`rds.reboot`), the events that begin it, and a task that it brings."""

    status: str
    lasts: str
    events: list[str]
    values: dict[str, str]
    task: str


def notes(scene: Scene, arn: str) -> dict[str, Any]:
    """Return what the behaviors remember of a DB instance; plain data."""
    held: dict[str, Any] = scene.memory.setdefault("rds", {}).setdefault(arn, {})
    return held


def made_of(scene: Scene, database: Any, *, origin: str, until: datetime, lag: float = 0.0) -> None:
    """Remember that a DB instance began with what another had at a time, less what replication lagged behind."""
    notes(scene, str(database.arn))["content"] = {"of": origin, "until": until, "lag": lag}


def forget(scene: Scene, arn: str) -> None:
    """Drop what was remembered of a DB instance that is no more."""
    scene.memory.get("rds", {}).pop(arn, None)


def start(scene: Scene, database: Any, steps: Iterable[Step]) -> None:
    """Set a DB instance on a course; what was left of an earlier one is given up."""
    number = scene.memory["rds.courses"] = scene.memory.get("rds.courses", 0) + 1
    arn = str(database.arn)
    notes(scene, arn)["course"] = number
    _walk(scene, arn, number, list(steps))


def happened(scene: Scene, database: Any, kind: str, **facts: Any) -> None:
    """Emit what happened to a DB instance, with where and which it is."""
    where, arn = where_is(database), str(database.arn)
    scene.emit(kind, account=where.account, region=where.region, id=database.resource_id, arn=arn, **facts)


@happens("rds.step")
def step(scene: Scene, *, arn: str, course: int, steps: list[Step]) -> None:
    """Take the next steps of a course."""
    _walk(scene, arn, course, steps)


def _walk(scene: Scene, arn: str, course: int, steps: list[Step]) -> None:
    while steps:
        database = find_instance(arn)
        if database is None or notes(scene, arn).get("course") != course:
            return
        first, *steps = steps
        database.status = first.get("status", database.status)
        for event in first.get("events", ()):
            tell(scene, database, event, **first.get("values", {}))
        if "task" in first:
            TASKS[first["task"]](scene, arn=arn)
        seconds = scene.delay(first["lasts"]) if "lasts" in first else 0.0
        if seconds:
            scene.after(seconds, "rds.step", arn=arn, course=course, steps=steps)
            return

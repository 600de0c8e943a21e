"""Something that runs on a cluster: its pods are declared at the beginning, and the cluster keeps as many as it can."""

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.document import Seconds
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.world.behaviors.eks_pods import TOLERATION, declare_workload, pods
from twin.world.scene import Happening


class Options(BaseModel):
    """What is declared; the workload's name is the actor's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cluster: str = Field(description="The cluster's name")
    replicas: int = Field(2, ge=0)
    spread: Literal["none", "prefer", "require"] = "prefer"
    cpu: float = Field(100, gt=0, description="Millicores of each pod")
    memory: float = Field(128, gt=0, description="MiB of each pod")
    toleration: Seconds = Field(TOLERATION, description="How long pods stay on a node that is lost")


class Workload:
    """Declared pods; customers go to them by `workload:CLUSTER/NAME`."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.evicted = self.scheduled = 0
        world = stage.world
        self.where = {"account": world.accounts[0], "region": world.region, "cluster": self.options.cluster}

    def processes(self) -> Iterator[Process]:
        """Declare the workload; the cluster does the rest."""
        told = self.options.model_dump(exclude={"cluster"})
        declare_workload(self.stage.world.scene, self.where, self.name, **told)
        self.stage.world.scene.listeners.append(self._told)
        return iter(())

    def _told(self, happening: Happening) -> None:
        if happening.facts.get("workload") == self.name:
            self.evicted += happening.kind in ("eks.pod.evicted", "eks.pod.lost")
            self.scheduled += happening.kind == "eks.pod.scheduled"

    def figures(self) -> Mapping[str, Any]:
        """Count pods: those that serve now, those that had to leave a node, and those that were placed anew."""
        mine = [pod for pod in pods(self.stage.world.scene, **self.where) if pod.workload == self.name]
        serving = sum(pod.serving and pod.answers for pod in mine)
        return {"pods": len(mine), "serving": serving, "evicted": self.evicted, "placed_anew": self.scheduled}


ACTOR = Workload

"""A node of an EKS cluster dies: its instance's host does."""

from typing import ClassVar

from twin.errors import NothingToBreak
from twin.world.behaviors.eks_pods import pods
from twin.world.census import nodes
from twin.world.fault import Fault, FaultOptions, Victim
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which node."""

    cluster: str
    """The cluster's name."""
    node: str | None = None
    """The node's instance id; without it the seed chooses one."""
    running: str | None = None
    """A declared workload: only nodes on which a pod of it answers are chosen from."""


class NodeLoss(Fault):
    """A dead node."""

    OPTIONS: ClassVar[type[FaultOptions]] = Options
    options: Options

    def begin(self, scene: Scene) -> None:
        """Break the host of the node."""
        cluster, wanted = self.options.cluster, self.options.node
        found = nodes(scene, cluster)
        if wanted is not None:
            found = [node for node in found if node.name == wanted]
            if not found:
                raise NothingToBreak(f"the cluster {cluster} has no running node {wanted}")
        if self.options.running is not None:
            found = [node for node in found if node.name in self._hosts(scene, found[0])]
            if not found:
                raise NothingToBreak(f"no pod of {self.options.running} answers on the cluster {cluster}")
        self.victims = [scene.chance(f"fault:{self.id}").choice(found)]
        scene.break_("host", self.victims[0].name)

    def _hosts(self, scene: Scene, where: Victim) -> set[str]:
        told = pods(scene, account=where.account, region=where.region, cluster=self.options.cluster)
        return {pod.node for pod in told if pod.workload == self.options.running and pod.answers}

    def end(self, scene: Scene) -> None:
        """Mend the host."""
        scene.mend("host", self.victims[0].name)


FAULT = NodeLoss

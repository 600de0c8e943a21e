"""A node of an EKS cluster dies: its instance's host does."""

from typing import ClassVar

from twin.errors import FaultError
from twin.world.census import nodes
from twin.world.fault import Fault, FaultOptions
from twin.world.scene import Scene


class Options(FaultOptions):
    """Which node."""

    cluster: str
    """The cluster's name."""
    node: str | None = None
    """The node's instance id; without it the seed chooses one."""


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
                raise FaultError(f"the cluster {cluster} has no running node {wanted}")
        self.victims = [scene.chance(f"fault:{self.id}").choice(found)]
        scene.break_("host", self.victims[0].name)

    def end(self, scene: Scene) -> None:
        """Mend the host."""
        scene.mend("host", self.victims[0].name)


FAULT = NodeLoss

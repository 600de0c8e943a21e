"""DatabaseConnections of DB instances and Aurora clusters, of those whose clients say how many they hold.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html and
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html. Assumed: while its
engine does not serve, nothing is told. There is no model of processors, memory or disks: those metrics are absent.
"""

from twin.world.behaviors import watches
from twin.world.behaviors.cloudwatch_metrics import Series, hold_metric
from twin.world.behaviors.rds_reachability import reachable
from twin.world.scene import Happening, Scene

HELD = "rds.connections.held"
DIMENSIONS = {"db": "DBInstanceIdentifier", "cluster": "DBClusterIdentifier"}


def hold_connections(scene: Scene, arn: str, holder: str, count: int) -> None:
    """Hold so many connections to a DB instance or a cluster from now on, in the name of a holder."""
    scene.memory.setdefault(HELD, {}).setdefault(arn, {})[holder] = count
    _tell(scene, arn)


@watches("rds.connections.dropped")
def dropped(scene: Scene, happening: Happening) -> None:
    """Forget the connections that were dropped."""
    arn = happening.facts["arn"]
    held = scene.memory.get(HELD, {}).get(arn)
    if held:
        scene.memory[HELD][arn] = dict.fromkeys(held, 0)
        _tell(scene, arn)


def _tell(scene: Scene, arn: str) -> None:
    account, kind, name = arn.split(":")[4:7]
    series = Series(account, arn.split(":")[3], "AWS/RDS", "DatabaseConnections", ((DIMENSIONS[kind], name),))
    serves, _ = reachable(scene, arn)
    hold_metric(scene, series, float(sum(scene.memory[HELD][arn].values())) if serves else None, unit="Count")

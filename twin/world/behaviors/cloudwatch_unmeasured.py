"""Alarms on what nothing has ever told: a metric of another name, of another thing, or one that the twin lacks."""

from twin.world.behaviors.cloudwatch_alarms import watched
from twin.world.behaviors.cloudwatch_metrics import Series, samples
from twin.world.behaviors.cloudwatch_states import Name
from twin.world.behaviors.load_balancer_metrics import counts_there
from twin.world.scene import Scene


def unmeasured(scene: Scene, account: str, region: str) -> dict[str, str]:
    """Return the metric of each alarm that has never had data, by the alarm's name.

    Where requests were counted and none of this kind, that is said too: there the alarm looks at the right thing.
    """
    end, found = scene.now().timestamp() + 1, {}
    for name, alarm in sorted(scene.state("cloudwatch", account, region).alarms.items()):
        if not alarm.metric_name and not alarm.metric_data_queries:
            continue
        looks = watched(alarm, Name(account, region, name)).every
        if not any(samples(scene, one.series, 0.0, end=end) for one in looks):
            found[name] = ", ".join(_told(scene, one.series) for one in looks)
    return found


def _told(scene: Scene, series: Series) -> str:
    none = ": there was none" if counts_there(scene, series) else ""
    return f"{series.namespace} {series.metric}{none}"

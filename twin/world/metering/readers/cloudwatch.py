"""Alarms: of metrics, of high resolution, composite."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads, tag_pairs
from twin.world.scene import Scene
from twin.world.stores.moto_store import backends

MINUTE = 60


@reads("cloudwatch")
def held_by_cloudwatch(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the alarms of a Region."""
    backend = backends("cloudwatch")[place.account][place.region]
    for alarm in backend.alarms.values():
        if alarm.rule is not None:
            usage = "CW:CompositeAlarmMonitorUsage"
        elif alarm.period and int(alarm.period) < MINUTE:
            usage = "CW:HighResAlarmMonitorUsage"
        else:
            usage = "CW:AlarmMonitorUsage"
        tags = tag_pairs(backend.tagger.get_tag_dict_for_resource(alarm.alarm_arn))
        yield Held(alarm.alarm_arn, "cloudwatch", usage, 1, tags)

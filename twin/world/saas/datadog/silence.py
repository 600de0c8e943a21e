"""Whether a monitor's group may speak: mutes of the monitor, and downtimes that cover it."""

from twin.semantics.oncall.silence import covers
from twin.world.saas.datadog.state import Organization, Record


def silenced(org: Organization, monitor: Record, group: str) -> bool:
    """Tell whether a group of a monitor is muted now."""
    for scope, until in (monitor["options"].get("silenced") or {}).items():
        if (until is None or until > org.now()) and scope in ("*", group):
            return True
    return any(_matches(org, one, monitor, group) for one in org.downtimes.values())


def _matches(org: Organization, downtime: Record, monitor: Record, group: str) -> bool:
    end = downtime["end"]
    if downtime["disabled"] or org.now() < downtime["start"] or (end is not None and org.now() >= end):
        return False
    if downtime["monitor_id"] is not None and downtime["monitor_id"] != monitor["id"]:
        return False
    return covers(downtime["scope"], downtime["monitor_tags"], tags=monitor["tags"], group=group)

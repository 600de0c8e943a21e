"""What a monitor is told beside its query: held to what Datadog takes, refused by name where nothing acts on it.

https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor
"""

from typing import Any

from twin.world.saas.datadog.errors import invalid
from twin.world.saas.datadog.state import Record

# What changes when or whom a monitor tells, and what of it says that nothing is changed.
UNSERVED: dict[str, tuple[Any, ...]] = {
    "escalation_message": ("",), "group_retention_duration": (), "min_failure_duration": (0,), "notify_by": ([],),
    "notification_preset_name": ("show_all",), "on_missing_data": ("default",), "renotify_interval": (0,),
    "renotify_occurrences": (0,), "renotify_statuses": ([],), "scheduling_options": ({},), "timeout_h": (0,),
    "variables": ([],),
}  # fmt: skip
FIGURES = (
    "evaluation_delay", "new_group_delay", "new_host_delay", "no_data_timeframe", "renotify_interval",
    "renotify_occurrences", "timeout_h",
)  # fmt: skip


def check_options(options: Record) -> None:
    """Refuse figures below nothing, and whatever would have the monitor behave as none here does."""
    for name in FIGURES:
        value = options.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
            raise invalid(f"The value provided for parameter '{name}' is invalid")
    for name, nothing in UNSERVED.items():
        if options.get(name) is not None and options[name] not in nothing:
            raise invalid(f"The monitor option {name} is not simulated here")
    if (options.get("thresholds") or {}).get("warning_recovery") is not None:
        raise invalid("The threshold warning_recovery is not simulated here")


def check_monitor(body: Record) -> None:
    """Refuse a blank name, and who may not change a monitor: nobody here is anybody."""
    if "name" in body and not str(body["name"] or "").strip():
        raise invalid("The value provided for parameter 'name' is invalid")
    if body.get("restricted_roles") or body.get("restriction_query"):
        raise invalid("Restrictions of who may change a monitor are not simulated here")
    if body.get("draft_status") not in (None, "published"):
        raise invalid("Drafts of monitors are not simulated here")

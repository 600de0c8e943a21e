"""Whether a downtime of Datadog silences a monitor's group.

https://docs.datadoghq.com/monitors/downtimes/: a downtime matches by monitor or by the monitor's tags, and by the
scope of the group; what is muted still changes its state and tells nobody.
"""

from collections.abc import Iterable

EVERY = "*"
"""The scope of everything, and the group of a monitor that has no groups."""


def scope_tags(text: str) -> list[str] | None:
    """Return the tags of a scope that names tags only, as in `env:prod AND team:shop`; None for one that says more."""
    tags = [one.strip() for one in text.replace(" AND ", ",").split(",")]
    if any(" " in one or one.startswith(("-", "!")) or "(" in one or (("*" in one) and one != EVERY) for one in tags):
        return None
    return tags


def covers(scope: Iterable[str], monitor_tags: Iterable[str], *, tags: Iterable[str], group: str = EVERY) -> bool:
    """Tell whether a downtime of a scope and of monitors' tags is on a group of a monitor with `tags`."""
    held = set(tags)
    return set(monitor_tags) - {EVERY} <= held and set(scope) - {EVERY} <= {*group.split(","), *held}

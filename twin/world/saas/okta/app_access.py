"""Who may use which app: by an assignment of their own or through a group; each change is an event."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from twin.world.saas.okta.log_events import app_user, target
from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.state import Org, Record


def uses(org: Org, app_id: str, user: Record) -> bool:
    """Tell whether an app is assigned to a user."""
    if user["status"] == "DEPROVISIONED" or app_id not in org.apps:
        return False
    if user["id"] in org.app_users[app_id]:
        return True
    return any(user["id"] in org.members.get(group_id, {}) for group_id in org.app_groups[app_id])


def apps_of_group(org: Org, group_id: str) -> list[Record]:
    """Return the apps that are assigned to a group."""
    return [org.apps[app_id] for app_id, groups in org.app_groups.items() if group_id in groups]


@contextmanager
def watched(org: Org, apps: Iterable[Record], users: Iterable[Record], *, rule: str = "") -> Iterator[None]:
    """Log every user who gains or loses one of the apps inside the block; `rule` is the group rule that acts."""
    found = list(users)
    before = [(app, user, uses(org, app["id"], user)) for app in apps for user in found]
    yield
    for app, user, had in before:
        if uses(org, app["id"], user) == had:
            continue
        event = f"application.user_membership.{'remove' if had else 'add'}"
        log(org, event, app_user(app, user), target("AppInstance", app), target("User", user), rule=rule)

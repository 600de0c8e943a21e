"""What changed in a user's profile, as the System Log tells it."""

from twin.world.saas.okta.log_events import record as log
from twin.world.saas.okta.log_events import target
from twin.world.saas.okta.state import Org, Record


def log_profile(org: Org, user: Record, before: Record) -> None:
    """Log which attributes of a user differ from what they were; nothing when none does."""
    profile = user["profile"]
    changed = [name for name in {**before, **profile} if before.get(name) != profile.get(name)]
    if changed:
        debug = {"changedAttributes": ",".join(changed)}
        log(org, "user.account.update_profile", target("User", user), debug=debug)
    for name, event in (("email", "update_primary_email"), ("secondEmail", "update_secondary_email")):
        if name in changed:
            log(org, f"user.account.{event}", target("User", user))

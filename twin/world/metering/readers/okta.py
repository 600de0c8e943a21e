"""Okta: users who are not deactivated."""

from collections.abc import Iterator

from twin.world.metering.held import Held, Place, reads
from twin.world.scene import Scene

UNBILLED = ("DEPROVISIONED", "STAGED")


@reads("okta")
def held_by_okta(scene: Scene, place: Place) -> Iterator[Held]:
    """Read the users of the org."""
    from twin.world.saas.okta.server import Okta

    made = scene.vendors.made("okta")
    if isinstance(made, Okta):
        for user in made.org.users.values():
            if user["status"] not in UNBILLED:
                yield Held(user["profile"]["login"], "okta", "WorkforceUser", 1, (), "global")

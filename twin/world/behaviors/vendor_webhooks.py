"""Vendors call out by themselves: event hooks of Okta, webhooks of PagerDuty and GitHub, each when it is due.

Only what is mounted in the process, a vendor of the world, or, once it is served, an address of this machine is called.
What is meant for anybody else is told as `webhook.undeliverable` and counts for nothing at the vendor.
"""

from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from twin.semantics.oncall.addresses import without_key
from twin.world.behaviors import happens
from twin.world.outbox import Answer
from twin.world.saas.accounts import Vendor
from twin.world.saas.webhooks import CALLERS, SEND, Delivery, schedule
from twin.world.scene import Scene


@happens(SEND)
def send(scene: Scene, *, vendor: Vendor, delivery: str, attempt: int) -> None:
    """Make a delivery, and do afterwards what its vendor does."""
    found = CALLERS[vendor].due(_state(scene, vendor), delivery)
    if found is None:
        return
    if why := scene.reach.closed(found.post.url):
        _told(scene, "undeliverable", vendor, found, attempt=attempt, reason=why)
        CALLERS[vendor].again(_state(scene, vendor), delivery, attempt, Answer(0, reason=why))
        return
    scene.reach.send(
        found.post, partial(_answered, scene, vendor=vendor, delivery=delivery, attempt=attempt, found=found)
    )


def _answered(scene: Scene, answer: Answer, *, vendor: Vendor, delivery: str, attempt: int, found: Delivery) -> None:
    seconds = CALLERS[vendor].again(_state(scene, vendor), delivery, attempt, answer)
    if answer.good:
        _told(scene, "delivered", vendor, found, attempt=attempt, status=answer.status)
        return
    _told(scene, "failed", vendor, found, attempt=attempt, status=answer.status, final=seconds is None)
    if seconds is not None:
        schedule(scene.agenda, vendor, delivery, seconds, attempt=attempt + 1)


def _state(scene: Scene, vendor: Vendor) -> Any:
    states = {"okta": scene.vendors.okta, "pagerduty": scene.vendors.pagerduty, "github": scene.vendors.github}
    return states[vendor]()


def _told(scene: Scene, what: str, vendor: Vendor, found: Delivery, **more: Any) -> None:
    """Tell what came of a delivery: of the address no more than its host, of what was sent a digest."""
    parts = urlsplit(without_key(found.post.url))
    scene.emit(
        f"webhook.{what}",
        vendor=vendor,
        hook=found.hook,
        event=found.event,
        host=parts.netloc.rpartition("@")[2],
        digest=sha256(found.post.body).hexdigest(),
        **more,
    )

"""A kept world keeps its pages: an incident goes on escalating after the world was put away and brought back."""

from pagerduty_client import PagerDutyClient, Shop

from twin.clock import VirtualClock
from twin.world import snapshot

KEY = b"k" * 32


def test_an_incident_escalates_in_a_world_that_was_put_away(world, clock):
    """Ada has it when the world is kept, and Bob five minutes after it is back; what happens is still told."""
    call = PagerDutyClient(world)
    shop = Shop(call, clock)
    call.event(shop.key)
    kept = snapshot.save(world, KEY)
    world.close()
    again = snapshot.restore(kept, KEY, VirtualClock).world
    later = again.clock.leader
    shop.call, shop.clock = PagerDutyClient(again), later
    assert shop.assignee() == ["Ada"]
    shop.pass_(minutes=5)
    assert shop.assignee() == ["Bob"]
    assert [one.kind for one in again.scene.happenings].count("pagerduty.incident.escalated") == 1
    again.close()

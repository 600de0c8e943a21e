"""Whether a database's content is still of use to its clients."""

from twin.scenario.traffic.ledger import Ledger
from twin.world.world import World


def shown_damage(world: World, ledger: Ledger, arn: str) -> str:
    """Tell why a database's content is of no use, its own or what it was made of; the fault has shown itself then."""
    found = ledger.damage(arn)
    if found:
        for fault in world.faults.of_kind("bad-migration"):
            fault.shown += 1
    return found

"""Opens the store of a world: the embedded one, or with LocalStack beside it."""

from collections.abc import Iterable

from twin.clock import Clock
from twin.world.stores.moto_store import MotoStore


def open_store(
    seed: int | str, clock: Clock, localstack: str | None, places: Iterable[tuple[str, str]] = ()
) -> MotoStore:
    """Open an empty store; `localstack` is the address of one that keeps some services.

    TargetError when it does not answer, is not of version 4, or has something in the accounts and Regions of `places`.
    """
    if localstack is None:
        return MotoStore(seed, clock)
    from twin.world.stores.composite_store import CompositeStore
    from twin.world.stores.groups import kept_in_localstack
    from twin.world.stores.localstack_connection import LocalStackConnection
    from twin.world.stores.localstack_store import LocalStackStore

    beside = LocalStackStore(LocalStackConnection(localstack), kept_in_localstack())
    beside.begin(places)
    return CompositeStore(seed, clock, beside)

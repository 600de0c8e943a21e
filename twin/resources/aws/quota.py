"""Account quotas: which desired resource is the one too many."""

from collections.abc import Callable, Iterator

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.resource import Peers, Problem, Resource


def beyond(
    limit: int, address: Address, peers: Peers, *, what: str, alike: Callable[[Resource], bool] = lambda _: True
) -> Iterator[Problem]:
    """Report a resource when `limit` resources of its type that are `alike` are declared before it."""
    before = 0
    for other, resource in peers.of(address.type):
        if other == address:
            break
        before += alike(resource)
    if before >= limit:
        yield Problem(
            "TW0406",
            f"number {before + 1} of {what}; the quota is {limit}",
            help="spread them over Regions or accounts, or have AWS raise the quota",
        )


def too_many(name: str, count: int, *, what: str, field: str) -> Iterator[Problem]:
    """Report a field that holds more members than the quota `name` of the network facts allows."""
    limit = facts("network")[name]
    if count > limit:
        yield Problem("TW0406", f"{count} {what}; the quota is {limit}", field)

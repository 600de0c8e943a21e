"""Account quotas: which desired resource is the one too many."""

from collections.abc import Iterator, Sequence
from typing import Any

from twin.address import Address
from twin.resources.aws.facts import facts
from twin.resources.resource import Problem, Resource

Members = Sequence[tuple[Address, Resource]]


def beyond(limit: int, address: Address, members: Members, *, what: str) -> Iterator[Problem]:
    """Report a resource that comes after `limit` others among the members that share a quota, itself included."""
    if len(members) <= limit:
        return
    place = next(number for number, (other, _) in enumerate(members, 1) if other == address)
    if place > limit:
        yield Problem(
            "TW0406",
            f"number {place} of {what}; the quota is {limit}",
            help="spread them over Regions or accounts, or have AWS raise the quota",
        )


def too_many_of_a_version(name: str, rules: Sequence[Any], *, what: str, field: str, own: int = 0) -> Iterator[Problem]:
    """Report rules of which more hold for IPv4, or for IPv6, than a quota allows, EC2's `own` ones included."""
    for version, other in (("IPv4", "ipv6_cidr"), ("IPv6", "cidr")):
        count = sum(getattr(rule, other) is None for rule in rules)
        yield from too_many(name, count + own, what=f"{version} {what}", field=field)


def too_many(name: str, count: int, *, what: str, field: str) -> Iterator[Problem]:
    """Report a field that holds more members than the quota `name` of the network facts allows."""
    limit = facts("network")[name]
    if count > limit:
        yield Problem("TW0406", f"{count} {what}; the quota is {limit}", field)

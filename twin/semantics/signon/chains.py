"""Authentication method chains: steps in order, each one of the methods that it lists."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

from twin.semantics.signon.assurance import Way, fits, limit_of
from twin.semantics.signon.proofs import KNOWLEDGE, POSSESSION, Proof
from twin.semantics.signon.reading import mapping, rows

MOST_STEPS = 3


def chain_ways(method: Mapping[str, Any], proofs: Iterable[Proof], at: str) -> Iterator[Way]:
    """Yield the sets of a user's methods that walk one of the chains to its end."""
    held = tuple(proofs)
    general = limit_of(method, at)
    for chain in rows(method.get("chains"), f"{at}.chains"):
        steps, limits = _steps(mapping(chain, f"{at}.chains"), general, f"{at}.chains")
        choices = [[one for one in held if any(_accepts(row, one, at) for row in step)] for step in steps]
        for chosen in product(*choices):
            if len(set(chosen)) == len(chosen):
                yield Way(tuple(chosen), tuple(limits))


def _steps(
    chain: Mapping[str, Any], general: int | None, at: str
) -> tuple[list[list[Mapping[str, Any]]], list[int | None]]:
    steps: list[list[Mapping[str, Any]]] = []
    limits: list[int | None] = []
    step: Mapping[str, Any] | None = chain
    while step is not None:
        own = limit_of(step, at)
        limits.append(general if own is None else own)
        steps.append(
            [mapping(row, at) for row in rows(step.get("authenticationMethods"), f"{at}.authenticationMethods")]
        )
        following = rows(step.get("next"), f"{at}.next")
        if len(following) > 1 or len(steps) > MOST_STEPS:
            raise ValueError(f"`{at}` must be a chain of at most {MOST_STEPS} steps, each with one that follows")
        step = mapping(following[0], f"{at}.next") if following else None
    return steps, limits


def _accepts(row: Mapping[str, Any], one: Proof, at: str) -> bool:
    if row.get("key") != one.key or row.get("method", one.method) != one.method:
        return False
    kind = POSSESSION if POSSESSION in one.classes else KNOWLEDGE
    return fits({"userPresence": "OPTIONAL", **{name: row[name] for name in row if name in STRENGTH}}, one, kind, at)


STRENGTH = ("hardwareProtection", "phishingResistant", "userVerification", "userVerificationMethods")

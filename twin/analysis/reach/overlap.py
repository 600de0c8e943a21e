"""Finds an ARN that several patterns match and that others, where it can be, do not."""

from collections import deque
from functools import lru_cache

from twin.semantics.iam.containment.languages import Language, arn_glob
from twin.semantics.iam.templates import whole_arn

PLAIN = "newabcdfghijklmopqrstuvxyz0123456789"
MOST = 4096
"""States that are looked at for one ARN; patterns of people's policies need some dozens."""


@lru_cache(maxsize=65536)
def overlap(patterns: tuple[str, ...], spared: tuple[str, ...] = ()) -> str | None:
    """Return an ARN that all of the patterns match and none of `spared` does; None when there is none."""
    wanted = [_language((one,)) for one in patterns]
    unwanted = _language(spared)
    letters = _letters([*wanted, unwanted])
    begun, rest = _beginning(patterns[0], wanted, unwanted)
    queue = deque([(begun, rest)] if begun is not None else [])
    seen = {rest}
    while queue and len(seen) < MOST:
        made, states = queue.popleft()
        assert made is not None
        ended = all(state & one.final for state, one in zip(states, wanted, strict=False))
        if ended and not states[-1] & unwanted.final:
            return made
        for letter in letters:
            moved = _moved(states, letter, (wanted, unwanted))
            if moved is not None and moved not in seen:
                seen.add(moved)
                queue.append((made + letter, moved))
    return None


@lru_cache(maxsize=65536)
def _language(patterns: tuple[str, ...]) -> Language:
    return Language(tuple(arn_glob(((whole_arn(one), True),)) for one in patterns))


def _letters(languages: list[Language]) -> list[str]:
    """Return the characters that a pattern names, after one that none does."""
    named = {letter for one in languages for letter in one.characters}
    free = next((letter for letter in PLAIN if letter not in named), "n")
    return list(dict.fromkeys([free, *sorted(named)]))


States = tuple[int, ...]


def _beginning(first: str, wanted: list[Language], unwanted: Language) -> tuple[str | None, States]:
    """Follow what stands before the first wildcard of the first pattern, where there is no choice."""
    head = first[: min((place for mark in "*?" if (place := first.find(mark)) >= 0), default=len(first))]
    states: States = (*(one.start for one in wanted), unwanted.start)
    for letter in head:
        moved = _moved(states, letter, (wanted, unwanted))
        if moved is None:
            return None, states
        states = moved
    return head, states


def _moved(states: States, letter: str, languages: tuple[list[Language], Language]) -> States | None:
    wanted, unwanted = languages
    moved = []
    for state, one in zip(states, wanted, strict=False):
        moved.append(one.step(state, letter))
        if not moved[-1]:
            return None
    return (*moved, unwanted.step(states[-1], letter))

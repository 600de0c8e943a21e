"""Finds a string that is in some languages and not in others, or knows that there is none."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from twin.semantics.iam.containment.languages import Language

Sort = Literal["action", "resource", "text"]
MOST_STATES = 40_000
_NICE = "xabcdefghijklmnopqrstuvwyz0123456789XYZ-_/~"
_PREFIX = "arn:"
_STAR = -1


class TooHard(Exception):
    """The search was given up; the text says over what."""


class Demand(NamedTuple):
    """A language, and whether the string is in it."""

    language: Language
    holds: bool


class _Form:
    """What every string of a sort looks like, as states: None where it cannot be gone on."""

    extra: str = ""
    start = 0

    def step(self, state: int, character: str) -> int | None:
        return state

    def accepts(self, state: int) -> bool:
        return True


class _Action(_Form):
    """`service:Name`, in lower case as actions are compared."""

    extra = ":-"

    def step(self, state: int, character: str) -> int | None:
        plain = character.isascii() and (character.isdigit() or character.islower())
        if character == ":":
            return 2 if state == 1 else None
        if state <= 1:
            return 1 if plain or character == "-" else None
        return 3 if plain else None

    def accepts(self, state: int) -> bool:
        return state == 3


class _Resource(_Form):
    """An ARN, or `*` alone."""

    extra = "arn:*"

    def step(self, state: int, character: str) -> int | None:
        if state == _STAR:
            return None
        if state < len(_PREFIX):
            if state == 0 and character == "*":
                return _STAR
            return state + 1 if character == _PREFIX[state] else None
        return min(state + (character == ":"), len(_PREFIX) + 4)

    def accepts(self, state: int) -> bool:
        return state in (_STAR, len(_PREFIX) + 4)


_FORMS: dict[Sort, _Form] = {"action": _Action(), "resource": _Resource(), "text": _Form()}


@lru_cache(maxsize=65536)
def witness(sort: Sort, demands: frozenset[Demand]) -> str | None:
    """Return a shortest string of a sort that meets all demands, None when there is none; TooHard past the bound."""
    shunned = [one.language for one in demands if not one.holds]
    wanted = [Demand(left, True) for one in demands if one.holds for left in (_less(one.language, shunned),)]
    demands = frozenset((*wanted, *(Demand(one, False) for one in shunned)))
    for one in wanted:
        listed = one.language.finite
        if listed is not None:
            return next((text for text in listed if _fits(sort, text) and meets(text, demands)), None)
    ordered = sorted(demands, key=lambda one: (not one.holds, one.language.patterns))
    return next((text for text, _ in _walk(sort, ordered, prune=True)), None)


def _less(language: Language, shunned: Sequence[Language]) -> Language:
    """Leave out the patterns of which nothing is left outside of the other languages."""
    alike = [one for one in shunned if one.fold is language.fold]
    left = tuple(p for p in language.patterns if not any(one.covers(p) for one in alike))
    return language if len(left) == len(language.patterns) else Language(left, language.fold)


def meets(text: str, demands: Iterable[Demand]) -> bool:
    """Return whether a string meets all demands."""
    return all(one.language.matches(text) is one.holds for one in demands)


def _fits(sort: Sort, text: str) -> bool:
    form = _FORMS[sort]
    state: int | None = form.start
    for character in text:
        state = form.step(state, character) if state is not None else None
    return state is not None and form.accepts(state)


@lru_cache(maxsize=4096)
def kinds_of_text(languages: tuple[Language, ...]) -> tuple[str, ...]:
    """Return one string for each way in which a string can be in some of the languages and not in the others."""
    found: dict[tuple[bool, ...], str] = {}
    for text, inside in _walk("text", [Demand(one, True) for one in languages], prune=False):
        if not found.get(inside):  # rather a string that is not empty
            found[inside] = text
    return tuple(found.values())


def _walk(sort: Sort, demands: Sequence[Demand], *, prune: bool) -> Iterator[tuple[str, tuple[bool, ...]]]:
    """Yield strings, the shortest first, one for each state that all automata can be in together.

    With `prune` only those that meet the demands, and no way is followed that cannot; else all, with what each is in.
    """
    form, letters = _FORMS[sort], _alphabet(sort, [one.language for one in demands])
    first = (form.start, *(one.language.start for one in demands))
    seen = {first}
    queue: deque[tuple[tuple[int, ...], str]] = deque([(first, "")])
    while queue:
        state, text = queue.popleft()
        inside = tuple(bool(bits & one.language.final) for bits, one in zip(state[1:], demands, strict=True))
        fits = all(held is one.holds for held, one in zip(inside, demands, strict=True))
        if form.accepts(state[0]) and (fits or not prune):
            yield text, inside
        for letter in letters:
            shape = form.step(state[0], letter)
            if shape is None:
                continue
            moved = [one.language.step(bits, letter) for bits, one in zip(state[1:], demands, strict=True)]
            if prune and any(one.holds and not bits for bits, one in zip(moved, demands, strict=True)):
                continue
            after = (shape, *moved)
            if after not in seen:
                if len(seen) >= MOST_STATES:
                    raise TooHard(f"more than {MOST_STATES:,} states of the patterns' automata")
                seen.add(after)
                queue.append((after, text + letter))


def _alphabet(sort: Sort, languages: Sequence[Language]) -> list[str]:
    """Return the characters that the patterns tell apart, and one that stands for all others."""
    named = {character for one in languages for character in one.characters} | set(_FORMS[sort].extra)
    form = _FORMS[sort]
    candidates = [*_NICE, *(chr(code) for code in range(0x100, 0x200))]
    if sort == "action":
        candidates = [one for one in candidates if form.step(1, one) and form.step(2, one)]
    other = next((one for one in candidates if one not in named and one.lower() not in named), None)
    return sorted(named | ({other} if other else set()), key=lambda one: (one != other, not one.isalnum(), one))

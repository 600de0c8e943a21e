"""The strings that a list of patterns matches, as an automaton whose states are bits."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from twin.semantics.iam.templates import Text

Shape = Literal["text", "one", "many"]


class Unit(NamedTuple):
    """One part of a pattern: a character, any one, or any run; `bounded` stops at a colon."""

    shape: Shape
    character: str = ""
    bounded: bool = False


Pattern = tuple[Unit, ...]


def glob(text: Text) -> Pattern:
    """Read a pattern whose wildcards match anything."""
    return tuple(_unit(character, active, False) for character, active in _characters(text))


def arn_glob(text: Text) -> Pattern:
    """Read a pattern of ARNs: a wildcard stays within its segment, the last segment takes the rest."""
    characters = _characters(text)
    colons = [place for place, one in enumerate(characters) if one == (":", True)][:5]
    last = colons[-1] if colons else -1
    return tuple(_unit(character, active, place < last) for place, (character, active) in enumerate(characters))


def word(text: str) -> Pattern:
    """Read a text in which nothing is a wildcard."""
    return tuple(Unit("text", character) for character in text)


def _characters(text: Text) -> list[tuple[str, bool]]:
    return [(character, active) for stretch, active in text for character in stretch]


def _unit(character: str, active: bool, bounded: bool) -> Unit:
    if active and character == "*":
        return Unit("many", "", bounded)
    if active and character == "?":
        return Unit("one", "", bounded)
    return Unit("text", character)


@dataclass(frozen=True)
class Language:
    """What any of the patterns matches; with `fold` in any letter case (the patterns are in lower case then).

    A state is a set of places in the patterns, one bit each; several languages are followed side by side.
    """

    patterns: tuple[Pattern, ...]
    fold: bool = False
    start: int = field(init=False, compare=False, repr=False)
    final: int = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Lay the patterns out, one place after the other."""
        by_character: dict[str, int] = {}
        masks = {("one", False): 0, ("one", True): 0, ("many", False): 0, ("many", True): 0}
        start = final = at = 0
        for pattern in self.patterns:
            start |= 1 << at
            for unit in pattern:
                if unit.shape == "text":
                    by_character[unit.character] = by_character.get(unit.character, 0) | 1 << at
                else:
                    masks[unit.shape, unit.bounded] |= 1 << at
                at += 1
            final |= 1 << at
            at += 1
        object.__setattr__(self, "_text", by_character)
        object.__setattr__(self, "_one", (masks["one", False], masks["one", True]))
        object.__setattr__(self, "_many", (masks["many", False], masks["many", True]))
        object.__setattr__(self, "_skip", masks["many", False] | masks["many", True])
        object.__setattr__(self, "final", final)
        object.__setattr__(self, "start", self._closed(start))

    def __hash__(self) -> int:
        """Hash once what is compared."""
        found = self.__dict__.get("_hash")
        if found is None:
            found = hash((self.patterns, self.fold))
            object.__setattr__(self, "_hash", found)
        return int(found)

    @property
    def characters(self) -> Iterable[str]:
        """The characters that the patterns name."""
        named: dict[str, int] = self.__dict__["_text"]
        return {case for one in named for case in ((one, one.upper()) if self.fold else (one,)) if len(case) == 1}

    @property
    def finite(self) -> list[str] | None:
        """The strings themselves where no pattern has a wildcard."""
        if self.fold or any(unit.shape != "text" for pattern in self.patterns for unit in pattern):
            return None
        return ["".join(unit.character for unit in pattern) for pattern in self.patterns]

    def step(self, state: int, character: str) -> int:
        """Return the places after one more character."""
        own = self.__dict__
        character = character.lower() if self.fold else character
        one, one_bounded = own["_one"]
        many, many_bounded = own["_many"]
        if character != ":":
            one, many = one | one_bounded, many | many_bounded
        moved = (state & (own["_text"].get(character, 0) | one)) << 1
        return self._closed(moved | (state & many))

    def _closed(self, state: int) -> int:
        """Add the places that are reached without a character: past a wildcard that matches nothing."""
        skip: int = self.__dict__["_skip"]
        while (more := state | (state & skip) << 1) != state:
            state = more
        return state

    def covers(self, pattern: Pattern) -> bool:
        """Return whether surely all that a pattern matches is in the language: wildcards fit into wildcards here."""
        state = self.start
        for unit in pattern:
            plain = unit.shape == "text"
            state = self.step(state, unit.character) if plain else self._through(state, unit)
            if not state:
                return False
        return bool(state & self.final)

    def _through(self, state: int, unit: Unit) -> int:
        one, one_bounded = self.__dict__["_one"]
        many, many_bounded = self.__dict__["_many"]
        if unit.bounded:
            one, many = one | one_bounded, many | many_bounded
        moved = (state & one) << 1 if unit.shape == "one" else 0
        return self._closed(moved | (state & many))

    def matches(self, text: str) -> bool:
        """Return whether a string is in the language."""
        state = self.start
        for character in text:
            state = self.step(state, character)
            if not state:
                return False
        return bool(state & self.final)


def union(patterns: Sequence[Pattern], *, fold: bool = False) -> Language:
    """Return the language of any of the patterns; equal sets are equal languages."""
    return Language(tuple(sorted(set(patterns))), fold)

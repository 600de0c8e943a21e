"""A story: the responder's moves in an order, and what happens between them."""

from collections.abc import Iterator, Sequence
from itertools import permutations, product
from math import factorial
from random import Random
from typing import NamedTuple

from twin.errors import UsageError

ATTACKER, TIME = "attacker", "time"
# Between two moves: nothing, the attacker sees the last one and acts, or what was written comes to count.
GAPS: tuple[tuple[str, ...], ...] = ((), (ATTACKER,), (TIME,))
Story = tuple[str, ...]


class Space(NamedTuple):
    """All stories over some moves."""

    moves: tuple[str, ...]

    @property
    def orders(self) -> int:
        """How many orders there are."""
        return factorial(len(self.moves))

    @property
    def timings(self) -> int:
        """How many stories each order has."""
        return int(len(GAPS) ** max(0, len(self.moves) - 1))

    def of(self, order: Sequence[str]) -> Iterator[Story]:
        """Yield every story of one order."""
        for gaps in product(GAPS, repeat=max(0, len(order) - 1)):
            yield told(order, gaps)

    def sample(self, count: int, chance: Random) -> list[Story]:
        """Return so many different stories, each first move as often as the others; all when there are no more."""
        if count >= self.orders * self.timings:
            return [story for order in permutations(self.moves) for story in self.of(order)]
        found: dict[Story, None] = {}
        while len(found) < count:
            first = self.moves[len(found) % len(self.moves)]
            rest = [move for move in self.moves if move != first]
            chance.shuffle(rest)
            gaps = [chance.choice(GAPS) for _ in rest]
            found[told([first, *rest], gaps)] = None
        return list(found)


def told(order: Sequence[str], gaps: Sequence[Sequence[str]]) -> Story:
    """Return a story in which each gap comes after the move of its place."""
    filled = [*gaps, *((),) * (len(order) - len(gaps))]
    return tuple(word for move, gap in zip(order, filled, strict=True) for word in (move, *gap))


def read(text: str, moves: Sequence[str]) -> Story:
    """Read a story as it is printed; UsageError names a word that is no move."""
    story = tuple(text.replace(",", " ").split())
    known = (*moves, ATTACKER, TIME)
    for word in story:
        if word not in known:
            raise UsageError(f"{word} is no move of this scenario; there are {', '.join(known)}")
    return story


def shorter(story: Story) -> Iterator[Story]:
    """Yield the stories with one event less between the moves."""
    for place, word in enumerate(story):
        if word in (ATTACKER, TIME):
            yield story[:place] + story[place + 1 :]

"""Searches the stories of a scenario: which orders lose, the shortest loss, the order that holds, what is idle."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from twin.explore.field import Ending, Field
from twin.explore.story import Space, Story, shorter, told

# So many timings show whether a move is missed.
TIMINGS = 8


@dataclass(frozen=True, slots=True)
class Tally:
    """How many of some stories were lost."""

    lost: int
    played: int


@dataclass(slots=True)
class Findings:
    """What a search found."""

    space: Space
    seed: int
    sampled: Tally
    firsts: Mapping[str, Tally]
    shortest: Ending | None
    order: tuple[str, ...]
    holds: Tally
    without: dict[str, Tally] = field(default_factory=dict)

    @property
    def idle(self) -> list[str]:
        """The moves whose absence loses nothing more."""
        return [move for move, tally in self.without.items() if tally.lost == 0 == self.holds.lost]


def search(field_: Field, *, limit: int, seed: int) -> Findings:
    """Play `limit` stories, every timing of the order that lost least, and that order without each of its moves."""
    space = Space(tuple(field_.exploration.moves))
    chance = Random(seed)  # noqa: S311 - which stories are played; nothing secret is drawn
    endings = field_.endings(space.sample(limit, chance))
    losses = [one for one in endings if one.lost]
    firsts = {move: _tally(one for one in endings if one.story[0] == move) for move in space.moves}
    shortest = shrink(field_, min(losses, key=lambda one: (len(one.story), one.story))) if losses else None
    order, holds = _holding(field_, space, firsts)
    findings = Findings(space, seed, _tally(endings), firsts, shortest, order, holds)
    for move in order:
        rest = [one for one in order if one != move]
        stories = list(space.of(rest))
        chosen = stories if len(stories) <= TIMINGS else chance.sample(stories, TIMINGS)
        findings.without[move] = _tally(field_.endings(chosen))
    return findings


def _holding(field_: Field, space: Space, firsts: Mapping[str, Tally]) -> tuple[tuple[str, ...], Tally]:
    """Return the first order that holds in every timing, those tried first whose first move was lost least."""
    best: tuple[tuple[str, ...], Tally] | None = None
    for first in sorted(space.moves, key=lambda move: firsts[move].lost / max(1, firsts[move].played)):
        order = (first, *(move for move in space.moves if move != first))
        tally = _tally(field_.endings(space.of(order)))
        if best is None or tally.lost < best[1].lost:
            best = order, tally
        if tally.lost == 0:
            break
    assert best is not None
    return best


def shrink(field_: Field, lost: Ending) -> Ending:
    """Return a story that loses and has no event between its moves which it could do without."""
    plain = told([word for word in lost.story if word in field_.exploration.moves], ())
    candidates: Sequence[Story] = [plain]
    while True:
        found = next((one for one in field_.endings([*candidates, *shorter(lost.story)]) if one.lost), None)
        if found is None or len(found.story) >= len(lost.story):
            return lost
        lost, candidates = found, []


def _tally(endings: Iterator[Ending] | Sequence[Ending]) -> Tally:
    listed = list(endings)
    return Tally(sum(one.lost for one in listed), len(listed))

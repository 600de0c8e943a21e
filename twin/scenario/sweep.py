"""One scenario under many seeds: the same org, each time with other choices of the world and of the actors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from math import ceil

from twin.scenario.calm import calm
from twin.scenario.document import Scenario
from twin.scenario.fork import in_forks
from twin.scenario.rehearsal import Rehearsal, attempt
from twin.scenario.verdict import Result


def sweep(scenario: Scenario, variant: str | None, rehearsal: Rehearsal, seeds: Iterable[int]) -> Iterator[Result]:
    """Yield the result of each seed, in their order, each on a copy of the world; one seed alone gives the same."""
    yield from in_forks(partial(_one, scenario, variant, rehearsal, seed) for seed in seeds)


def _one(scenario: Scenario, variant: str | None, rehearsal: Rehearsal, seed: int) -> Result:
    rehearsal.world.scene.redraw(seed)
    chosen = scenario.model_copy(update={"seed": seed})
    peaceful, control = calm(chosen) if variant is None else None, None
    if peaceful is not None:
        (control,) = in_forks([partial(attempt, peaceful, None, rehearsal)])
    return attempt(chosen, variant, rehearsal, control)


@dataclass(frozen=True, slots=True)
class Times:
    """The values of a figure in those of `runs` runs in which what it measures came to pass, in their order."""

    values: Sequence[float] = field(default_factory=list)
    runs: int = 0

    def rank(self, share: float) -> float | None:
        """Return the value that a share of all runs does not exceed; None where it never came to pass in so many."""
        place = ceil(share * self.runs) - 1
        return self.values[place] if place < len(self.values) else None


@dataclass(frozen=True, slots=True)
class Spread:
    """How a figure is spread over seeds: the least, the value that half and 95 of 100 do not exceed, the most.

    It came to pass in `came` of `runs` runs; what it never came to in so many is None. `worst` is the seed of the
    most, or the first in which it never came.
    """

    figure: str
    least: float
    p50: float | None
    p95: float | None
    most: float | None
    worst: int
    came: int
    runs: int


def times(results: Sequence[Result], figure: str) -> Times | None:
    """Return the values of a figure over runs; None where no run knows it, and without runs that came to nothing."""
    told = [one for one in results if one.figures]
    if all(figure not in one.figures for one in told):
        return None
    values = (_number(one.figures, figure) for one in told)
    return Times(sorted(value for value in values if value is not None), len(told))


def spreads(results: Sequence[Result]) -> list[Spread]:
    """Return the spread of every figure that is a number in some run and not the same in all."""
    names = dict.fromkeys(name for result in results for name in result.figures if not name.startswith("collateral."))
    found = []
    for name in names:
        told = times(results, name)
        if told is None or not told.values or (len(told.values) == told.runs and told.values[0] == told.values[-1]):
            continue
        most = told.rank(1.0)
        worst = min(one.seed for one in results if one.figures and _number(one.figures, name) == most)
        ranks = (told.rank(0.5), told.rank(0.95), most)
        found.append(Spread(name, told.values[0], *ranks, worst, len(told.values), told.runs))
    return found


def _number(figures: Mapping[str, object], name: str) -> float | None:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

"""One scenario under many seeds: the same org, each time with other choices of the world and of the actors."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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
class Spread:
    """How a figure is spread over seeds: the least, the value that half and 95 of 100 do not exceed, the most.

    `worst` is the seed of the most.
    """

    figure: str
    least: float
    p50: float
    p95: float
    most: float
    worst: int


def spreads(results: Sequence[Result]) -> list[Spread]:
    """Return the spread of every figure that is a number in some run and not the same in all."""
    names = dict.fromkeys(name for result in results for name in result.figures if not name.startswith("collateral."))
    found = []
    for name in names:
        values = sorted((value, r.seed) for r in results if (value := _number(r.figures, name)) is not None)
        if values and values[0][0] != values[-1][0]:
            ranked = [value for value, _ in values]
            worst = min(seed for value, seed in values if value == ranked[-1])
            found.append(Spread(name, ranked[0], _rank(ranked, 0.5), _rank(ranked, 0.95), ranked[-1], worst))
    return found


def _number(figures: Mapping[str, object], name: str) -> float | None:
    value = figures.get(name)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _rank(ranked: Sequence[float], share: float) -> float:
    return ranked[ceil(share * len(ranked)) - 1]

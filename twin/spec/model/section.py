"""What every section of the intent model is: frozen, closed, strict, and able to name its own contradictions."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from twin.spec.located import Step

PROBLEMS = "problems"


@dataclass(frozen=True, slots=True)
class Problem:
    """A contradiction between fields: `path` leads from the section to the place to mend."""

    code: str
    path: tuple[Step, ...]
    message: str
    help: str | None = None


class Section(BaseModel):
    """One part of the spec; unknown keys and loose types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong between fields that are right each by itself."""
        return iter(())

    @model_validator(mode="after")
    def consistent(self) -> Self:
        """Refuse the section when its fields contradict each other, all contradictions at once."""
        found = list(self.problems())
        if found:
            raise PydanticCustomError(PROBLEMS, "fields contradict each other", {PROBLEMS: found})
        return self


def ordered(section: Section, *names: str) -> Iterator[Problem]:
    """Yield a problem for each pair of neighbours in `names` whose values descend; absent ones are left out."""
    present = [(name, getattr(section, name)) for name in names if getattr(section, name) is not None]
    for (low, smaller), (high, larger) in pairwise(present):
        if smaller > larger:
            place = high if high in section.model_fields_set else low
            yield Problem("TW0214", (place,), f"`{low}` ({smaller}) is above `{high}` ({larger})")


def unheard(section: Section, message: str, *heard: str) -> Iterator[Problem]:
    """Yield a problem when what a section notices is neither heard by anything in `heard` nor pages anybody."""
    if not heard and getattr(section, "page", None) is None:
        takes = [name for name in ("notify", "page", "queues", "topics") if name in type(section).model_fields]
        yield Problem("TW0306", (), message, f"add {' or '.join(f'`{name}:`' for name in takes)}")


def cycle(edges: dict[str, str | None]) -> tuple[str, ...] | None:
    """Return the first cycle of a relation that gives each name at most one next name."""
    for start in edges:
        trail = [start]
        while (following := edges.get(trail[-1])) is not None and following not in trail:
            trail.append(following)
        if following == start:
            return (*trail, start)
    return None

"""What is wrong with a fault of a scenario before anything runs: its kind, its options, its times."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from twin.scenario.document import FaultSpec
from twin.scenario.mistakes import told
from twin.scenario.values import NAME
from twin.spec.suggest import suggestion
from twin.world.faults import kinds

Path = tuple[str, ...]


def fault_problems(at: Path, fault: FaultSpec, duration: float) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong, with its place in the file; options that a run fills in are judged when it does."""
    if fault.at >= duration:
        yield (*at, "at"), f"it begins after {fault.at:g} s, when the scenario of {duration:g} s is over"
    kind = kinds().get(fault.kind)
    if kind is None:
        yield (*at, "kind"), f"there is no kind of fault {fault.kind}; {suggestion(fault.kind, kinds())}"
        return
    try:
        kind.OPTIONS.model_validate(fault.with_)
    except ValidationError as wrong:
        for error in wrong.errors():
            if not _later(error["input"]):
                path, text, advice = told(error, kind.OPTIONS, lambda way: way[0] in fault.with_)
                yield (*at, "with", *map(str, path)), f"{text}; {advice}" if advice else text


def _later(value: Any) -> bool:
    return isinstance(value, str) and NAME.search(value) is not None

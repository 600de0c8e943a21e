"""What is wrong with an actor of a scenario before anything runs: its kind, and what it is told."""

from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from twin.scenario.actors import kinds
from twin.scenario.document import ActorSpec
from twin.scenario.mistakes import told
from twin.scenario.values import NAME
from twin.spec.suggest import suggestion

Path = tuple[str, ...]


def actor_problems(at: Path, actor: ActorSpec) -> Iterator[tuple[Path, str]]:
    """Yield what is wrong, with its place in the file; options that a run fills in are judged when it does."""
    if actor.kind not in kinds():
        yield (*at, "kind"), f"there is no kind of actor {actor.kind}; {suggestion(actor.kind, kinds(), limit=99)}"
        return
    form = kinds().options(actor.kind)
    try:
        form.model_validate(actor.with_)
    except ValidationError as wrong:
        for error in wrong.errors(include_url=False):
            if not _later(error["input"]):
                path, text, advice = told(error, form, lambda way: _there(actor.with_, way))
                yield (*at, "with", *map(str, path)), f"{text}; {advice}" if advice else text


def _later(value: Any) -> bool:
    return isinstance(value, str) and NAME.search(value) is not None


def _there(value: Any, way: tuple[str | int, ...]) -> bool:
    try:
        for step in way:
            value = value[step]
    except (KeyError, IndexError, TypeError):
        return False
    return True

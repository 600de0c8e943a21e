"""Names and the values they stand for while a scenario runs."""

import json
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from twin.scenario.duration import seconds

# `clock.now`, and `clock.now-30m` for half an hour ago, when they are used.
MOMENT = re.compile(r"clock\.now(?:-(\w+))?")
ITEM = "item"
NAME = re.compile(r"\$\{([A-Za-z][\w.:/@-]*)\}")


class UnknownName(KeyError):
    """A step uses a name that nothing has saved."""


class Unplayable(Exception):
    """A scenario turns out while it runs to be one that nobody can play; its argument says why."""


class WrongExpression(ValueError):
    """An expression cannot be worked out on what a call answered, or its value cannot be compared as it should be."""

    def __init__(self, expression: str, why: str) -> None:
        self.expression = expression
        super().__init__(f"{expression!r} cannot be worked out: {why}")


class Values:
    """The names of one run; a child sees its parent's and keeps its own."""

    def __init__(
        self,
        names: Mapping[str, Any],
        parent: "Values | None" = None,
        *,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.names = dict(names)
        self.parent = parent
        self._clock = clock

    def __getitem__(self, name: str) -> Any:
        if name in self.names:
            return self.names[name]
        whole, dot, field = name.partition(".")
        if dot and whole in self.names and (held := _fields(self.names[whole])) is not None:
            if field not in held and whole != ITEM:
                raise UnknownName(name)
            return held.get(field)
        if self.parent is not None:
            return self.parent[name]
        if self._clock is not None and (asked := MOMENT.fullmatch(name)):
            moment = self._clock() - timedelta(seconds=seconds(asked[1]) if asked[1] else 0)
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        raise UnknownName(name)

    def save(self, name: str, value: Any) -> None:
        """Keep a value under a name."""
        self.names[name] = value

    def fill(self, value: Any) -> Any:
        """Replace `${name}` in texts, lists and mappings; a text that is one name takes the value with its type."""
        if isinstance(value, str):
            alone = NAME.fullmatch(value)
            return self[alone[1]] if alone else NAME.sub(lambda m: str(self[m[1]]), value)
        if isinstance(value, Mapping):
            return {key: self.fill(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [self.fill(item) for item in value]
        return value

    def pick(self, expression: str, reply: Any) -> Any:
        """Return what a JMESPath expression, with names filled in, finds in a reply; WrongExpression if it cannot."""
        try:
            return jmespath.search(self.fill(expression), reply)
        except JMESPathError as error:
            raise WrongExpression(expression, str(error).splitlines()[0]) from error


def _fields(held: Any) -> Mapping[str, Any] | None:
    """Return the fields of what was saved: of a mapping, or of a text that is one in JSON; None where it has none."""
    if isinstance(held, str) and held.startswith("{"):
        try:
            held = json.loads(held)
        except ValueError:
            return None
    return held if isinstance(held, Mapping) else None

"""What a parser remembers beside the text: how deep it is, and which functions were called."""

from collections.abc import Iterator
from contextlib import contextmanager

from twin.semantics.rules.catalogue import Function, fields_elsewhere, place
from twin.semantics.rules.mistake import RuleError

DEEPEST = 128  # wirefilter ParserSettings.max_nesting_depth


class Scope:
    """The nesting and the calls of one expression."""

    def __init__(self, phase: str | None) -> None:
        self.phase = phase
        self.depth = 0
        self.calls: list[tuple[Function, int]] = []
        self.examples: list[RuleError] = []

    @contextmanager
    def nested(self, at: int) -> Iterator[None]:
        """Go one parenthesis, negation or call deeper."""
        if self.depth >= DEEPEST:
            raise RuleError(f"nested more than {DEEPEST} deep", at)
        self.depth += 1
        yield
        self.depth -= 1

    def field(self, name: str, at: int) -> None:
        """Refuse a field that the phase does not have."""
        if self.phase is not None and self.phase.startswith("http_") and name in fields_elsewhere():
            raise RuleError(f"{name} is a field that {self.phase} does not have", at)

    def close(self, form: str) -> None:
        """Refuse what only the whole expression shows."""
        if form == "filter" and self.examples:
            raise self.examples[0]
        single: str | None = None
        for function, at in sorted(self.calls, key=lambda call: call[1]):
            self._check_place(function, at, form)
            if function.once:
                if single is not None:
                    raise RuleError(f"{function.name}() cannot be used together with {single}()", at)
                single = function.name

    def _check_place(self, function: Function, at: int, form: str) -> None:
        if self.phase is None or not function.only:
            return
        here = place(self.phase, form)
        if here not in function.only:
            raise RuleError(f"{function.name}() is only for: {', '.join(function.only)}; this is a {here}", at)
        if function.phases and self.phase not in function.phases:
            raise RuleError(f"{function.name}() is only for {' and '.join(function.phases)}, not {self.phase}", at)

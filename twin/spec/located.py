"""A value of the spec together with its place in the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.diagnostics import Span
from twin.spec.scalars import Scalar

Step = str | int


@dataclass(frozen=True, slots=True)
class Located:
    """A scalar, a tuple of values or a mapping of values; `key_span` is the place of its key, if it has one."""

    value: "Scalar | tuple[Located, ...] | Mapping[str, Located]"
    span: Span
    key_span: Span | None = None

    @property
    def children(self) -> "Mapping[str, Located]":
        """The entries of a mapping; nothing for any other value."""
        return self.value if isinstance(self.value, Mapping) else {}

    @property
    def anchor(self) -> Span:
        """The place that names this value: its key, or itself where it has none."""
        return self.key_span or self.span

    def get(self, step: Step) -> "Located | None":
        """Return the child under a key or at an index, if there is one."""
        if isinstance(self.value, tuple):
            return self.value[step] if isinstance(step, int) and 0 <= step < len(self.value) else None
        return self.children.get(str(step))

    def find(self, path: Sequence[Step]) -> "Located | None":
        """Return the value at the end of `path`, if it is there."""
        here: Located | None = self
        for step in path:
            here = here.get(step) if here else None
        return here

    def nearest(self, path: Sequence[Step]) -> "Located":
        """Return the value at the end of `path`, or the last one on the way there that exists."""
        here = self
        for step in path:
            there = here.get(step)
            if there is None:
                return here
            here = there
        return here

    def height(self) -> int:
        """Return how many collections stand inside each other here; 0 for a scalar."""
        if isinstance(self.value, tuple | Mapping):
            inner = self.value if isinstance(self.value, tuple) else self.value.values()
            return 1 + max((item.height() for item in inner), default=0)
        return 0

    def plain(self) -> Any:
        """Return the value without places: scalars, tuples and dicts."""
        if isinstance(self.value, tuple):
            return tuple(item.plain() for item in self.value)
        if isinstance(self.value, Mapping):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


def with_lists(value: Any) -> Any:
    """Return a plain value with lists in place of tuples, as JSON has them."""
    if isinstance(value, Mapping):
        return {key: with_lists(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [with_lists(item) for item in value]
    return value

"""Vendor clients as the engine sees them, made when the first call goes to them."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from twin.resources.call import Call


class System(Protocol):
    """A vendor's API as the engine sees it; `calls` counts what was sent."""

    calls: int

    def execute(self, call: Call) -> Any:
        """Send a call and return its decoded reply; Refused when the vendor says no, TargetError out of reach."""
        ...


class Systems(Mapping[str, System]):
    """The systems of a place by their names; a client, costly to import, is made when somebody asks for it."""

    def __init__(self, makers: Mapping[str, Callable[[], System]]) -> None:
        self._makers = dict(makers)
        self.made: dict[str, System] = {}

    def __getitem__(self, name: str) -> System:
        if name not in self.made:
            self.made[name] = self._makers[name]()
        return self.made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)

    def __contains__(self, name: object) -> bool:
        return name in self._makers

"""What happens on the running twin, for a view that follows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from twin.cli.controlled import ask


class Heard:
    """Each call returns the instant, in seconds of the twin's clock since the first, and what happened since the last.

    UsageError or TargetError when the twin does not answer any more.
    """

    def __init__(self) -> None:
        self.began = _now()
        self._next = int(ask("GET", "happenings")["next"])

    def __call__(self) -> tuple[float, list[Mapping[str, Any]]]:
        """Return the instant and the lines of a journal."""
        told = ask("GET", f"happenings?after={self._next}")
        self._next = int(told["next"])
        lines: list[Mapping[str, Any]] = [
            {"t": self._since(datetime.fromisoformat(one["time"])), "actor": "world", "event": one["kind"],
             "facts": one["facts"]}
            for one in told["happenings"]
        ]  # fmt: skip
        return self._since(_now()), lines

    def _since(self, instant: datetime) -> float:
        return max((instant - self.began).total_seconds(), 0.0)


def _now() -> datetime:
    return datetime.fromisoformat(ask("GET", "clock")["now"])

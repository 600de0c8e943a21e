"""What happens on the running twin, for a view that follows it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from twin.cli.controlled import ask


class Heard:
    """Each call returns the instant, in seconds of the twin's clock since the first, and what happened since the last.

    UsageError or TargetError when the twin does not answer any more.
    """

    def __init__(self) -> None:
        self.began = _now()
        self._place = self._asked(ask("GET", "happenings"))

    def __call__(self) -> tuple[float, list[Mapping[str, Any]]]:
        """Return the instant and the lines of a journal: what happened, and who changed what."""
        told = ask("GET", f"happenings?{urlencode(self._place)}")
        self._place = self._asked(told)
        lines = [(one["time"], "world", one["kind"], one["facts"]) for one in told["happenings"]]
        lines += [
            (one["time"], one["by"], "call", {name: one[name] for name in ("call", "account", "region") if one[name]})
            for one in told["changes"]
        ]
        found: list[Mapping[str, Any]] = [
            {"t": self._since(datetime.fromisoformat(time)), "actor": actor, "event": kind, "facts": facts}
            for time, actor, kind, facts in sorted(lines, key=lambda line: str(line[0]))
        ]
        return self._since(_now()), found

    @staticmethod
    def _asked(told: Mapping[str, Any]) -> Mapping[str, int]:
        return {"after": told["next"], "calls": told["calls"], "vendor_calls": told["vendor_calls"]}

    def _since(self, instant: datetime) -> float:
        return max((instant - self.began).total_seconds(), 0.0)


def _now() -> datetime:
    return datetime.fromisoformat(ask("GET", "clock")["now"])

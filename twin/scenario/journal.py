"""What happened in a run, in order: the same seed gives the same bytes."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from twin.scenario.timeline import Timeline
from twin.world.delays import delay
from twin.world.scene import Happening


@dataclass(slots=True)
class Journal:
    """Lines of what each actor did, stamped with virtual time."""

    timeline: Timeline
    lines: list[Mapping[str, Any]] = field(default_factory=list)
    drawn: dict[str, dict[str, Any]] = field(default_factory=dict)

    def write(self, actor: str, event: str, **more: Any) -> None:
        """Add a line."""
        self.lines.append({"t": round(self.timeline.elapsed, 3), "actor": actor, "event": event, **more})

    def witness(self, happening: Happening) -> None:
        """Add a line for what the world did or suffered, faults among it."""
        self.write("world", happening.kind, facts=dict(happening.facts))

    def drew(self, name: str, seconds: Sequence[float], told: Mapping[str, Any]) -> None:
        """Remember that somebody took a time that is none of the world's delays; `told` has its source."""
        kept = self.drawn.setdefault(
            name, {"times": 0, "seconds": list(seconds), "source": told["source"], "read": str(told["read"])}
        )
        kept["times"] += 1

    def delays(self, used: Mapping[str, int]) -> None:
        """Add the delays that were drawn, how often, each with its span in seconds and its source."""
        all_of_them = dict(self.drawn)
        for name, times in used.items():
            found = delay(name)
            span = found.least if found.least == found.most else [found.least, found.most]
            all_of_them[name] = {"times": times, "seconds": span, "source": found.source, "read": found.read}
        for name, told in sorted(all_of_them.items()):
            self.write("world", "delay", name=name, **told)

    def text(self) -> str:
        """Return the journal as JSON lines."""
        return "".join(json.dumps(line, separators=(",", ":"), default=str) + "\n" for line in self.lines)

"""What happened in a run, in order: the same seed gives the same bytes."""

import json
from collections.abc import Mapping
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

    def write(self, actor: str, event: str, **more: Any) -> None:
        """Add a line."""
        self.lines.append({"t": round(self.timeline.elapsed, 3), "actor": actor, "event": event, **more})

    def witness(self, happening: Happening) -> None:
        """Add a line for what the world did or suffered, faults among it."""
        self.write("world", happening.kind, facts=dict(happening.facts))

    def delays(self, used: Mapping[str, int]) -> None:
        """Add the delays that were drawn, how often, each with its span in seconds and its source."""
        for name, times in sorted(used.items()):
            found = delay(name)
            span = found.least if found.least == found.most else [found.least, found.most]
            self.write("world", "delay", name=name, times=times, seconds=span, source=found.source, read=found.read)

    def text(self) -> str:
        """Return the journal as JSON lines."""
        return "".join(json.dumps(line, separators=(",", ":"), default=str) + "\n" for line in self.lines)

"""What happened in a run, in order: the same seed gives the same bytes."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twin.scenario.timeline import Timeline


@dataclass(slots=True)
class Journal:
    """Lines of what each actor did, stamped with virtual time."""

    timeline: Timeline
    lines: list[Mapping[str, Any]] = field(default_factory=list)

    def write(self, actor: str, event: str, **more: Any) -> None:
        """Add a line."""
        self.lines.append({"t": round(self.timeline.elapsed, 3), "actor": actor, "event": event, **more})

    def text(self) -> str:
        """Return the journal as JSON lines."""
        return "".join(json.dumps(line, separators=(",", ":"), default=str) + "\n" for line in self.lines)

"""Where a plan goes: named endpoints and credentials per system, with what the place can and may do."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from twin.resources.scope import Scope
from twin.resources.transport import System, Systems


@dataclass(frozen=True)
class Target:
    """One place that holds an org: `twin`, `localstack` or `live`.

    `concurrency` is how many changes may be under way at once; `waits` tells whether resources take time to be
    ready there.
    """

    name: str
    systems: Mapping[str, System]
    scope: Scope
    concurrency: int = 1
    waits: bool = False
    capabilities: frozenset[str] = field(default_factory=frozenset)

    @property
    def reached(self) -> Mapping[str, System]:
        """The systems that anybody asked for."""
        return self.systems.made if isinstance(self.systems, Systems) else self.systems

    @property
    def calls(self) -> int:
        """How many calls were sent to all systems."""
        return sum(system.calls for system in self.reached.values())

"""Where the user has been: the resources jumped to, with the way back and forward."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Visits:
    """Keys of resources in the order of the visits, and where in them the user stands."""

    keys: list[str] = field(default_factory=list)
    here: int = -1

    def go(self, key: str) -> None:
        """Note a visit; what one had gone back from is forgotten."""
        if self.current != key:
            del self.keys[self.here + 1 :]
            self.keys.append(key)
            self.here += 1

    @property
    def current(self) -> str | None:
        """The resource visited last."""
        return self.keys[self.here] if self.keys else None

    def move(self, way: int) -> str | None:
        """Go back or forward; None where there is nothing more."""
        if not 0 <= self.here + way < len(self.keys):
            return None
        self.here += way
        return self.keys[self.here]

    def crumbs(self, count: int = 4) -> list[str]:
        """Return the last resources on the way here, this one last."""
        return self.keys[max(self.here + 1 - count, 0) : self.here + 1]

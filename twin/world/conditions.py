"""What is broken in the world right now: faults break and mend it, behaviors and traffic look at it."""

from collections import Counter
from typing import Literal

# zone: an Availability Zone's name; region: a Region's; host: an instance's id or the ARN of what runs on one host;
# capacity: a zone in which nothing new starts.
Part = Literal["zone", "region", "host", "capacity"]


class Conditions:
    """A count of the breakages per part, so that two faults on one part are two, and the last to heal mends it."""

    def __init__(self) -> None:
        self._broken: Counter[tuple[Part, str]] = Counter()

    def broken(self, part: Part, name: str) -> bool:
        """Tell whether a part is broken; a zone is when its Region is."""
        if self._broken[part, name]:
            return True
        return part == "zone" and bool(self._broken["region", region_of(name)])

    def all(self, part: Part) -> list[str]:
        """Return the names of the broken parts of a kind, sorted."""
        return sorted(name for kind, name in self._broken if kind == part and self._broken[kind, name])

    def break_(self, part: Part, name: str) -> bool:
        """Break a part; True when it worked before."""
        self._broken[part, name] += 1
        return self._broken[part, name] == 1

    def mend(self, part: Part, name: str) -> bool:
        """Undo one breakage of a part; True when it works again."""
        if not self._broken[part, name]:
            raise ValueError(f"{part} {name} is not broken")
        self._broken[part, name] -= 1
        return self._broken[part, name] == 0


def region_of(zone: str) -> str:
    """Return the Region of a zone's name (`us-east-1a`)."""
    return zone.rstrip("abcdefghijklmnopqrstuvwxyz") if "-" in zone else ""

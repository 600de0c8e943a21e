"""Who is kept from work, since when; and how long the longest such time was."""

from collections.abc import Hashable


class Outages:
    """Outages of those who try `every` so many seconds: one lasts until the try that succeeds."""

    def __init__(self, every: float) -> None:
        self._every = every
        self._since: dict[Hashable, float] = {}
        self._longest = 0.0
        self._why: dict[Hashable, str] = {}
        self._last = ""

    def lost(self, who: Hashable, now: float, why: str) -> bool:
        """Note that somebody's try failed, and why; tells whether it is the first."""
        self._why[who] = self._last = why
        first = who not in self._since
        since = self._since.setdefault(who, now)
        self._longest = max(self._longest, now - since + self._every)
        return first

    def recovered(self, who: Hashable) -> bool:
        """Note that somebody's try succeeded; tells whether one had failed before."""
        self._why.pop(who, None)
        return self._since.pop(who, None) is not None

    @property
    def going_on(self) -> int:
        """How many are kept from work now."""
        return len(self._since)

    @property
    def because(self) -> str:
        """Why the last try failed that did, of those whose outage is not over where there are any."""
        going_on = next(iter(self._why.values()), "")
        return f"{going_on}; it is not over at the end" if self._since else self._last

    @property
    def longest(self) -> float | None:
        """The longest outage in seconds; None while one is not over, as nobody knows how long it takes."""
        return None if self._since else round(self._longest, 3)

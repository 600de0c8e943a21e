"""A ledger of a recording: texts by their keys as they were at each instant, kept as packed differences."""

import base64
import hashlib
import json
import zlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf
from typing import Any

Texts = Mapping[str, str]
EVERY = 32
"""Of so many states one is kept once it was worked out, so that a seek never goes far."""


@dataclass(frozen=True, slots=True)
class Delta:
    """What is other than before: texts by key, and keys that are gone."""

    put: Texts
    gone: tuple[str, ...] = ()

    def packed(self) -> str:
        """Return it as a text of a few bytes: differences of policies are mostly alike."""
        told = json.dumps({"put": dict(self.put), "gone": self.gone}, separators=(",", ":"))
        return base64.b64encode(zlib.compress(told.encode(), 9)).decode("ascii")

    @classmethod
    def unpacked(cls, text: str) -> "Delta":
        """Return what was packed; ValueError or KeyError when it is nothing of that kind."""
        try:
            told = json.loads(zlib.decompress(base64.b64decode(text, validate=True)))
        except zlib.error as error:
            raise ValueError(f"a difference cannot be unpacked: {error}") from error
        return cls(told["put"], tuple(told["gone"]))


@dataclass(slots=True)
class Ledger:
    """Grows line by line; nothing is unpacked before it is asked for. `digests` are equal for equal states."""

    name: str
    times: list[float] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    deltas: list[str] = field(default_factory=list)
    _kept: dict[int, Texts] = field(default_factory=dict)
    _last: tuple[int, Texts] = (-1, {})

    def feed(self, line: Mapping[str, Any]) -> None:
        """Take the ledger's next line; its time comes last, so that a thread that reads meanwhile finds it whole."""
        self.digests.append(line["digest"])
        self.deltas.append(line["delta"])
        self.times.append(float(line["t"]))

    def difference(self, texts: Texts) -> Delta | None:
        """Return how texts differ from the newest ones; None when they do not."""
        known = self.texts(inf) if self.times else {}
        put = {key: text for key, text in texts.items() if known.get(key) != text}
        gone = tuple(key for key in known if key not in texts)
        return Delta(put, gone) if put or gone or not self.times else None

    def take(self, t: float, delta: Delta) -> Mapping[str, Any]:
        """Take a difference as of an instant, and return its line."""
        now = dict(self.texts(inf) if self.times else {})
        _apply(now, delta)
        line = {"t": t, "ledger": self.name, "digest": _digest(now), "delta": delta.packed()}
        self.feed(line)
        self._last = (len(self.times) - 1, now)
        return line

    def digest(self, t: float) -> str:
        """Return the digest of the state at an instant; before the first line, of the first."""
        return self.digests[self._number(t)]

    def texts(self, t: float) -> Texts:
        """Return the texts at an instant, by key; before the first line, those of the first."""
        number = self._number(t)
        known = (*list(self._kept.items()), self._last, (-1, {}))
        start, found = max((one for one in known if one[0] <= number), key=lambda one: one[0])
        state = dict(found)
        for at in range(start + 1, number + 1):
            _apply(state, Delta.unpacked(self.deltas[at]))
            if at % EVERY == 0:
                self._kept[at] = dict(state)
        self._last = (number, state)
        return state

    def since(self, t: float) -> float:
        """Return since when the state at an instant stands."""
        return self.times[self._number(t)]

    def _number(self, t: float) -> int:
        return max(bisect_right(self.times, t) - 1, 0)


def _apply(state: dict[str, str], delta: Delta) -> None:
    for key in delta.gone:
        state.pop(key, None)
    state.update(delta.put)


def _digest(texts: Texts) -> str:
    return hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()[:16]

"""The seal of its user on a state and its journal: what a folder brings along, or a hand has changed, is not believed.

A state says what is ours where no tag does, and so what may be removed. Of a team's state that is its bucket's matter.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SEAL = "seal"
LENGTH = 32
"""Hexadecimal digits of a line's seal."""


class StateSeal:
    """Seals a state, and the lines of its journal in their order, under a key and for one state's name."""

    def __init__(self, key: bytes, name: str) -> None:
        self.key, self.name = key, name
        self._last = ""

    def of(self, text: str) -> str:
        """Return the seal of a text."""
        return hmac.digest(self.key, f"{self.name}\n{text}".encode(), hashlib.sha256).hex()

    def closed(self, text: str) -> str:
        """Return a state's JSON with its seal in it."""
        return json.dumps({**json.loads(text), SEAL: self.of(text)}, indent=1, sort_keys=True)

    def told(self, data: bytes | str) -> str | None:
        """Return the seal that a state bears, None where it is not this one's own."""
        try:
            document = json.loads(data)
            seal = str(document.pop(SEAL))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None
        return seal if hmac.compare_digest(seal, self.of(json.dumps(document, indent=1, sort_keys=True))) else None

    def begin(self) -> None:
        """Begin a journal anew."""
        self._last = ""

    def line(self, line: Mapping[str, Any]) -> dict[str, Any]:
        """Return a line of the journal with its seal, which follows from those that are written."""
        plain = json.loads(json.dumps(line, default=str))
        return {**plain, SEAL: self._next(self._last, plain)}

    def wrote(self, line: Mapping[str, Any]) -> None:
        """Go on from a sealed line: it is in the journal, whole."""
        self._last = str(line[SEAL])

    def believed(self, lines: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        """Yield the lines up to the first one that does not bear its seal."""
        last = ""
        for line in lines:
            plain = {name: value for name, value in line.items() if name != SEAL}
            last = self._next(last, plain)
            if not hmac.compare_digest(last, str(line.get(SEAL))):
                return
            yield plain

    def _next(self, last: str, line: Mapping[str, Any]) -> str:
        return self.of(f"{last}\n{json.dumps(line, sort_keys=True)}")[:LENGTH]

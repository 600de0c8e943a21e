"""The rule of a composite alarm: parsed once, judged with the states of the alarms that it names.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from twin.world.signals.alarm_state import State

TOKEN = re.compile(r"\s*(?:(?P<word>ALARM|OK|INSUFFICIENT_DATA|TRUE|FALSE|AND|OR|NOT)\b|(?P<mark>[()]))")
QUOTED = re.compile(r'\s*\(\s*(?:"(?P<double>[^"]+)"|\'(?P<single>[^\']+)\'|(?P<bare>[^()"\']+?))\s*\)')
LONGEST = 10_240
States = Callable[[str], State]


class RuleError(ValueError):
    """A rule that cannot be read; its text says what and where."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A part of a rule: `kind` is AND, OR, NOT, TRUE, FALSE or the state in which the alarm `name` must be."""

    kind: str
    parts: tuple["Rule", ...] = ()
    name: str = ""

    def holds(self, states: States) -> bool:
        """Tell whether the rule is met."""
        if self.kind == "AND":
            return all(part.holds(states) for part in self.parts)
        if self.kind == "OR":
            return any(part.holds(states) for part in self.parts)
        if self.kind == "NOT":
            return not self.parts[0].holds(states)
        if self.kind in ("TRUE", "FALSE"):
            return self.kind == "TRUE"
        return states(self.name) == self.kind

    def names(self) -> Iterator[str]:
        """Yield the alarms that the rule names, by name or ARN as written."""
        if self.name:
            yield self.name
        for part in self.parts:
            yield from part.names()


@cache
def parse_rule(text: str) -> Rule:
    """Read a rule; RuleError says what is wrong. AND binds closer than OR, NOT closest."""
    if not text or len(text) > LONGEST:
        raise RuleError("the rule is empty or too long")
    reader = _Reader(text)
    rule = reader.either()
    if reader.rest():
        raise RuleError(f"unexpected text at position {reader.place}")
    return rule


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0

    def rest(self) -> str:
        return self.text[self.place :].strip()

    def either(self) -> Rule:
        parts = [self.both()]
        while self.takes("OR"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Rule("OR", tuple(parts))

    def both(self) -> Rule:
        parts = [self.one()]
        while self.takes("AND"):
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else Rule("AND", tuple(parts))

    def one(self) -> Rule:
        found = TOKEN.match(self.text, self.place)
        if found is None:
            raise RuleError(f"an expression is wanted at position {self.place}")
        self.place = found.end()
        word = found["word"] or found["mark"]
        if word == "NOT":
            return Rule("NOT", (self.one(),))
        if word == "(":
            inner = self.either()
            if not self.takes(")"):
                raise RuleError(f"a closing parenthesis is wanted at position {self.place}")
            return inner
        if word in ("TRUE", "FALSE"):
            return Rule(word)
        if word in ("ALARM", "OK", "INSUFFICIENT_DATA"):
            return Rule(word, name=self.named())
        raise RuleError(f"an expression is wanted at position {found.start()}")

    def named(self) -> str:
        found = QUOTED.match(self.text, self.place)
        if found is None:
            raise RuleError(f"an alarm's name or ARN is wanted at position {self.place}")
        self.place = found.end()
        return found["double"] or found["single"] or found["bare"]

    def takes(self, word: str) -> bool:
        found = TOKEN.match(self.text, self.place)
        if found is None or (found["word"] or found["mark"]) != word:
            return False
        self.place = found.end()
        return True

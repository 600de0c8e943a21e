"""Finds a request that meets a formula: branches over what may hold, and asks each part of it whether it can."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from twin.semantics.iam.containment.formula import And, Fact, Formula, Or, negated
from twin.semantics.iam.containment.keys import Outcome
from twin.semantics.iam.containment.languages import Language
from twin.semantics.iam.containment.words import Demand, Sort, TooHard, witness

MOST_BRANCHES = 20_000


@dataclass(frozen=True)
class Space:
    """What requests there are: the ways in which each key's tests come out, and the columns of each principal."""

    keys: Mapping[str, tuple[Outcome, ...]]
    principals: Sequence[int]
    """For each principal the statements that speak of it, one bit each."""


@dataclass(frozen=True)
class Found:
    """Which requests are left: demands on the strings, the outcomes of each key, the principals, what is assumed."""

    action: frozenset[Demand] = frozenset()
    resource: frozenset[Demand] = frozenset()
    keys: Mapping[str, tuple[Outcome, ...]] = field(default_factory=dict)
    principals: tuple[int, ...] = ()
    open: frozenset[tuple[str, bool]] = frozenset()


class Search:
    """One search; TooHard when it branches too often."""

    def __init__(self, space: Space) -> None:
        self.space = space
        self.branches = 0

    def run(self, parts: Sequence[Formula]) -> Found | None:
        """Return what is left of the requests when all parts hold, None when nothing is."""
        start = Found(principals=tuple(range(len(self.space.principals))))
        return self._solve(start, list(parts), [])

    def _solve(self, found: Found | None, pending: list[Formula], choices: list[Or]) -> Found | None:
        while pending and found is not None:
            part = pending.pop()
            if isinstance(part, Fact):
                found = self.told(found, part)
            elif isinstance(part, And):
                pending += part.parts
            else:
                choices = [*choices, part]
        if found is None:
            return None
        best: list[Formula] | None = None
        chosen: Or | None = None
        left: list[Or] = []
        for choice in choices:
            able = [part for part in choice.parts if self._can(found, part)]
            if any(isinstance(part, Fact) and self.told(found, negated(part)) is None for part in able):
                continue  # it holds already
            left.append(choice)
            if best is None or len(able) < len(best):
                best, chosen = able, choice
            if not able:
                return None
        if best is None:
            return found
        rest = [choice for choice in left if choice is not chosen]
        for part in best:
            self.branches += 1
            if self.branches > MOST_BRANCHES:
                raise TooHard(f"more than {MOST_BRANCHES:,} combinations of statements")
            done = self._solve(found, [part], rest)
            if done is not None:
                return done
        return None

    def _can(self, found: Found, part: Formula) -> bool:
        """Return whether a part is worth a branch: its own facts do not contradict what is known, one by one."""
        if isinstance(part, Fact):
            return self.told(found, part) is not None
        if isinstance(part, And):
            return all(self._can(found, one) for one in part.parts)
        return any(self._can(found, one) for one in part.parts)

    def told(self, found: Found, fact: Fact) -> Found | None:
        """Return what is left of the requests when a fact holds, None when nothing is."""
        if isinstance(fact.subject, Language):
            return self._string(found, fact, fact.subject)
        if isinstance(fact.subject, tuple):
            key, place = fact.subject
            left = tuple(
                one for one in found.keys.get(key, self.space.keys[key]) if bool(one.bits >> place & 1) is fact.holds
            )
            return replace(found, keys={**found.keys, key: left}) if left else None
        if isinstance(fact.subject, int):
            place = fact.subject
            who = tuple(one for one in found.principals if bool(self.space.principals[one] >> place & 1) is fact.holds)
            return replace(found, principals=who) if who else None
        if (fact.subject, not fact.holds) in found.open:
            return None
        return replace(found, open=found.open | {(fact.subject, fact.holds)})

    def _string(self, found: Found, fact: Fact, language: Language) -> Found | None:
        sort: Sort = "action" if fact.kind == "action" else "resource"
        known = found.action if sort == "action" else found.resource
        demands = known | {Demand(language, fact.holds)}
        if demands != known and witness(sort, demands) is None:
            return None
        return replace(found, action=demands) if sort == "action" else replace(found, resource=demands)

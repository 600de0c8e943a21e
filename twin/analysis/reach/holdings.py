"""What every principal can do with every resource, decided once for all that no policy tells apart."""

import fnmatch
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from twin.analysis.reach.estate import named_in, pathless
from twin.analysis.reach.patterns import Patterns, allowed_patterns, resource_patterns
from twin.analysis.reach.reach import Class, Reach
from twin.analysis.reach.rules import kinds
from twin.analysis.reach.subject import Node, Subject
from twin.observe.iam.org import Account, Document, Thing

Item = TypeVar("Item")
CLASSES: tuple[Class, ...] = ("read", "write", "destroy", "persist")
_OF_THE_CALLER = re.compile(r"aws:(username|userid|principaltype|principaltag/)", re.IGNORECASE)
_OF_THE_RESOURCE = re.compile(r"(aws|iam|s3|ec2|secretsmanager):resourcetag/", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Holdings:
    """Who can do what, by groups: equal principals, equal resources, and the classes between two groups."""

    principals: tuple[tuple[str, ...], ...]
    resources: tuple[tuple[str, ...], ...]
    uses: Mapping[tuple[int, int], tuple[Class, ...]]

    def what_can(self, principal: str) -> dict[Class, set[str]]:
        """Return the resources of each class that a principal can use."""
        found: dict[Class, set[str]] = {name: set() for name in CLASSES}
        mine = next(place for place, group in enumerate(self.principals) if principal in group)
        for (who, what), classes in self.uses.items():
            for name in classes if who == mine else ():
                found[name].update(self.resources[what])
        return found

    def pairs(self) -> int:
        """Count the pairs of a principal and a resource that it can do something with."""
        return sum(len(self.principals[who]) * len(self.resources[what]) for who, what in self.uses)


def holdings(reach: Reach) -> Holdings:
    """Return what every principal can do with every resource of a kind that is classed."""
    return _Matrix(reach).fill()


class _Matrix:
    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.things = [one for kind in kinds() for one in reach.estate.things.get(kind, ())]
        self.subjects = {one: reach.ways.subject(Node(one)) for one in reach.principals()}
        self.shared = {text for one in self.subjects.values() for text in _limits(one)}
        self.shared |= {one.text for home in reach.estate.accounts.values() for one in _of_resources(home)}
        self.own = {source.text for one in self.subjects.values() for source in one.identity}
        self.policies = {one.policy for one in self.things if one.policy}
        self.policies |= {one.policy for listed in reach.estate.points.values() for one in listed if one.policy}
        texts = self.shared | self.own | self.policies
        self.patterns = Patterns(pattern for text in texts for pattern in resource_patterns(text)[0])
        self.tagged = any(_OF_THE_RESOURCE.search(text) for text in texts)
        self.named = frozenset().union(*(named_in(text) for text in self.policies)) | self._exceptions()
        self.callers_matter = any(_OF_THE_CALLER.search(text) for text in self.policies)
        self.callers = [value for text in self.shared | self.policies for value in _caller_values(text)]

    def _exceptions(self) -> set[str]:
        """Return every ARN that a resource's policy or a grant has in quotes: a Deny or a grant may name it too."""
        texts = [*self.policies, *(grant for one in self.things for grant in one.grants)]
        return {found for text in texts for found in re.findall(r'"(arn:aws[a-z-]*:iam::[^"*?]+)"', text)}

    def fill(self) -> Holdings:
        """Decide between every two groups that may have to do with each other."""
        people = _grouped(self.subjects, lambda arn: self._caller(arn, self.subjects[arn]))
        signatures = {one.arn: self.patterns.signature(one) for one in self.things}
        groups = _grouped(self.things, lambda one: self._resource(one, signatures[one.arn]))
        by_pattern: dict[int, set[int]] = defaultdict(set)
        open_ = set()  # their own policy may let in whoever has no policy about them
        for place, group in enumerate(groups):
            for number in signatures[group[0].arn]:
                by_pattern[number].add(place)
            if group[0].policy or group[0].grants or group[0].arn in self.reach.estate.points:
                open_.add(place)
        uses: dict[tuple[int, int], tuple[Class, ...]] = {}
        for who, alike in enumerate(people):
            for what in sorted(self._about(self.subjects[alike[0]], by_pattern, len(groups)) | open_):
                node, thing = Node(alike[0]), groups[what][0]
                found = tuple(name for name in CLASSES if self.reach.uses(node, thing, name) is not None)
                if found:
                    uses[who, what] = found
        return Holdings(tuple(people), tuple(tuple(one.arn for one in group) for group in groups), uses)

    def _about(self, subject: Subject, by_pattern: Mapping[int, set[int]], count: int) -> set[int]:
        """Return the groups of resources that a principal's own policies may allow something on."""
        found: set[int] = set()
        for source in subject.identity:
            patterns = allowed_patterns(source.text)
            if patterns is None:
                return set(range(count))
            for pattern in patterns:
                found |= by_pattern.get(self.patterns.number[pattern], set())
        return found

    def _caller(self, arn: str, subject: Subject) -> object:
        """Return what decisions see of a principal: equal for those that no policy tells apart."""
        texts = tuple(source.text for source in subject.identity)
        limits = tuple(_limits(subject))
        alone = arn in self.named or pathless(arn) in self.named or any("principalarn" in one.lower() for one in texts)
        alone = alone or any("${" in one for one in (*texts, *limits))
        mine = _OF_THE_CALLER.search("".join((*texts, *limits))) or self.callers_matter
        fits = tuple(fnmatch.fnmatchcase(arn, value) for value in self.callers)
        boundary = None if subject.boundary is None else tuple(source.text for source in subject.boundary)
        told = (subject.account, texts, boundary, subject.scps, subject.facts, subject.free_tags, subject.providers)
        return (arn if alone or mine else "", *told, fits)

    def _resource(self, thing: Thing, signature: frozenset[int]) -> object:
        """Return what decisions see of a resource: equal for those that no policy tells apart."""
        alone = not signature.isdisjoint(self.patterns.variable) or thing.arn in self.reach.estate.points
        tags = thing.tags if self.tagged else None
        return (thing.arn if alone else "", thing.kind, thing.account, thing.policy, thing.grants, tags, signature)


def _limits(subject: Subject) -> Iterator[str]:
    for source in subject.boundary or ():
        yield source.text
    for _, sources in subject.scps or ():
        yield from (source.text for source in sources)


def _of_resources(home: Account) -> Iterator[Document]:
    for _, documents in home.rcps or ():
        yield from documents


def _grouped(items: Iterable[Item], key: Callable[[Item], object]) -> list[tuple[Item, ...]]:
    found: dict[object, list[Item]] = defaultdict(list)
    for one in items:
        found[key(one)].append(one)
    return [tuple(group) for group in found.values()]


@lru_cache(maxsize=65536)
def _caller_values(text: str) -> tuple[str, ...]:
    """Return the values of conditions on aws:PrincipalArn."""
    found: list[str] = []
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        for keys in (statement.get("Condition") or {}).values():
            for key, values in keys.items():
                if key.lower() == "aws:principalarn":
                    found += [values] if isinstance(values, str) else values
    return tuple(found)

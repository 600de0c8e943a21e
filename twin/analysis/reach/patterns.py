"""Tells which patterns of an org's policies speak of a resource; what none tells apart is decided once."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from twin.observe.iam.org import Thing
from twin.semantics.iam.templates import arn_expression, whole_arn

_WILD = re.compile(r"[*?]|\$\{")


@lru_cache(maxsize=65536)
def resource_patterns(text: str) -> tuple[frozenset[str], bool]:
    """Return the patterns of all Resource and NotResource elements, and whether an Allow has a NotResource."""
    found: set[str] = set()
    spared = False
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        spared = spared or ("NotResource" in statement and statement["Effect"] == "Allow")
        for element in ("Resource", "NotResource"):
            found.update(_strings(statement.get(element, ())))
    return frozenset(found), spared


@lru_cache(maxsize=65536)
def allowed_patterns(text: str) -> frozenset[str] | None:
    """Return the Resource patterns of a policy's Allow statements; None where one may allow anything."""
    found: set[str] = set()
    statements = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] != "Allow":
            continue
        listed = set(_strings(statement.get("Resource", "*")))
        if "NotResource" in statement or any(not one.strip("*") for one in listed):
            return None
        found |= listed
    return frozenset(found)


def _strings(written: Any) -> Iterable[str]:
    return [written] if isinstance(written, str) else written


def _plain(pattern: str) -> str:
    """Take a variable for anything."""
    return re.sub(r"\$\{[^}]*\}", "*", pattern)


def _parted(pattern: str) -> bool:
    """Return whether a wildcard in a bucket's name comes before a slash: such a pattern ends inside of buckets."""
    head, slash, _ = _plain(pattern).partition("/")
    return bool(slash) and head.startswith("arn:aws:s3:::") and ("*" in head or "?" in head)


def _first_part(pattern: str) -> Any:
    head = _plain(pattern).partition("/")[0]
    return re.compile(arn_expression(((head, True),)), re.DOTALL).fullmatch


class Patterns:
    """The patterns of an org, found by the text before their first wildcard."""

    def __init__(self, patterns: Iterable[str]) -> None:
        self.number = {pattern: place for place, pattern in enumerate(sorted(set(patterns)))}
        self._heads: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        self._under: dict[str, set[int]] = defaultdict(set)
        self.variable: set[int] = set()
        for pattern, number in self.number.items():
            self._file(whole_arn(pattern), number)
        self._partial = [(number, _first_part(pattern)) for pattern, number in self.number.items() if _parted(pattern)]
        self._lengths = sorted({len(head) for head in self._heads})

    def _file(self, pattern: str, number: int) -> None:
        wild = _WILD.search(pattern)
        head = pattern[: wild.start()] if wild else pattern
        if "${" in pattern:
            self.variable.add(number)
        whole = re.compile(arn_expression(((_plain(pattern), True),)), re.DOTALL).fullmatch
        self._heads[head].append((number, whole if wild else None))
        # What is inside of a bucket may be named by a pattern that does not match the bucket's own ARN.
        bucket, slash, _ = head.partition("/")
        if slash:
            self._under[bucket].add(number)

    def matching(self, arn: str) -> Iterator[int]:
        """Yield the numbers of the patterns that match an ARN, a variable taken for anything."""
        for length in self._lengths:
            if length > len(arn):
                break
            for number, whole in self._heads.get(arn[:length], ()):
                if (whole is None and length == len(arn)) or (whole is not None and whole(arn)):
                    yield number

    def signature(self, thing: Thing) -> frozenset[int]:
        """Return the patterns that speak of a resource or of what is inside it."""
        found = set(self.matching(thing.arn))
        if thing.kind == "s3.bucket":
            found.update(self.matching(f"{thing.arn}/new"))
            found |= self._under.get(thing.arn, set())
            found.update(number for number, matches in self._partial if matches(thing.arn))
        return frozenset(found)

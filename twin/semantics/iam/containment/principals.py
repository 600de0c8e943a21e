"""The principals that policies can tell apart: those that they name, and somebody of each sort whom they do not."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from math import prod
from typing import Any, NamedTuple

from twin.semantics.iam.caller import caller
from twin.semantics.iam.containment.keys import Test, outcomes
from twin.semantics.iam.containment.words import TooHard
from twin.semantics.iam.mistake import QuestionError
from twin.semantics.iam.policy import Kind
from twin.semantics.iam.templates import Facts

Document = Mapping[str, Any]
MOST_WAYS = 2_000

FRESH = ("111122223333", "444455556666", "777788889999", *(f"{number:012d}" for number in range(1, 100)))
"""Accounts of which one that the documents do not name stands for all that they do not name."""
TIED = frozenset(
    {
        "aws:principalarn", "aws:principalaccount", "aws:principaltype", "aws:userid", "aws:username",
        "aws:principalisawsservice", "aws:principalservicename", "aws:principalservicenameslist",
        "aws:federatedprovider",
    }
)  # fmt: skip
"""Keys that follow from who the principal is."""
_ROLE = re.compile(r"arn:(aws[a-z-]*):iam::(\d{12}):role/(?:.*/)?([^/]+)", re.DOTALL)
_ACCOUNT = re.compile(r"\d{12}")


class Entry(NamedTuple):
    """A principal, with what its requests hold of the keys that follow from it."""

    principal: str
    facts: Facts


def entries(documents: Sequence[Document], kind: Kind, *, loose: bool) -> tuple[Entry, ...]:
    """Return one principal for each way in which the documents can speak of one.

    Strictly, each has just what the decision procedure knows of it. With `loose`, one whom the documents do not name
    stands for all of its sort: what is not the same for all of them comes out in every way that conditions tell apart.
    """
    tests: dict[str, list[Test]] = {}
    for test in dict.fromkeys(tied_tests(documents)):
        tests.setdefault(test.key, []).append(test)
    named = list(dict.fromkeys(_named(documents)))
    accounts = dict.fromkeys(_ACCOUNT.findall(json.dumps(list(documents))))
    found: dict[Entry, None] = {}
    for one in _candidates((documents, named, tests), kind):
        own = caller(one).facts
        keys = _free(one, named, accounts) & tests.keys() if loose else set()
        ways = [[(key, way.values) for way in outcomes(key, tests[key], present=key in own)] for key in sorted(keys)]
        if prod(map(len, ways)) > MOST_WAYS:
            raise TooHard(f"more than {MOST_WAYS:,} sorts of principals")
        for chosen in product(*ways):
            found[Entry(one, _Frozen({**own, **dict(chosen)}))] = None
    return tuple(found)


class _Frozen(dict[str, tuple[str, ...]]):
    """Facts that can be compared and hashed."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(frozenset(self.items()))


def _free(one: str, named: Sequence[str], accounts: Mapping[str, None]) -> set[str]:
    """Return the keys that are not the same for all whom a principal stands for."""
    who = caller(one)
    if who.kind in ("anonymous", "root"):
        return {"aws:principalaccount"} if who.account and who.account not in accounts else set()
    if one in named:
        return {"aws:userid"} if who.kind != "role" else {"aws:userid", "aws:principalarn"}
    free = {"aws:principalarn", "aws:userid", "aws:username"} - ({"aws:username"} if who.kind != "user" else set())
    if who.account is None:
        return {"aws:principalservicename", "aws:principalservicenameslist", "aws:federatedprovider"} & who.facts.keys()
    return free | ({"aws:principalaccount"} if who.account not in accounts else set())


def _candidates(what: tuple[Sequence[Document], Sequence[str], Mapping[str, Sequence[Test]]], kind: Kind) -> list[str]:
    documents, named, tests = what
    found: dict[str, None] = {}
    for one in (*named, *_told(tests.get("aws:principalarn", ()))):
        found[one] = None
        role = _ROLE.fullmatch(one)
        if role:
            found[f"arn:{role[1]}:sts::{role[2]}:assumed-role/{role[3]}/somebody"] = None
    accounts = dict.fromkeys(_ACCOUNT.findall(json.dumps(list(documents))))
    for account in (next(one for one in FRESH if one not in accounts), *accounts):
        found[f"arn:aws:iam::{account}:user/somebody"] = None
        found[f"arn:aws:iam::{account}:role/something"] = None
        found[f"arn:aws:sts::{account}:assumed-role/something/somebody"] = None
        if kind == "resource":
            found[f"arn:aws:sts::{account}:federated-user/somebody"] = None
            found[f"arn:aws:iam::{account}:root"] = None
    if kind == "resource":
        found |= dict.fromkeys(("anonymous", "something.amazonaws.com", "www.example.com"))
    return [one for one in found if _principal(one, kind)]


def _principal(written: str, kind: Kind) -> bool:
    """Return whether a text is a principal; of identity policies, one that can hold them."""
    try:
        who = caller(written)
    except QuestionError:
        return False
    return kind == "resource" or who.kind in ("user", "role", "session")


def _named(documents: Sequence[Document]) -> Iterator[str]:
    """Yield whom Principal and NotPrincipal elements list."""
    for statement in _statements(documents):
        for element in ("Principal", "NotPrincipal"):
            listed = statement.get(element)
            for values in listed.values() if isinstance(listed, Mapping) else ():
                yield from ([values] if isinstance(values, str) else values)


def tied_tests(documents: Sequence[Document]) -> Iterator[Test]:
    """Yield the tests of keys that follow from the principal, but for those with policy variables."""
    for document in documents:
        variables = document.get("Version") == "2012-10-17"
        for statement in _statements([document]):
            for operator, keys in (statement.get("Condition") or {}).items():
                for key, values in keys.items():
                    test = Test(operator, key.lower(), texts(values), variables)
                    if test.key in TIED and not test.open:
                        yield test


def _told(tests: Sequence[Test]) -> Iterator[str]:
    """Yield principals of each kind that conditions on their ARN tell apart."""
    for outcome in outcomes("aws:principalarn", tests) if tests else ():
        yield from outcome.values
    for test in tests:
        for value in test.values:
            yield value.replace("*", "x").replace("?", "x")


def texts(value: Any) -> tuple[str, ...]:
    """Return the values of an element as texts, those of JSON's truth values as IAM writes them."""
    listed = value if isinstance(value, list | tuple) else [value]
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in listed)


def _statements(documents: Sequence[Document]) -> Iterator[Mapping[str, Any]]:
    for document in documents:
        written = document["Statement"]
        yield from written if isinstance(written, list) else [written]

"""What a request can bring along under one condition key, as far as the policies tell values apart.

The conditions on a key only see which of finitely many kinds of value there are. One value of each kind stands for all
of its kind: strings by the automata of the patterns, numbers, dates and addresses by the ends of the intervals that
the policies name. What a list of values does to the conditions is asked of the compiled conditions themselves.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from ipaddress import ip_address
from itertools import chain, combinations, pairwise
from typing import NamedTuple

from twin.semantics.iam import values
from twin.semantics.iam.conditions import Condition, compile_conditions
from twin.semantics.iam.containment.languages import Language, arn_glob, glob, union, word
from twin.semantics.iam.containment.words import kinds_of_text
from twin.semantics.iam.templates import literal, template

MOST_KINDS_IN_A_LIST = 9
ODD = ("none", "?", "")
"""Values that are no number, date, address or truth; looked at last, as no request has them."""
ALWAYS = frozenset({"aws:resourceaccount"})
"""Keys that every request has, as the decision procedure makes them from the request itself."""
MULTIVALUED = frozenset(
    {
        "aws:calledvia", "aws:tagkeys", "aws:principalorgpaths", "aws:resourceorgpaths", "aws:sourceorgpaths",
        "aws:principalservicenameslist", "dynamodb:attributes", "dynamodb:leadingkeys", "dynamodb:select",
        "kms:encryptioncontextkeys", "kms:grantoperations", "route53:changeresourcerecordsetsactions",
        "route53:changeresourcerecordsetsnormalizedrecordnames", "route53:changeresourcerecordsetsrecordtypes",
        "s3:inventoryaccessibleoptionalfields", "secretsmanager:kmskeyarn", "ec2:attribute",
        "autoscaling:instancetypes", "elasticloadbalancing:listenerprotocol", "ses:recipients",
    }
)  # fmt: skip
"""Keys that may have several values although no set operator is asked of them here."""


class Test(NamedTuple):
    """One key of one operator, as written; `variables` says whether policy variables count."""

    operator: str
    key: str
    values: tuple[str, ...]
    variables: bool

    @property
    def open(self) -> bool:
        """Whether a value holds a policy variable, so that other keys decide as well."""
        return any(template(one, variables=self.variables).static is None for one in self.values)

    @property
    def plain(self) -> str:
        """The operator without its set prefix and IfExists."""
        return self.operator.rpartition(":")[2].removesuffix("IfExists")

    def compiled(self) -> Condition:
        """Return the question that the decision procedure asks."""
        return compile_conditions({self.operator: {self.key: list(self.values)}}, variables=self.variables)[0]


class Mixed(Exception):
    """A key is compared in ways whose kinds of value are not told apart together."""


class Outcome(NamedTuple):
    """What the tests of a key say of one list of values, the first test in the lowest bit."""

    bits: int
    values: tuple[str, ...]


def outcomes(key: str, tests: Sequence[Test], *, present: bool = False) -> tuple[Outcome, ...]:
    """Return every way in which the tests of a key can come out together, each with values that bring it about.

    With `present` the key is there whatever the request.

    Mixed when the tests compare in ways that cannot be told apart together; TooHard when the patterns are too many.
    """
    conditions = [test.compiled() for test in tests]
    listed = any(":" in test.operator for test in tests) or key in MULTIVALUED
    kinds = tuple(dict.fromkeys((*_kinds(tests), *ODD)))
    if listed and len(kinds) > MOST_KINDS_IN_A_LIST:
        raise Mixed(f"{key} is a list of {len(kinds)} kinds of value")
    several = chain.from_iterable(combinations(kinds, size) for size in range(2, len(kinds) + 1)) if listed else ()
    absent = () if present or key in ALWAYS else ((),)
    plain = [(kind,) for kind in kinds if kind not in ODD]
    found: dict[int, tuple[str, ...]] = {}
    for one in (*plain, *absent, *((kind,) for kind in ODD), *several):
        bits = sum(bool(condition({key: one})) << place for place, condition in enumerate(conditions))
        found.setdefault(bits, one)
    return tuple(Outcome(bits, one) for bits, one in found.items())


def _kinds(tests: Sequence[Test]) -> tuple[str, ...]:
    """Return one value of each kind."""
    makers = {_MAKERS[test.plain] for test in tests if test.plain != "Null"}
    if len(makers) > 1:
        raise Mixed(f"{tests[0].key} is compared in several ways ({', '.join(sorted({t.plain for t in tests}))})")
    return tuple(next(iter(makers))(tests)) if makers else ("x",)


def _strings(tests: Sequence[Test]) -> Iterable[str]:
    languages = tuple(dict.fromkeys(_language(test) for test in tests if test.plain != "Null"))
    return kinds_of_text(languages)


def _language(test: Test) -> Language:
    """Return the strings that match one of a test's values."""
    texts = [made for one in test.values if (made := template(one, variables=test.variables).static) is not None]
    if test.plain.endswith("Like") and test.plain.startswith("String"):
        return union([glob(text) for text in texts])
    if test.plain.startswith("Arn"):
        return union([arn_glob(text) for text in texts])
    fold = test.plain.endswith("IgnoreCase")
    return union([word(literal(text).lower() if fold else literal(text)) for text in texts], fold=fold)


def _bounds(tests: Sequence[Test], reader: Callable[[str], Decimal | None]) -> list[Decimal]:
    read = (reader(value) for test in tests if test.plain != "Null" for value in test.values)
    return sorted({one for one in read if one is not None})


def _points(bounds: Sequence[Decimal]) -> Iterator[Decimal]:
    """Yield each bound, a point between neighbours, and one beyond each end."""
    for low, high in pairwise(bounds):
        yield low
        yield (low + high) / 2
    if bounds:
        yield bounds[-1]
        yield bounds[-1] + 1
        yield bounds[0] - 1


def _numbers(tests: Sequence[Test]) -> Iterable[str]:
    return [format(one, "f") for one in _points(_bounds(tests, values.number))]


def _instants(tests: Sequence[Test]) -> Iterable[str]:
    points = (format(one, "f") for one in _points(_bounds(tests, values.instant)))
    # Four digits alone would be a year.
    return [one if "." in one else f"{one}.0" for one in points]


def _truths(_: Sequence[Test]) -> Iterable[str]:
    return ["true", "false"]


def _binaries(tests: Sequence[Test]) -> Iterable[str]:
    named = [value for test in tests for value in test.values]
    fresh = next(one for one in ("eA==", "eHg=", "eHh4", "eHh4eA==", "eHh4eHg=") if one not in named)
    return [*named, fresh]


def _addresses(tests: Sequence[Test]) -> Iterable[str]:
    """Return the first and last address of each range and their neighbours, which are all that ranges tell apart."""
    networks = [
        n for test in tests if test.plain != "Null" for v in test.values if (n := values.network(v)) is not None
    ]
    found: dict[str, None] = {}
    for one in networks:
        first, last = int(one.network_address), int(one.broadcast_address)
        size = one.max_prefixlen // 8
        for number in (first, last, last + 1, first - 1):
            if 0 <= number < 256**size:
                found[str(ip_address(number.to_bytes(size, "big")))] = None
    return [*found, "203.0.113.77", "2001:db8::77"]


_COMPARED = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
Maker = Callable[[Sequence[Test]], Iterable[str]]
_MAKERS: dict[str, Maker] = {
    **dict.fromkeys(
        (
            "StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike",
            "StringNotLike", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike",
        ), _strings,
    ),
    **{f"Numeric{name}": _numbers for name in _COMPARED},
    **{f"Date{name}": _instants for name in _COMPARED},
    "Bool": _truths, "BinaryEquals": _binaries, "IpAddress": _addresses, "NotIpAddress": _addresses,
}  # fmt: skip

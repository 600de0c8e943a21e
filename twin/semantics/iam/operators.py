"""The condition operators: each compiles the values of a policy to one test of one value of the request.

From "IAM JSON policy elements: Condition operators". A value of the request that cannot be read as the operator's type
matches nothing; a value of the policy that cannot be read is an error.
"""

import operator
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from twin.semantics.iam import values
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.templates import Facts, Template, Text, arn_expression, arn_like, like, literal, template

Test = Callable[[str, Facts], object]
"""Truthy when one value of the request matches any of the policy's values."""

Compile = Callable[[tuple[str, ...], bool], Test]
"""Compiles a policy's values; the flag says whether variables count (version 2012-10-17)."""


def _templates(written: tuple[str, ...], variables: bool) -> tuple[list[Text], list[Template]]:
    """Split the values into those known now and those that need the request."""
    known: list[Text] = []
    open_: list[Template] = []
    for value in written:
        made = template(value, variables=variables)
        text = made.static
        if text is None:
            open_.append(made)
        else:
            known.append(text)
    return known, open_


def _equals(fold: Callable[[str], str] | None) -> Compile:
    """Compare whole strings, wildcards being plain characters; `fold` makes letter case irrelevant."""

    def compile_(written: tuple[str, ...], variables: bool) -> Test:
        known, open_ = _templates(written, variables)
        texts = frozenset(literal(text) if fold is None else fold(literal(text)) for text in known)
        if not open_:
            return (lambda value, _: value in texts) if fold is None else (lambda value, _: fold(value) in texts)

        def test(value: str, facts: Facts) -> bool:
            value = value if fold is None else fold(value)
            if value in texts:
                return True
            resolved = (literal(text) for made in open_ if (text := made.resolve(facts)) is not None)
            return value in resolved if fold is None else value in map(fold, resolved)

        return test

    return compile_


def _patterns(matcher: Callable[[Text], Callable[[str], object]]) -> Compile:
    """Compare with patterns."""

    def compile_(written: tuple[str, ...], variables: bool) -> Test:
        known, open_ = _templates(written, variables)
        matchers = tuple(matcher(text) for text in known)
        if len(matchers) == 1 and not open_:
            only = matchers[0]
            return lambda value, _: only(value)

        def test(value: str, facts: Facts) -> bool:
            if any(matches(value) for matches in matchers):
                return True
            return any(matcher(text)(value) for made in open_ if (text := made.resolve(facts)) is not None)

        return test

    return compile_


def _arns() -> Compile:
    """Compare ARNs segment by segment; ArnEquals and ArnLike behave alike."""
    compile_patterns = _patterns(arn_like)

    def compile_(written: tuple[str, ...], variables: bool) -> Test:
        known, open_ = _templates(written, variables)
        if open_ or not known:
            return compile_patterns(written, variables)
        match = re.compile("|".join(f"(?:{arn_expression(text)})" for text in known), re.DOTALL).fullmatch
        return lambda value, _: match(value)

    return compile_


def _read(reader: Callable[[str], Any], what: str, written: tuple[str, ...]) -> tuple[Any, ...]:
    """Read each value of a policy, or say which is not what it should be."""
    read = []
    for value in written:
        got = reader(value)
        if got is None:
            raise PolicyError(f"{value!r} is no {what}", "Condition")
        read.append(got)
    return tuple(read)


def _ordered(
    reader: Callable[[str], Decimal | None], what: str, compare: Callable[[Decimal, Decimal], bool]
) -> Compile:
    """Compare numbers or instants."""

    def compile_(written: tuple[str, ...], _: bool) -> Test:
        bounds = _read(reader, what, written)

        def test(value: str, _: Facts) -> bool:
            got = reader(value)
            return got is not None and any(compare(got, bound) for bound in bounds)

        return test

    return compile_


def _boolean(written: tuple[str, ...], variables: bool) -> Test:
    known, open_ = _templates(written, variables)
    wanted = frozenset(_read(values.truth, "boolean: true or false", tuple(literal(text) for text in known)))
    if not open_:
        return lambda value, _: values.truth(value) in wanted

    def test(value: str, facts: Facts) -> bool:
        got = values.truth(value)
        resolved = (values.truth(literal(text)) for made in open_ if (text := made.resolve(facts)) is not None)
        return got in wanted or (got is not None and got in resolved)

    return test


def _binary(written: tuple[str, ...], _: bool) -> Test:
    wanted = frozenset(_read(values.binary, "base64", written))
    return lambda value, _: values.binary(value) in wanted


def _network(written: tuple[str, ...], _: bool) -> Test:
    networks = _read(values.network, "IP address or CIDR range", written)

    def test(value: str, _: Facts) -> bool:
        address = values.address(value)
        return address is not None and any(address in network for network in networks)

    return test


def _family(name: str, reader: Callable[[str], Decimal | None], what: str) -> dict[str, tuple[Compile, bool]]:
    return {
        f"{name}Equals": (_ordered(reader, what, operator.eq), False),
        f"{name}NotEquals": (_ordered(reader, what, operator.eq), True),
        f"{name}LessThan": (_ordered(reader, what, operator.lt), False),
        f"{name}LessThanEquals": (_ordered(reader, what, operator.le), False),
        f"{name}GreaterThan": (_ordered(reader, what, operator.gt), False),
        f"{name}GreaterThanEquals": (_ordered(reader, what, operator.ge), False),
    }


OPERATORS: Mapping[str, tuple[Compile, bool]] = {
    "StringEquals": (_equals(None), False),
    "StringNotEquals": (_equals(None), True),
    "StringEqualsIgnoreCase": (_equals(str.lower), False),
    "StringNotEqualsIgnoreCase": (_equals(str.lower), True),
    "StringLike": (_patterns(like), False),
    "StringNotLike": (_patterns(like), True),
    **_family("Numeric", values.number, "number"),
    **_family("Date", values.instant, "date: ISO 8601 or seconds since 1970"),
    "Bool": (_boolean, False),
    "BinaryEquals": (_binary, False),
    "IpAddress": (_network, False),
    "NotIpAddress": (_network, True),
    "ArnEquals": (_arns(), False),
    "ArnLike": (_arns(), False),
    "ArnNotEquals": (_arns(), True),
    "ArnNotLike": (_arns(), True),
}
"""Each operator: how it compiles, and whether it is negated (nothing may match)."""

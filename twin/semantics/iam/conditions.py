"""The Condition element: operators, keys and values to one question about the request.

All operators and all keys must hold (AND); of a key's values one must match (OR), of a negated operator's none (NOR).
An absent key fails a test and passes a negated one; `…IfExists` passes it. `ForAllValues:` asks it of every value of
the request and passes when there is none; `ForAnyValue:` of at least one, and fails when there is none.
"""

import difflib
from collections.abc import Callable, Mapping
from typing import Any

from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.operators import OPERATORS, Test
from twin.semantics.iam.templates import Facts
from twin.semantics.iam.values import truth

Condition = Callable[[Facts], object]
"""Truthy when the request meets one key of one operator."""

_SETS = ("ForAllValues", "ForAnyValue")


def compile_conditions(block: Any, *, variables: bool) -> tuple[Condition, ...]:
    """Compile a Condition element; PolicyError names what is none of the language."""
    if not isinstance(block, Mapping):
        raise PolicyError("an object of operators is wanted", "Condition")
    conditions = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            raise PolicyError(f"{operator} wants an object of condition keys", "Condition")
        if len({key.lower() for key in keys}) < len(keys):
            raise PolicyError(f"{operator} has a key twice, in different letter case", "Condition")
        for key, written in keys.items():
            if ":" not in key:
                raise PolicyError(f"{key!r} is no condition key: it has no prefix such as aws:", "Condition")
            conditions.append(_compile(operator, key.lower(), _values(key, written), variables))
    return tuple(conditions)


def _values(key: str, written: Any) -> tuple[str, ...]:
    """Return a key's values as strings; JSON's booleans and numbers are taken as their text."""
    found = []
    for value in written if isinstance(written, list) else [written]:
        if isinstance(value, bool):
            found.append("true" if value else "false")
        elif isinstance(value, str | int | float):
            found.append(str(value))
        else:
            raise PolicyError(f"a value of {key} is {type(value).__name__}; strings are wanted", "Condition")
    return tuple(found)


def _compile(operator: str, key: str, written: tuple[str, ...], variables: bool) -> Condition:
    if operator == "Null":
        return _null(key, written)
    set_, colon, name = operator.rpartition(":")
    if_exists = name.endswith("IfExists")
    found = OPERATORS.get(name.removesuffix("IfExists"))
    if found is None or (colon and set_ not in _SETS):
        raise PolicyError(f"{operator} is no condition operator{_suggestion(name)}", "Condition")
    compile_, negated = found
    try:
        test = compile_(written, variables)
    except PolicyError as error:
        error.element = "Condition"
        raise
    if set_:
        return _quantified(key, test, negated, every=set_ == "ForAllValues", absent=if_exists)
    return _plain(key, test, negated, absent=if_exists or negated)


def _suggestion(name: str) -> str:
    near = difflib.get_close_matches(name, [*OPERATORS, "Null"], 1)
    return f"; did you mean {near[0]}?" if near and near[0] != name else ""


def _plain(key: str, test: Test, negated: bool, *, absent: bool) -> Condition:
    """Return what an operator without a set prefix asks; of several values of the request one may match."""

    def holds(facts: Facts) -> object:
        found = facts.get(key)
        if not found:
            return absent
        matched = test(found[0], facts) if len(found) == 1 else any(test(value, facts) for value in found)
        return not matched if negated else matched

    return holds


def _quantified(key: str, test: Test, negated: bool, *, every: bool, absent: bool) -> Condition:
    """Return what an operator with a set prefix asks; only empty strings are as good as no value."""
    quantifier = all if every else any

    def holds(facts: Facts) -> object:
        found = facts.get(key)
        if not found or not any(found):
            return every or (absent and not found)
        return quantifier(bool(test(value, facts)) is not negated for value in found)

    return holds


def _null(key: str, written: tuple[str, ...]) -> Condition:
    wanted = set()
    for value in written:
        read = truth(value)
        if read is None:
            raise PolicyError(f"Null wants true or false, not {value!r}", "Condition")
        wanted.add(read)
    return lambda facts: (not facts.get(key)) in wanted

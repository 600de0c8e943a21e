"""Compiled rule expressions, kept by their text; they are asked about one request many times over."""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from twin.semantics.rules import compiled, parse, plain
from twin.semantics.rules.parsing import Form
from twin.semantics.rules.values import Fields

Lists = Mapping[str, Sequence[Any]]
RESPONSE_FIELDS = ("http.response.", "cf.response.")


def holds(expression: str, fields: Fields, lists: Lists) -> bool:
    """Tell whether a request matches; RuleError for an expression that cannot be evaluated."""
    return _rule(expression, "filter", _written(lists))(fields) is True


def value(expression: str, fields: Fields, lists: Lists) -> Any:
    """Return what a value expression says, as plain data; None when a part is missing, RuleError as above."""
    return plain(_rule(expression, "value", _written(lists))(fields))


def reads_response(expression: str) -> bool:
    """Tell whether an expression asks about the response, so that it can only be evaluated after it."""
    return any(name in expression for name in RESPONSE_FIELDS)


def _written(lists: Lists) -> str:
    return json.dumps(lists, sort_keys=True) if lists else ""


@lru_cache(maxsize=8192)
def _rule(expression: str, form: Form, lists: str) -> Callable[[Fields], Any]:
    return compiled(parse(expression, form), json.loads(lists) if lists else {})

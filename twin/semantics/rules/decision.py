"""One question about one request: what an expression says of the fields."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from twin.semantics.rules.compiling import compiled
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.parsing import Form, parse
from twin.semantics.rules.syntax import Expression
from twin.semantics.rules.values import fields, plain

FORMS: tuple[Form, ...] = ("any", "filter", "value")


def decide(question: Mapping[str, Any]) -> dict[str, Any]:
    """Answer `{id, expression, fields}` with `{id, value}` or `{id, error: {message, offset}}`.

    Optional: `lists` (name to items), `phase` (refuses what the phase does not have), `form` (filter or
    value; without it the expression shows which it is). A missing value is null.
    """
    identity = {"id": question["id"]} if "id" in question else {}
    try:
        return {**identity, "value": _evaluated(question)}
    except RuleError as mistake:
        return {**identity, "error": {"message": mistake.message, "offset": mistake.offset}}


def _evaluated(question: Mapping[str, Any]) -> Any:
    text, form = question.get("expression"), question.get("form", "any")
    if not isinstance(text, str):
        raise RuleError("`expression` must be a string", 0)
    if form not in FORMS:
        raise RuleError(f"`form` must be one of {', '.join(FORMS)}", 0)
    given, lists = question.get("fields", {}), question.get("lists", {})
    if not isinstance(given, Mapping) or not isinstance(lists, Mapping):
        raise RuleError("`fields` and `lists` must be objects", 0)
    if not all(isinstance(items, list) for items in lists.values()):
        raise RuleError("every list of `lists` must be a list of items", 0)
    phase = question.get("phase")
    if phase is not None and not isinstance(phase, str):
        raise RuleError("`phase` must be a string", 0)
    rule = compiled(_parsed(text, form, phase), lists)
    return plain(rule(fields(given)))


@lru_cache(maxsize=4096)
def _parsed(text: str, form: Form, phase: str | None) -> Expression:
    return parse(text, form, phase)

"""Every expression of a rule, parsed: its condition, what it counts, the values that its action computes."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.resources.reference import unknown
from twin.semantics.rules import LONGEST, RuleError, parse
from twin.semantics.rules.parsing import Form


def mistakes(rule: Mapping[str, Any], phase: str) -> Iterator[str]:
    """Yield what is wrong with the expressions of a rule, given as the API takes it."""
    yield from _mistakes("its expression", rule.get("expression"), "filter", phase)
    counted = (rule.get("ratelimit") or {}).get("counting_expression")
    yield from _mistakes("its counting expression", counted, "filter", None)
    for path, text in _computed(rule.get("action_parameters"), ""):
        yield from _mistakes(f"the expression of its action at {path}", text, "value", phase)


def _mistakes(what: str, text: Any, form: Form, phase: str | None) -> Iterator[str]:
    if not isinstance(text, str) or not text or unknown(text) or len(text) > LONGEST:
        return
    try:
        parse(text, form, phase)
    except RuleError as mistake:
        yield f"{what} is wrong at character {mistake.offset}: {mistake.message}"


def _computed(parameters: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(parameters, Mapping):
        for name, value in parameters.items():
            below = f"{path}.{name}" if path else name
            if name == "expression":
                yield below, value
            yield from _computed(value, below)

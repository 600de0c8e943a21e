"""Whether a rule's expression is one of the rules language, and whether it needs regular expressions."""

import re

from twin.semantics.rules import LONGEST, RuleError, parse
from twin.semantics.rules.parsing import Form

STRING = re.compile(r"r(?P<hashes>#*)\"[\s\S]*?\"(?P=hashes)(?!#)|\"(?:[^\"\\]|\\[\s\S])*\"")
REGEX = re.compile(r"(?<![\w.])(matches|~)(?![\w.])")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def without_strings(expression: str) -> str:
    """Return the expression with every string blanked, so that positions stay."""
    return STRING.sub(_blank, expression)


def flaw(expression: object, form: Form = "filter") -> str | None:
    """Return what is wrong with an expression, None when nothing is; the place is (line:column), from 1."""
    if not isinstance(expression, str) or not expression.strip():
        return "the expression cannot be empty"
    if len(expression) > LONGEST:
        return f"the expression has {len(expression)} characters, the maximum is {LONGEST}"
    try:
        parse(expression, form)
    except RuleError as mistake:
        return f"filter parsing error ({_place(expression, mistake.offset)}): {mistake.message}"
    return None


def _place(expression: str, offset: int) -> str:
    before = expression[:offset].split("\n")
    return f"{len(before)}:{len(before[-1]) + 1}"


def uses_regex(expression: str) -> bool:
    """Tell whether an expression matches against a regular expression, which not every plan may."""
    return REGEX.search(without_strings(expression)) is not None

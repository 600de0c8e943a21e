"""The outer form of a rule expression: its length, its strings and its brackets; the language itself is not parsed."""

import re

LIMIT = 4096  # developers.cloudflare.com/ruleset-engine/rules-language/expressions
STRING = re.compile(r"r(?P<hashes>#*)\"[\s\S]*?\"(?P=hashes)(?!#)|\"(?:[^\"\\]|\\[\s\S])*\"")
PAIRS = {")": "(", "}": "{", "]": "["}
REGEX = re.compile(r"(?<![\w.])(matches|~)(?![\w.])")


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def without_strings(expression: str) -> str:
    """Return the expression with every string blanked, so that positions stay."""
    return STRING.sub(_blank, expression)


def flaw(expression: object) -> str | None:
    """Return what is wrong with the outer form of an expression, None when nothing is."""
    if not isinstance(expression, str) or not expression.strip():
        return "the expression cannot be empty"
    if len(expression) > LIMIT:
        return f"the expression has {len(expression)} characters, the maximum is {LIMIT}"
    bare = without_strings(expression)
    if '"' in bare:
        return f"filter parsing error (1:{bare.find(chr(34)) + 1}): missing ending quote"
    opened: list[tuple[str, int]] = []
    for column, sign in enumerate(bare, start=1):
        if sign in PAIRS.values():
            opened.append((sign, column))
        elif sign in PAIRS and (not opened or opened.pop()[0] != PAIRS[sign]):
            return f"filter parsing error (1:{column}): unrecognised input"
    if opened:
        return f"filter parsing error (1:{opened[-1][1]}): missing the end of '{opened[-1][0]}'"
    return None


def uses_regex(expression: str) -> bool:
    """Tell whether an expression matches against a regular expression, which not every plan may."""
    return REGEX.search(without_strings(expression)) is not None

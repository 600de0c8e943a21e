"""Values of a policy that may hold wildcards and policy variables, and the patterns that they become.

Variables count in version 2012-10-17 only; `${*}`, `${?}` and `${$}` stand for the characters themselves. A variable
whose key is absent or has several values is null unless it has a default: nothing equals it and nothing is like it
("IAM policy elements: Variables and tags").
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from twin.semantics.iam.mistake import PolicyError

Facts = Mapping[str, tuple[str, ...]]
"""The request's context: condition keys in lower case, and their values."""

Text = tuple[tuple[str, bool], ...]
"""A resolved value: stretches of text, each with whether its `*` and `?` are wildcards."""

_VARIABLE = re.compile(r"\$\{((?:[^}']|'[^']*')*)\}")
_INSIDE = re.compile(r"\s*([^,']+?)\s*(?:,\s*'((?:[^']|'')*)'\s*)?")


@dataclass(frozen=True, slots=True)
class Variable:
    """`${key, 'default'}`."""

    key: str
    default: str | None

    def value(self, facts: Facts) -> str | None:
        """Return the one value of the key, else the default; None when there is neither."""
        values = facts.get(self.key)
        return values[0] if values is not None and len(values) == 1 else self.default


@dataclass(frozen=True, slots=True)
class Template:
    """One value of a policy, split into text and variables."""

    parts: tuple[tuple[str, bool] | Variable, ...]

    @property
    def static(self) -> Text | None:
        """Return the text when no variable is in it."""
        texts = tuple(part for part in self.parts if not isinstance(part, Variable))
        return texts if len(texts) == len(self.parts) else None

    def resolve(self, facts: Facts) -> Text | None:
        """Put the values of the variables in, literally; None when one of them is null."""
        texts: list[tuple[str, bool]] = []
        for part in self.parts:
            if isinstance(part, Variable):
                value = part.value(facts)
                if value is None:
                    return None
                texts.append((value, False))
            else:
                texts.append(part)
        return tuple(texts)


def template(value: str, *, variables: bool) -> Template:
    """Split a value of a policy; PolicyError when what stands in `${…}` is no variable."""
    if not variables or "${" not in value:
        return Template(((value, True),))
    parts: list[tuple[str, bool] | Variable] = []
    at = 0
    for match in _VARIABLE.finditer(value):
        if match.start() > at:
            parts.append((_plain(value[at : match.start()]), True))
        parts.append((match[1], False) if match[1] in ("*", "?", "$") else _variable(match[1]))
        at = match.end()
    if at < len(value):
        parts.append((_plain(value[at:]), True))
    return Template(tuple(parts))


def _plain(text: str) -> str:
    """Return what stands between variables; one that does not end there is a mistake and no text."""
    if "${" in text:
        raise PolicyError(f"a policy variable in {text!r} is not closed")
    return text


def escaped(text: str, version: str) -> str:
    """Write a text so that a policy of a version takes its wildcards and variables for plain characters."""
    if version != "2012-10-17":
        return text
    return "".join(f"${{{character}}}" if character in "*?$" else character for character in text)


def whole_arn(resource: str) -> str:
    """Complete an ARN of fewer than six fields with `*`, as AWS does ("IAM identifiers"); `*` alone is no ARN."""
    missing = 5 - _VARIABLE.sub("", resource).count(":")
    return resource + ":*" * missing if resource.startswith("arn:") else resource


def _variable(inside: str) -> Variable:
    found = _INSIDE.fullmatch(inside)
    if found is None:
        raise PolicyError(f"${{{inside}}} is no policy variable; one reads ${{key}} or ${{key, 'default'}}")
    default = found[2]
    return Variable(found[1].lower(), None if default is None else default.replace("''", "'"))


def literal(text: Text) -> str:
    """Return the text as it stands, wildcards being plain characters."""
    return "".join(stretch for stretch, _ in text)


Matcher = Callable[[str], object]
"""Truthy when a string of the request matches."""


@lru_cache(maxsize=8192)
def like(text: Text) -> Matcher:
    """Compile a text whose `*` is any run of characters and `?` any one."""
    whole = literal(text)
    active = [character for character, wild in _units(text) if wild and character in "*?"]
    # Most actions of policies are names or beginnings of names, and an expression is costly to compile.
    if not active:
        return whole.__eq__
    if active == ["*"] and text[-1][1] and whole.endswith("*"):
        beginning = whole[:-1]
        return lambda value: value.startswith(beginning)
    return re.compile(_glob(_units(text), "."), re.DOTALL).fullmatch


@lru_cache(maxsize=8192)
def arn_like(text: Text) -> Matcher:
    """Compile an ARN pattern: a wildcard stays within its colon-separated segment, the last segment takes the rest."""
    return re.compile(arn_expression(text), re.DOTALL).fullmatch


def arn_expression(text: Text) -> str:
    """Return the regular expression of an ARN pattern."""
    segments: list[list[tuple[str, bool]]] = [[]]
    for character, active in _units(text):
        if active and character == ":" and len(segments) < 6:
            segments.append([])
        else:
            segments[-1].append((character, active))
    head = [_glob(segment, "[^:]") for segment in segments[:-1]]
    return ":".join([*head, _glob(segments[-1], ".")])


def _units(text: Text) -> list[tuple[str, bool]]:
    return [(character, active) for stretch, active in text for character in stretch]


def _glob(units: list[tuple[str, bool]], anything: str) -> str:
    """Translate wildcards; each run of text after a `*` is sought once (atomic), so that no pattern backtracks far."""
    chunks = [""]
    for character, active in units:
        if active and character == "*":
            chunks.append("")
        elif active and character == "?":
            chunks[-1] += anything
        else:
            chunks[-1] += re.escape(character)
    first, *rest = chunks
    if not rest:
        return first
    middle = "".join(f"(?>{anything}*?{chunk})" for chunk in rest[:-1] if chunk)
    return f"{first}{middle}{anything}*{rest[-1]}"

"""The grammar of IAM policy documents: which elements there are, where, and of which shape."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from twin.resources.aws.facts import facts
from twin.resources.canonical import document, text
from twin.resources.reference import PATTERN
from twin.resources.resource import Problem
from twin.spec.suggest import suggestion

TOP = frozenset({"Version", "Id", "Statement"})
ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
QUALIFIED = re.compile(r"(?:(?:ForAllValues|ForAnyValue):)?([A-Za-z]+?)(?:IfExists)?")


def statements(policy: Any) -> list[Mapping[str, Any]]:
    """Return the statements of a document, whether it holds one or a list; what is no mapping is left out."""
    content = document(policy)
    found = content.get("Statement", []) if isinstance(content, Mapping) else []
    return [s for s in (found if isinstance(found, list) else [found]) if isinstance(s, Mapping)]


def listed(value: Any) -> list[Any]:
    """Return an element's value as a list: one may stand alone, none is empty."""
    return [] if value is None else list(value) if isinstance(value, list | tuple) else [value]


def smallest_size(policy: Any) -> int:
    """Count a document's characters as IAM does, without white space outside of texts.

    References count nothing, since their values are not known yet: the true size is never smaller.
    """
    return len(PATTERN.sub("", text(document(policy))))


def grammar(policy: Any, field: str) -> Iterator[Problem]:
    """Yield what breaks the grammar (IAM user guide, "Grammar of the IAM JSON policy language")."""

    def wrong(message: str, help_: str | None = None) -> Problem:
        return Problem("TW0441", f"{field}: {message}", field, help_)

    content = document(policy)
    if not isinstance(content, Mapping):
        yield wrong("a policy document is a mapping")
        return
    for key in sorted(set(content) - TOP):
        yield wrong(f"a policy document has no element {key!r}", suggestion(key, TOP))
    versions = facts("iam")["policy_versions_of_the_language"]
    version = content.get("Version")
    if version is not None and version not in versions:
        yield wrong(f"Version {version!r} is none", f"it is one of {', '.join(versions)}")
    found = statements(content)
    if not found:
        yield wrong("there is no statement")
    sids: set[str] = set()
    for number, statement in enumerate(found, 1):
        name = f"statement {statement.get('Sid') or number}"
        for message, help_ in _statement(statement):
            yield wrong(f"{name}: {message}", help_)
        sid = statement.get("Sid")
        if isinstance(sid, str) and sid:
            if sid in sids:
                yield wrong(f"two statements have the Sid {sid!r}")
            sids.add(sid)


def _statement(statement: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for key in sorted(set(statement) - ELEMENTS):
        yield f"there is no element {key!r}", suggestion(key, ELEMENTS)
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield f"Effect is {statement.get('Effect')!r}", "it is Allow or Deny"
    if ("Action" in statement) == ("NotAction" in statement):
        yield "it needs either Action or NotAction", None
    if "Resource" in statement and "NotResource" in statement:
        yield "it has both Resource and NotResource", None
    if "Principal" in statement and "NotPrincipal" in statement:
        yield "it has both Principal and NotPrincipal", None
    for element in ("Action", "NotAction", "Resource", "NotResource"):
        if element in statement and not all(isinstance(i, str) and i for i in listed(statement[element])):
            yield f"{element} holds something that is no text", None
        if element in statement and not listed(statement[element]):
            yield f"{element} is empty", None
    for resource in (i for e in ("Resource", "NotResource") for i in listed(statement.get(e))):
        if isinstance(resource, str) and resource != "*" and not re.match(r"arn:|\$\{", resource):
            yield f"resource {resource!r} is neither an ARN nor *", None
    if "Condition" in statement:
        yield from _condition(statement["Condition"])


def _condition(condition: Any) -> Iterator[tuple[str, str | None]]:
    operators = facts("iam")["condition_operators"]
    if not isinstance(condition, Mapping):
        yield "Condition is not a mapping of operators", None
        return
    for operator, keys in condition.items():
        match = QUALIFIED.fullmatch(operator)
        if match is None or match[1] not in operators:
            yield f"there is no condition operator {operator!r}", suggestion(operator, operators)
        if not isinstance(keys, Mapping) or not keys:
            yield f"condition operator {operator} holds no mapping of keys", None
        elif any(":" not in key for key in keys):
            yield f"condition operator {operator}: a condition key is written service:key", None

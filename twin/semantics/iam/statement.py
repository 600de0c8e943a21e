"""One statement of a policy, compiled."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam.case import Case
from twin.semantics.iam.conditions import Condition, compile_conditions
from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.principals import Grade, Principals, compile_principals
from twin.semantics.iam.templates import Template, Text, arn_expression, arn_like, like, template, whole_arn

_ELEMENTS = frozenset(
    "Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition".split()  # noqa: SIM905
)
_ACTION = re.compile(r"\*+|[A-Za-z0-9*?-]+:[A-Za-z0-9*?]+")
_RESOURCE = re.compile(r"\*+|arn:.*", re.DOTALL)
_ANY = ((("*", True),),)


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled statement; `name` is its Sid, or its index where it has none."""

    name: str | int
    deny: bool
    action: Callable[[str], bool]
    resource: Callable[[Case], object] | None
    principals: Principals | None
    spares: bool
    conditions: tuple[Condition, ...]

    def applies(self, case: Case) -> bool:
        """Return whether the resource and the conditions match; action and principal are asked apart."""
        if self.resource is not None and not self.resource(case):
            return False
        facts = case.facts
        # A loop and not all(): this is the innermost line of every decision.
        for condition in self.conditions:  # noqa: SIM110
            if not condition(facts):
                return False
        return True

    def grade(self, case: Case) -> Grade:
        """Return how directly the statement speaks of the caller; a policy without principals speaks of its owner."""
        if self.principals is None:
            return Grade.DIRECT
        if not self.spares:
            return self.principals.grade(case.caller, case.facts)
        if self.deny:
            # "Permissions boundaries for IAM entities": with a boundary, such a Deny always applies.
            spared = not case.bounded and self.principals.exempts(case.caller, case.facts)
        else:
            spared = self.principals.grade(case.caller, case.facts) is not Grade.NONE
        return Grade.NONE if spared else Grade.DIRECT


@dataclass(frozen=True, slots=True)
class Form:
    """What a kind of policy wants of its statements."""

    principal: bool
    resource: bool = True
    only_everyone: bool = False
    whole_arns: bool = False


def compile_statement(written: Any, index: int, *, form: Form, variables: bool) -> Statement:
    """Compile a statement; PolicyError names the statement and the element that is wrong."""
    try:
        return _compile(written, index, form, variables)
    except PolicyError as error:
        sid = written.get("Sid") if isinstance(written, Mapping) else None
        error.statement = sid if isinstance(sid, str) and sid else index
        raise


def _compile(written: Any, index: int, form: Form, variables: bool) -> Statement:
    if not isinstance(written, Mapping):
        raise PolicyError("a statement is an object")
    for element in written:
        if element not in _ELEMENTS:
            raise PolicyError("no element of a statement is called so", str(element))
    sid = written.get("Sid", "")
    if not isinstance(sid, str):
        raise PolicyError("a string is wanted", "Sid")
    effect = written.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"Allow or Deny is wanted, not {effect!r}", "Effect")
    principals, spares = _principals(written, form)
    conditions = compile_conditions(written["Condition"], variables=variables) if "Condition" in written else ()
    return Statement(
        sid or index, effect == "Deny", _action(written), _resource(written, form, variables), principals, spares,
        conditions,
    )  # fmt: skip


def _principals(written: Mapping[str, Any], form: Form) -> tuple[Principals | None, bool]:
    if not form.principal:
        for name in ("Principal", "NotPrincipal"):
            if name in written:
                raise PolicyError("this kind of policy has none: whom it binds is whom it is attached to", name)
        return None, False
    element = _one_of(written, "Principal", "NotPrincipal")
    if element is None:
        raise PolicyError("it is missing", "Principal")
    principals = compile_principals(element, written[element])
    if form.only_everyone and (element == "NotPrincipal" or not principals.everyone):
        raise PolicyError('a resource control policy knows "*" only', element)
    return principals, element == "NotPrincipal"


def _one_of(written: Mapping[str, Any], element: str, opposite: str) -> str | None:
    if element in written and opposite in written:
        raise PolicyError(f"{element} and {opposite} exclude each other", opposite)
    return element if element in written else opposite if opposite in written else None


def _strings(written: Mapping[str, Any], element: str, form: re.Pattern[str], what: str) -> list[str]:
    values = written[element]
    listed = values if isinstance(values, list) else [values]
    if not listed:
        raise PolicyError("it is empty", element)
    for value in listed:
        if not isinstance(value, str) or not form.fullmatch(value):
            raise PolicyError(f"{value!r} is no {what}", element)
    return listed


def _action(written: Mapping[str, Any]) -> Callable[[str], bool]:
    """Compile Action or NotAction; letter case does not count."""
    element = _one_of(written, "Action", "NotAction")
    if element is None:
        raise PolicyError("it is missing", "Action")
    patterns = _strings(written, element, _ACTION, "action: s3:GetObject, s3:Get* or *")
    matchers = [like(((pattern.lower(), True),)) for pattern in patterns]
    if element == "Action":
        return lambda action: any(matches(action) for matches in matchers)
    return lambda action: not any(matches(action) for matches in matchers)


def _resource(written: Mapping[str, Any], form: Form, variables: bool) -> Callable[[Case], object] | None:
    """Compile Resource or NotResource; None when every resource matches."""
    element = _one_of(written, "Resource", "NotResource")
    if element is None:
        if form.resource:
            raise PolicyError("it is missing", "Resource")
        return None
    values = _strings(written, element, _RESOURCE, "resource: an ARN or *")
    if form.whole_arns and (short := next((value for value in values if whole_arn(value) != value), None)):
        raise PolicyError(f"{short!r} has fewer than six fields", element)
    templates = [_template(whole_arn(value), element, variables) for value in values]
    known = [text for made in templates if (text := made.static) is not None]
    matches = _matcher(known, [made for made in templates if made.static is None])
    if element == "NotResource":
        return lambda case: not matches(case)
    return None if _ANY[0] in known else matches


def _template(value: str, element: str, variables: bool) -> Template:
    try:
        return template(value, variables=variables)
    except PolicyError as error:
        error.element = element
        raise


def _matcher(known: list[Text], open_: list[Template]) -> Callable[[Case], object]:
    """Match any of the patterns that need nothing of the request with one expression, then those with variables."""
    match = re.compile("|".join(f"(?:{arn_expression(text)})" for text in known), re.DOTALL).fullmatch
    if not open_:
        return lambda case: match(case.resource)

    def matches(case: Case) -> bool:
        if known and match(case.resource):
            return True
        facts = case.facts
        return any(arn_like(text)(case.resource) for made in open_ if (text := made.resolve(facts)) is not None)

    return matches

"""One request as the statements see it: the caller, the action, the resource and the facts about them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twin.semantics.iam.caller import Caller, caller
from twin.semantics.iam.mistake import QuestionError
from twin.semantics.iam.templates import Facts

_ACTION = re.compile(r"[A-Za-z0-9-]+:[A-Za-z0-9]+")
STRINGS = {str}
_ARN_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):")


@dataclass(frozen=True, slots=True)
class Request:
    """The question whether `principal` may do `action` on `resource`.

    `resource` is an ARN, or `*` for an action without resources. `resource_account` is wanted where the ARN has no
    account (S3); without it the resource is taken to be in the principal's account. `context` holds what the request
    brings along: condition keys in any letter case, each with a value or a list of values.
    """

    principal: str
    action: str
    resource: str
    resource_account: str | None = None
    context: Mapping[str, Any] | None = None


@dataclass(slots=True)
class Case:
    """A request, read; `action` and the keys of `facts` are in lower case."""

    request: Request
    caller: Caller
    action: str
    resource: str
    account: str | None
    facts: Facts
    bounded: bool = False

    @property
    def same_account(self) -> bool:
        """Return whether the caller belongs to the account that owns the resource."""
        return self.caller.account is not None and self.caller.account == self.account


def make_case(request: Request, *, bounded: bool) -> Case:
    """Read a request; QuestionError says what is wrong with it. `bounded`: the caller has a permissions boundary."""
    who = caller(request.principal)
    action = _action(request.action)
    resource = request.resource
    if resource != "*" and (not resource.startswith("arn:") or resource.count(":") < 5):
        raise QuestionError(f"{resource!r} is no resource: an ARN or *")
    account = request.resource_account
    if account is None:
        found = _ARN_ACCOUNT.match(resource)
        account = found[1] if found else who.account
    facts = dict(who.facts)
    if account is not None:
        facts["aws:resourceaccount"] = (account,)
    if request.context:
        for key, value in request.context.items():
            kind = type(value)
            if kind is str:
                facts[_key(key)] = (value,)
            elif kind is list and set(map(type, value)) == STRINGS:
                facts[_key(key)] = tuple(value)
            else:
                facts[_key(key)] = _values(key, value)
    return Case(request, who, action, resource, account, facts, bounded)


@lru_cache(maxsize=16384)
def _action(written: str) -> str:
    if not _ACTION.fullmatch(written):
        raise QuestionError(f"{written!r} is no action; one reads s3:GetObject")
    return written.lower()


@lru_cache(maxsize=16384)
def _key(written: str) -> str:
    return written.lower()


def _values(key: str, value: Any) -> tuple[str, ...]:
    """Return the values of a key as strings; null and an empty list are no value."""
    if value is None:
        return ()
    if isinstance(value, bool):
        return ("true" if value else "false",)
    if isinstance(value, str | int | float):
        return (str(value),)
    if isinstance(value, list | tuple):
        return tuple(text for item in value for text in _values(key, item))
    raise QuestionError(f"the value of {key} in the context is {type(value).__name__}; strings are wanted")

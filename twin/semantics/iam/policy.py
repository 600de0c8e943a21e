"""A policy document, compiled once and asked often."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Literal

from twin.semantics.iam.mistake import PolicyError
from twin.semantics.iam.statement import Form, Statement, compile_statement

Kind = Literal["identity", "resource", "boundary", "session", "scp", "rcp", "vpc_endpoint"]

_FORMS: Mapping[Kind, Form] = {
    "identity": Form(principal=False),
    "boundary": Form(principal=False),
    # "IAM identifiers": a session policy with an incomplete ARN is a MalformedPolicyDocumentException.
    "session": Form(principal=False, whole_arns=True),
    "scp": Form(principal=False),
    # A trust policy and an ECR repository's policy name no resource: it is what they are attached to.
    "resource": Form(principal=True, resource=False),
    "rcp": Form(principal=True, only_everyone=True),
    "vpc_endpoint": Form(principal=True),
}
_VERSIONS = ("2012-10-17", "2008-10-17")
_REMEMBERED = 4096


class Policy:
    """A compiled policy; which statements cover an action is remembered."""

    __slots__ = ("_by_action", "statements")

    def __init__(self, statements: tuple[Statement, ...]) -> None:
        self.statements = statements
        self._by_action: dict[str, tuple[Statement, ...]] = {}

    def covering(self, action: str) -> tuple[Statement, ...]:
        """Return the statements whose Action or NotAction covers an action, given in lower case."""
        found = self._by_action.get(action)
        if found is None:
            if len(self._by_action) >= _REMEMBERED:
                self._by_action.clear()
            found = tuple(statement for statement in self.statements if statement.action(action))
            self._by_action[action] = found
        return found


def compile_policy(document: Any, kind: Kind) -> Policy:
    """Compile a policy document as parsed from JSON; PolicyError names the statement and the element that is wrong.

    Equal documents of a kind are compiled once.
    """
    if not isinstance(document, Mapping):
        raise PolicyError("a policy is an object")
    return _compile_text(json.dumps(document), kind)


@lru_cache(maxsize=16384)
def _compile_text(text: str, kind: Kind) -> Policy:
    document = json.loads(text)
    for element in document:
        if element not in ("Version", "Id", "Statement"):
            raise PolicyError("no element of a policy is called so", element)
    version = document.get("Version", "2008-10-17")
    if version not in _VERSIONS:
        raise PolicyError(f"{' or '.join(_VERSIONS)} is wanted, not {version!r}", "Version")
    if "Statement" not in document:
        raise PolicyError("it is missing", "Statement")
    written = document["Statement"]
    listed = written if isinstance(written, list) else [written]
    sids: set[str] = set()
    for index, statement in enumerate(listed):
        _unique(statement, index, sids)
    variables = version == "2012-10-17"
    form = _FORMS[kind]
    return Policy(
        tuple(compile_statement(one, index, form=form, variables=variables) for index, one in enumerate(listed))
    )


def _unique(statement: Any, index: int, sids: set[str]) -> None:
    sid = statement.get("Sid") if isinstance(statement, dict) else None
    if not sid or not isinstance(sid, str):
        return
    if sid in sids:
        error = PolicyError(f"{sid!r} names another statement too", "Sid")
        error.statement = index
        raise error
    sids.add(sid)

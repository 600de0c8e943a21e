"""A question of `twin decide containment` as plain data, and its answer."""

from collections.abc import Mapping
from typing import Any

from twin.semantics.iam.case import Request
from twin.semantics.iam.containment.verdict import Known, contained
from twin.semantics.iam.mistake import PolicyError, QuestionError

_FIELDS = ("id", "old", "new")


def answer(question: Mapping[str, Any], known: Known | None = None) -> Mapping[str, Any]:
    """Answer `{"old", "new"}`, or return an `error` that says where it is."""
    for name in question:
        if name not in _FIELDS:
            raise QuestionError(f"{name}: no such field; {', '.join(_FIELDS)} are")
    sides = []
    for name in ("old", "new"):
        documents = question.get(name)
        if not isinstance(documents, list) or not all(isinstance(one, Mapping) for one in documents):
            raise QuestionError(f"{name}: a list of policy documents is wanted")
        sides.append(documents)
    try:
        found = contained(*sides, known=known)
    except PolicyError as wrong:
        places = {"policy": wrong.policy, "statement": wrong.statement, "element": wrong.element}
        return {
            "error": {"message": str(wrong), **{name: place for name, place in places.items() if place is not None}}
        }
    shown = None
    if found.counterexample is not None and found.new is not None and found.old is not None:
        shown = {"request": _request(found.counterexample), "new": found.new.as_json(), "old": found.old.as_json()}
    return {"contained": found.contained, "counterexample": shown, "because": found.because}


def _request(request: Request) -> Mapping[str, Any]:
    """Write a request as `twin decide iam` takes it."""
    return {
        "principal": request.principal, "action": request.action, "resource": request.resource,
        "resource_account": request.resource_account, "context": dict(request.context or {}),
    }  # fmt: skip

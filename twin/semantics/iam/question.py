"""A question of `twin decide iam` as plain data: what it must hold, and how it becomes a request and its policies."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from twin.semantics.iam.case import Request
from twin.semantics.iam.decision import Level, Policies
from twin.semantics.iam.grants import Grant, compile_grant
from twin.semantics.iam.mistake import PolicyError, QuestionError
from twin.semantics.iam.policy import Kind, Policy, compile_policy
from twin.semantics.iam.procedure import decide

_REQUEST = ("principal", "action", "resource", "resource_account", "context")
_POLICIES = ("identity", "resource", "boundaries", "session", "scps", "rcps", "vpc_endpoint", "grants")


def answer(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """Answer `{"request", "policies"}` with `{"decision", "because"}`, or with an `error` that says where it is."""
    try:
        return decide(read_request(question.get("request")), read_policies(question.get("policies"))).as_json()
    except PolicyError as wrong:
        places = {"policy": wrong.policy, "statement": wrong.statement, "element": wrong.element}
        known = {name: place for name, place in places.items() if place is not None}
        return {"error": {"message": str(wrong), **known}}


def read_request(written: Any) -> Request:
    """Read the `request` of a question; QuestionError says what is wrong."""
    fields = _object(written, "request", _REQUEST)
    for name in ("principal", "action", "resource"):
        if not isinstance(fields.get(name), str):
            raise QuestionError(f"request.{name}: a string is wanted")
    account = fields.get("resource_account")
    if account is not None and not (isinstance(account, str) and len(account) == 12 and account.isdigit()):
        raise QuestionError("request.resource_account: twelve digits are wanted")
    context = fields.get("context")
    if context is not None and not isinstance(context, Mapping):
        raise QuestionError("request.context: an object is wanted")
    return Request(fields["principal"], fields["action"], fields["resource"], account, context)


def read_policies(written: Any) -> Policies:
    """Read and compile the `policies` of a question; PolicyError names the policy that is wrong."""
    fields = _object({} if written is None else written, "policies", _POLICIES)
    resource = fields.get("resource")
    session = fields.get("session")
    return Policies(
        identity=_documents(fields, "identity", "identity") or (),
        resource=None if resource is None else _policy("resource", resource, "resource"),
        boundaries=_documents(fields, "boundaries", "boundary"),
        session=_documents({"session": [session] if isinstance(session, Mapping) else session}, "session", "session"),
        scps=_levels(fields, "scps", "scp"),
        rcps=_levels(fields, "rcps", "rcp"),
        vpc_endpoint=_documents(fields, "vpc_endpoint", "vpc_endpoint"),
        grants=_grants(fields),
    )


def _object(written: Any, name: str, known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(written, Mapping):
        raise QuestionError(f"{name}: an object is wanted")
    for field in written:
        if field not in known:
            raise QuestionError(f"{name}.{field}: no such field; {', '.join(known)} are")
    return written


def _list(fields: Mapping[str, Any], name: str) -> list[Any] | None:
    written = fields.get(name)
    if written is not None and not isinstance(written, list):
        raise QuestionError(f"policies.{name}: a list is wanted, or null")
    return written


def _documents(fields: Mapping[str, Any], name: str, kind: Kind) -> tuple[Policy, ...] | None:
    written = _list(fields, name)
    if written is None:
        return None
    return tuple(_policy(f"{name}[{index}]", one, kind) for index, one in enumerate(written))


def _levels(fields: Mapping[str, Any], name: str, kind: Kind) -> tuple[Level, ...] | None:
    written = _list(fields, name)
    if written is None:
        return None
    levels = []
    for index, one in enumerate(written):
        place = f"{name}[{index}]"
        level = _object(one, f"policies.{place}", ("level", "policies"))
        if not isinstance(level.get("level"), str) or not isinstance(level.get("policies"), list):
            raise QuestionError(f'policies.{place}: {{"level": name, "policies": [document]}} is wanted')
        compiled = _documents({f"{place}.policies": level["policies"]}, f"{place}.policies", kind)
        levels.append(Level(level["level"], compiled or ()))
    return tuple(levels)


def _grants(fields: Mapping[str, Any]) -> tuple[Grant, ...]:
    found = []
    for index, one in enumerate(_list(fields, "grants") or ()):
        with _at(f"grants[{index}]"):
            found.append(compile_grant(one))
    return tuple(found)


def _policy(place: str, document: Any, kind: Kind) -> Policy:
    with _at(place):
        return compile_policy(document, kind)


@contextmanager
def _at(place: str) -> Iterator[None]:
    """Name the document in what is raised."""
    try:
        yield
    except PolicyError as error:
        error.policy = place
        raise

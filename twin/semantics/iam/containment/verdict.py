"""The verdict: no more is allowed than before, or a request that is, or why neither can be said."""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam.case import Request
from twin.semantics.iam.containment.formula import And, Formula, Or, negated
from twin.semantics.iam.containment.keys import Mixed
from twin.semantics.iam.containment.principals import entries
from twin.semantics.iam.containment.search import Found, Search, Space
from twin.semantics.iam.containment.statements import Part, Reader, merged
from twin.semantics.iam.containment.views import ELSEWHERE, View, views
from twin.semantics.iam.containment.words import TooHard, meets, witness
from twin.semantics.iam.decision import Decision
from twin.semantics.iam.mistake import PolicyError, QuestionError
from twin.semantics.iam.policy import Kind, compile_policy

Document = Mapping[str, Any]
Known = Callable[[str], Iterable[str]]
"""The published actions of a service, as `s3:GetObject`, of which a counterexample rather takes one."""

_VARIABLE = re.compile(r"\$\{\s*([^},'*?$]+?)\s*(?:,[^}]*)?\}")
_USER = "somebody"


@dataclass(frozen=True)
class Containment:
    """Whether the new policies allow nothing that the old ones did not; None where it cannot be said, and why.

    The counterexample is a request that the decision procedure was asked about: the new policies allow it and the old
    ones do not. `old` and `new` are those decisions.
    """

    contained: bool | None
    because: str
    counterexample: Request | None = None
    new: Decision | None = None
    old: Decision | None = None


@dataclass(frozen=True)
class _Question:
    old: Sequence[Document]
    new: Sequence[Document]
    kind: Kind
    view: View
    known: Known | None


def contained(
    old: Sequence[Document], new: Sequence[Document], *, beside: bool = False, known: Known | None = None
) -> Containment:
    """Decide whether `new` allows no request that `old` does not; PolicyError says what is wrong with a document.

    Policies of a resource (those that name principals) are compared for callers of other accounts, for those of its
    own who have no other policies, and for those whose other policies allow everything, so that a deny that is lost
    counts. Policies of an identity are taken to be all that it has, unless they stand `beside` others.
    """
    kind: Kind = "resource" if any(_names_principals(one) for one in (*old, *new)) else "identity"
    for name, documents in (("old", old), ("new", new)):
        for index, one in enumerate(documents):
            _compiled(one, kind, f"{name}[{index}]")
    unknown: Containment | None = None
    for view in views(kind, beside=beside):
        answer = _decide(_Question(old, new, kind, view, known))
        if answer.contained is False:
            return answer
        unknown = answer if answer.contained is None else unknown
    return unknown or Containment(True, "whatever the new policies allow, the old ones allow too")


def _compiled(document: Document, kind: Kind, place: str) -> None:
    try:
        compile_policy(document, kind)
    except PolicyError as error:
        error.policy = place
        raise


def _names_principals(document: Document) -> bool:
    written = document.get("Statement") if isinstance(document, Mapping) else None
    listed = written if isinstance(written, list) else [written]
    return any(isinstance(one, Mapping) and ("Principal" in one or "NotPrincipal" in one) for one in listed)


def _decide(question: _Question) -> Containment:
    try:
        return _answer(question)
    except TooHard as hard:
        return Containment(None, f"the policies are too large to be compared: {hard}")
    except Mixed as mixed:
        return Containment(None, f"it depends on a condition that is beyond what can be decided: {mixed}")


def _answer(question: _Question) -> Containment:
    """Search with everything that cannot be known left free; then for a request that the procedure confirms."""
    documents = (*question.old, *question.new)
    view = question.view
    loose = Reader(view.of(entries(documents, question.kind, loose=True)), view.least)
    if _search(question, loose) is None:
        return Containment(True, "whatever the new policies allow, the old ones allow too")
    strict = view.of(entries(documents, question.kind, loose=False))
    for guess in (None, _guess(question)):
        reader = Reader(strict, view.least, guess)
        found = _search(question, reader)
        confirmed = _confirmed(question, reader, found) if found is not None else None
        if confirmed is not None:
            return confirmed
    return Containment(None, _why_not(question, loose))


def _why_not(question: _Question, loose: Reader) -> str:
    if loose.unclear:
        return f"it depends on a condition that is beyond what can be decided: {loose.unclear[0]}"
    variables = _variables(question)
    if variables:
        return f"it depends on policy variables: {', '.join(f'${{{one}}}' for one in variables)}"
    return "it depends on how conditions about the principal go together with the principal"


def _guess(question: _Question) -> Mapping[str, tuple[str, ...]]:
    """Return one value for each policy variable, all different; the user name is that of the principal."""
    keys = _variables(question)
    return {key: (_USER if key == "aws:username" else f"value{place}",) for place, key in enumerate(keys)}


def _variables(question: _Question) -> list[str]:
    text = json.dumps([question.old, question.new])
    return list(dict.fromkeys(key.lower() for key in _VARIABLE.findall(text)))


def _search(question: _Question, reader: Reader) -> tuple[Found, Space] | None:
    """Return the requests that a new statement allows, that no new one denies, and that the old ones do not allow."""
    new, old = reader.read(question.new, question.kind), reader.read(question.old, question.kind)
    space = reader.space()
    spared = tuple(negated(part.applies) for part in new if part.statement.deny)
    granted = [part.applies for part in old if not part.statement.deny]
    ungranted = And(tuple(negated(one) for one in granted))
    denied = tuple(part.applies for part in old if part.statement.deny)
    search = Search(space)
    if not question.view.grants:
        found = search.run((*spared, Or(denied)))
        return (found, space) if found is not None else None
    for grant in (part.applies for part in new if not part.statement.deny):
        # What the old policies granted by the same statement, only an old deny could have kept out.
        refused: Formula = Or(denied if grant in granted else (ungranted, *denied))
        found = search.run((grant, *spared, refused))
        if found is not None:
            return found, space
    return None


def _confirmed(question: _Question, reader: Reader, what: tuple[Found, Space]) -> Containment | None:
    """Return the counterexample that the decision procedure confirms, None when what was found gives none."""
    found, space = what
    for place in found.principals[:8]:
        request = _request(question, reader, (found, space, place))
        try:
            new, old = (
                _ask(request, reader.read(side, question.kind), question) for side in (question.new, question.old)
            )
        except QuestionError:
            continue
        if new.allowed and not old.allowed:
            return Containment(False, _said(request, new, old, question), request, new, old)
    return None


def _request(question: _Question, reader: Reader, what: tuple[Found, Space, int]) -> Request:
    found, space, place = what
    context: dict[str, Any] = {}
    for key in space.keys:
        chosen = found.keys.get(key, space.keys[key])
        if all(one.values for one in chosen):
            value = chosen[0].values
            context[key] = value[0] if len(value) == 1 else list(value)
    for key, guessed in (reader.guess or {}).items():
        context.setdefault(key, guessed[0])
    resource = witness("resource", found.resource) or "*"
    account = str(context.get("aws:resourceaccount", ""))
    principal = reader.entries[place].principal
    if not re.fullmatch(r"\d{12}", account):
        parts = principal.split(":")
        account = parts[4] if len(parts) > 5 else ""
        if question.view.abroad:
            account = ELSEWHERE
    return Request(principal, _action(question, found), resource, account or None, context)


def _action(question: _Question, found: Found) -> str:
    """Return an action that meets the demands, a published one where there is any."""
    plain = witness("action", found.action) or "s3:getobject"
    services = {plain.partition(":")[0], "s3", "iam", "ec2"}
    for one in found.action:
        services |= {s for p in one.language.patterns if (s := _service("".join(u.character for u in p))) is not None}
    for service in sorted(services, key=lambda one: (one != plain.partition(":")[0], one)) if question.known else ():
        for name in question.known(service) if question.known else ():
            if meets(name.lower(), found.action):
                return name
    return plain


def _service(pattern: str) -> str | None:
    service, colon, _ = pattern.partition(":")
    return service if colon else None


def _ask(request: Request, parts: Sequence[Part], question: _Question) -> Decision:
    return question.view.ask(request, merged(parts), question.kind)


def _said(request: Request, new: Decision, old: Decision, question: _Question) -> str:
    """Say what is newly allowed, by which statement, and why it was not before."""
    what = f"{request.action} on {request.resource}{question.view.said}"
    denying = next((one.statement for one in old.because if one.effect == "deny" and one.statement), None)
    was = f"statement {denying.name} denied it" if denying is not None else "no statement allowed it"
    if not question.view.grants:
        return f"{what} is no longer denied; before, {was}"
    layer = question.kind
    granting = next(
        (one.statement for one in new.because if (one.layer, one.effect) == (layer, "allow") and one.statement), None
    )
    by = f"statement {granting.name}" if granting is not None else "the new policy"
    return f"{by} allows {what}; before, {was}"

"""Asks the decision procedure for a whole org, remembers its answers and says which statements they rest on."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from twin.analysis.reach.documents import Loose, View, loosen
from twin.analysis.reach.subject import Levels, Limits, Source, Subject
from twin.semantics.iam import Decision, Grant, Level, Policies, Policy, Reason, Request, compile_grant, decide
from twin.semantics.iam.case import Case, make_case
from twin.semantics.iam.policy import Kind
from twin.semantics.iam.principals import Grade
from twin.semantics.iam.scope import rcps_apply, resource_must_allow

_ANCHORED = ("identity", "resource", "grant")


class Ground(NamedTuple):
    """The statement that a permission rests on: whose policy, in which layer, of which name and Sid or index."""

    owner: str
    layer: str
    policy: str
    statement: str | int
    place: int = 0
    arn: str = ""

    def __str__(self) -> str:
        name = f"Sid {self.statement}" if isinstance(self.statement, str) else f"statement {self.statement}"
        if self.layer == "membership":
            return f"membership of {self.owner} in {self.policy}"
        if self.layer == "assertion":
            return f"assertion of the app {self.policy} for {self.owner}"
        called = self.policy if self.policy.startswith(self.layer) else f"{self.layer} policy {self.policy}"
        return f"{called} of {self.owner}, {name}"


class Answer(NamedTuple):
    """Whether it can be done, the statements it rests on, and the conditions that the caller must meet."""

    allowed: bool
    grounds: tuple[Ground, ...] = ()
    conditions: tuple[str, ...] = ()


NO = Answer(False)


class Question(NamedTuple):
    """An action on a resource: its own policy, its grants (JSON of each), what the org tells of the request.

    `limits` is what binds the resource's account.
    """

    action: str
    resource: str
    account: str
    policy: Source | None = None
    grants: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    tags_known: bool = False
    by_service: bool = False
    limits: Limits | None = None


Layers = tuple[tuple[str, tuple[Loose, ...]], ...]


@dataclass(slots=True)
class _Bench:
    """The policies of a subject, compiled for one view."""

    identity: tuple[Loose, ...]
    boundary: tuple[Loose, ...] | None
    scps: Layers | None
    policies: Policies


class Asker:
    """Answers questions; `asked` counts those that were decided and not remembered."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self.given = tuple(given.items())
        self.asked = 0
        self._subjects: dict[object, Subject] = {}
        self._grants: dict[str, Grant] = {}
        self._limits: dict[Levels, Limits] = {}

    def subject(self, made: Subject) -> Subject:
        """Return the one object of all equal subjects, so that its answers are kept."""
        return self._subjects.setdefault(made.content, made)

    def limits(self, rcps: Levels) -> Limits:
        """Return the one object of all equal limits."""
        return self._limits.setdefault(rcps, Limits(rcps))

    def ask(self, subject: Subject, question: Question) -> Answer:
        """Answer one question, once."""
        found = subject.answers.get(question)
        if found is None:
            self.asked += 1
            found = self._decide(subject, question)
            named = sessions(question.policy.text, subject.arn) if question.policy and not found.allowed else ()
            for name in named:
                found = self._decide(subject, question, session=name) if not found.allowed else found
            subject.answers[question] = found
        assert isinstance(found, Answer)
        return found

    def covers(self, subject: Subject, action: str) -> bool:
        """Return whether any statement of the principal's own policies allows the action on anything."""
        found = subject.answers.get(action)
        if found is None:
            bench = self._bench(
                subject, self._view((), by_service=False, tags_known=False, free_tags=subject.free_tags)
            )
            found = subject.answers[action] = any(
                not statement.deny for one in bench.identity for statement in one.policy.covering(action.lower())
            )
        return bool(found)

    def _view(self, facts: tuple[tuple[str, str], ...], *, by_service: bool, tags_known: bool, free_tags: bool) -> View:
        given = frozenset(key.lower() for key, _ in (*self.given, *facts))
        return View(given, by_service, tags_known, free_tags)

    def _bench(self, subject: Subject, view: View) -> _Bench:
        found = subject.answers.get(view)
        if found is None:
            found = subject.answers[view] = _compile(subject, view)
        assert isinstance(found, _Bench)
        return found

    def _decide(self, subject: Subject, question: Question, *, session: str = "") -> Answer:
        facts = (*subject.facts, *question.facts, *((("aws:PrincipalArn", subject.arn),) if session else ()))
        view = self._view(
            facts, by_service=question.by_service, tags_known=question.tags_known, free_tags=subject.free_tags
        )
        bench = self._bench(subject, view)
        resource = loosen(question.policy.text, "resource", view) if question.policy else None
        own = bench.policies
        rcps = None if question.limits is None else _loosened(question.limits.rcps, "rcp", view)
        policies = Policies(
            own.identity, resource.policy if resource else None, own.boundaries, None, own.scps,
            None if rcps is None else _bare(rcps), grants=tuple(self._grant(text) for text in question.grants),
        )  # fmt: skip
        context = {**dict(self.given), **dict(facts)}
        request = Request(session or subject.arn, question.action, question.resource, question.account or None, context)
        decision = decide(request, policies)
        if not decision.allowed:
            return NO
        case = make_case(request, bounded=policies.boundaries is not None)
        binding = rcps if rcps and rcps_apply(case) else ()
        answer = _explain(decision, case, _Told(subject, bench, question, resource, binding))
        called = f"the session is called {session.rpartition('/')[2]}"
        return answer._replace(conditions=(called, *answer.conditions)) if session else answer

    def _grant(self, text: str) -> Grant:
        if text not in self._grants:
            self._grants[text] = compile_grant(json.loads(text))
        return self._grants[text]


@lru_cache(maxsize=65536)
def sessions(text: str, role: str) -> tuple[str, ...]:
    """Return the sessions of a role that a policy names: whoever takes the role names its session."""
    head, _, name = role.partition(":role/")
    if not name or ":assumed-role/" not in text:
        return ()
    named = re.escape(f"{head.replace(':iam:', ':sts:')}:assumed-role/{name.rpartition('/')[2]}/")
    return tuple(dict.fromkeys(re.findall(f'"({named}[^"*?]+)"', text)))


def _compile(subject: Subject, view: View) -> _Bench:
    def all_of(sources: tuple[Source, ...], kind: Kind) -> tuple[Loose, ...]:
        return tuple(loosen(source.text, kind, view) for source in sources)

    identity = all_of(subject.identity, "identity")
    boundary = None if subject.boundary is None else all_of(subject.boundary, "boundary")
    scps = None if subject.scps is None else _loosened(subject.scps, "scp", view)
    levels = None if scps is None else _bare(scps)
    limits = None if boundary is None else tuple(_only(boundary))
    return _Bench(identity, boundary, scps, Policies(tuple(_only(identity)), boundaries=limits, scps=levels))


def _loosened(levels: Levels, kind: Kind, view: View) -> Layers:
    return tuple((name, tuple(loosen(source.text, kind, view) for source in sources)) for name, sources in levels)


def _bare(layers: Layers) -> tuple[Level, ...]:
    return tuple(Level(name, tuple(_only(docs))) for name, docs in layers)


def _only(loose: tuple[Loose, ...]) -> list[Policy]:
    return [one.policy for one in loose]


class _Told(NamedTuple):
    """What stands behind a decision."""

    subject: Subject
    bench: _Bench
    question: Question
    resource: Loose | None
    rcps: Layers = ()

    def place(self, reason: Reason) -> tuple[Source | None, Loose | None]:
        """Return the document that a reason speaks of."""
        index = reason.policy or 0
        if reason.layer == "identity" and reason.policy is not None:
            return self.subject.identity[index], self.bench.identity[index]
        if reason.layer == "resource":
            return self.question.policy, self.resource
        if reason.layer == "boundary" and self.subject.boundary is not None and self.bench.boundary is not None:
            return self.subject.boundary[index], self.bench.boundary[index]
        if reason.layer == "scp" and self.bench.scps is not None:
            return None, dict(self.bench.scps)[reason.level or ""][index]
        if reason.layer == "rcp":
            return None, dict(self.rcps)[reason.level or ""][index]
        return None, None


def _explain(decision: Decision, case: Case, told: _Told) -> Answer:
    """Choose one statement of each layer that the permission needs, an unconditional one where there is one."""
    by_layer: dict[str, list[tuple[Ground, str]]] = {}
    direct: list[tuple[Ground, str]] = []
    grade = Grade.NONE
    for reason in decision.because:
        if reason.layer not in _ANCHORED:
            continue
        ground = _ground(reason, told)
        if reason.layer == "resource" and reason.statement is not None:
            grade = max(grade, reason.statement.grade(case))
            direct += [ground] if reason.statement.grade(case) >= Grade.ROLE else []
        by_layer.setdefault(reason.layer, []).append(ground)
    if direct and case.same_account and ("identity" not in by_layer or _bounded_out(decision, told)):
        # What leaves it to identity policies is not enough by itself, nor are they beyond their boundary.
        by_layer = {"resource": direct}
    limits = _limits(decision, told)
    if by_layer.keys() >= {"identity", "resource"} and case.same_account and grade >= Grade.ROLE:
        # Either would do; a role and a key must allow in their own policy, and then that is enough.
        del by_layer["identity" if resource_must_allow(case) else "resource"]
    chosen = [min(found, key=lambda one: bool(one[1])) for found in by_layer.values()]
    conditions = [left for _, left in chosen if left] + limits + _avoided(case, told)
    return Answer(True, tuple(ground for ground, _ in chosen), tuple(dict.fromkeys(conditions)))


def _bounded_out(decision: Decision, told: _Told) -> bool:
    """Return whether the subject's boundary allows nothing of it: then its own policies do not count."""
    allowing = (reason for reason in decision.because if reason.layer == "boundary" and reason.statement is not None)
    return told.subject.boundary is not None and next(allowing, None) is None


def _limits(decision: Decision, told: _Told) -> list[str]:
    """Return the condition of each boundary and level that allows only under one."""
    found: dict[object, list[str]] = {}
    for reason in decision.because:
        if reason.layer in ("boundary", "scp", "rcp") and reason.statement is not None:
            _, loose = told.place(reason)
            left = loose.left.get(int(reason.statement.name), "") if loose else ""
            found.setdefault((reason.layer, reason.level), []).append(left)
    return [min(lefts, key=bool) for lefts in found.values() if all(lefts)]


def _ground(reason: Reason, told: _Told) -> tuple[Ground, str]:
    source, loose = told.place(reason)
    if reason.statement is None or source is None or loose is None:
        layer = "grant" if reason.layer == "grant" else reason.layer
        return Ground(told.question.resource or told.subject.arn, layer, reason.why, reason.policy or 0), ""
    index = int(reason.statement.name)
    ground = Ground(source.owner, source.layer, source.name, loose.names[index], index, source.arn)
    return ground, loose.left.get(index, "")


def _avoided(case: Case, told: _Told) -> list[str]:
    """Return the conditions under which a deny would have struck."""
    bench = told.bench
    layers: list[tuple[Loose, ...]] = [bench.identity, bench.boundary or ()]
    layers += [docs for _, docs in (*(bench.scps or ()), *told.rcps)]
    if told.resource is not None:
        layers.append((told.resource,))
    found: dict[str, None] = {}
    for loose in (one for layer in layers for one in layer):
        for statement in loose.avoided.covering(case.action):
            if statement.grade(case) and statement.applies(case):
                found[f"not ({loose.left[int(statement.name)]})"] = None
    return list(found)

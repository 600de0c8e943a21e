"""Asks the decision procedure for a whole org, and remembers its answers."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from twin.analysis.reach.answers import NO, Answer, Question
from twin.analysis.reach.documents import Loose, View, loosen
from twin.analysis.reach.explaining import Bench, Layers, Told, explain
from twin.analysis.reach.subject import ALLOW_ALL, Levels, Limits, Source, Subject
from twin.semantics.iam import Grant, Level, Policies, Policy, Request, compile_grant, decide
from twin.semantics.iam.case import make_case
from twin.semantics.iam.policy import Kind
from twin.semantics.iam.scope import rcps_apply


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
            written = question.policy.text if question.policy and not found.allowed else ""
            for name in sessions(written, subject.arn):
                found = self._decide(subject, question, session=name) if not found.allowed else found
            for name in subject.providers:
                if f'"{name}"' in written and not found.allowed:
                    found = self._decide(subject, question, provider=name)
            subject.answers[question] = found
        assert isinstance(found, Answer)
        return found

    def covers(self, subject: Subject, action: str) -> bool:
        """Return whether any statement of the principal's own policies allows the action on anything."""
        found = subject.answers.get(action)
        if found is None:
            bench = self._bench(subject, self._view(subject, ()))
            found = subject.answers[action] = any(
                not statement.deny for one in bench.identity for statement in one.policy.covering(action.lower())
            )
        return bool(found)

    def _view(self, subject: Subject, facts: tuple[tuple[str, str], ...], question: Question | None = None) -> View:
        given = frozenset(key.lower() for key, _ in (*self.given, *facts))
        by_service, tags_known = (question.by_service, question.tags_known) if question else (False, False)
        return View(given, by_service, tags_known, subject.free_tags, bool(subject.providers))

    def _bench(self, subject: Subject, view: View) -> Bench:
        found = subject.answers.get(view)
        if found is None:
            found = subject.answers[view] = _compile(subject, view)
        assert isinstance(found, Bench)
        return found

    def _decide(self, subject: Subject, question: Question, *, session: str = "", provider: str = "") -> Answer:
        facts = (*subject.facts, *question.facts, *((("aws:PrincipalArn", subject.arn),) if session else ()))
        facts += (("aws:FederatedProvider", provider),) if provider else ()
        view = self._view(subject, facts, question)
        bench = self._bench(subject, view)
        resource = loosen(question.policy.text, "resource", view) if question.policy else None
        own = bench.policies
        passed = question.passed and subject.account != question.account
        if passed:
            own = _let_through(own)
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
        answer = explain(decision, case, Told(subject, bench, question, resource, binding, passed))
        how = f"the session is called {session.rpartition('/')[2]}" if session else f"{provider} opened the session"
        return answer._replace(conditions=(how, *answer.conditions)) if session or provider else answer

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


def _compile(subject: Subject, view: View) -> Bench:
    def all_of(sources: tuple[Source, ...], kind: Kind) -> tuple[Loose, ...]:
        return tuple(loosen(source.text, kind, view) for source in sources)

    identity = all_of(subject.identity, "identity")
    boundary = None if subject.boundary is None else all_of(subject.boundary, "boundary")
    scps = None if subject.scps is None else _loosened(subject.scps, "scp", view)
    levels = None if scps is None else _bare(scps)
    limits = None if boundary is None else tuple(_only(boundary))
    return Bench(identity, boundary, scps, Policies(tuple(_only(identity)), boundaries=limits, scps=levels))


def _loosened(levels: Levels, kind: Kind, view: View) -> Layers:
    return tuple((name, tuple(loosen(source.text, kind, view) for source in sources)) for name, sources in levels)


def _bare(layers: Layers) -> tuple[Level, ...]:
    return tuple(Level(name, tuple(_only(docs))) for name, docs in layers)


def _let_through(own: Policies) -> Policies:
    """Return the policies of a principal whose account has allowed the request already."""
    all_ = loosen(ALLOW_ALL, "identity", View()).policy
    scps = None if own.scps is None else tuple(replace(one, policies=(*one.policies, all_)) for one in own.scps)
    boundaries = None if own.boundaries is None else (*own.boundaries, all_)
    return replace(own, identity=(*own.identity, all_), boundaries=boundaries, scps=scps)


def _only(loose: tuple[Loose, ...]) -> list[Policy]:
    return [one.policy for one in loose]

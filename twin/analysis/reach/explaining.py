"""Says which statements a permission rests on, and under which conditions it holds."""

from dataclasses import dataclass
from typing import NamedTuple

from twin.analysis.reach.answers import Answer, Ground, Question
from twin.analysis.reach.documents import Loose
from twin.analysis.reach.subject import Source, Subject
from twin.semantics.iam import Decision, Policies, Reason
from twin.semantics.iam.case import Case
from twin.semantics.iam.principals import Grade
from twin.semantics.iam.scope import resource_must_allow

_ANCHORED = ("identity", "resource", "grant")
Layers = tuple[tuple[str, tuple[Loose, ...]], ...]


@dataclass(slots=True)
class Bench:
    """The policies of a subject, compiled for one view."""

    identity: tuple[Loose, ...]
    boundary: tuple[Loose, ...] | None
    scps: Layers | None
    policies: Policies


class Told(NamedTuple):
    """What stands behind a decision; `passed`: only what the subject's policies deny counts."""

    subject: Subject
    bench: Bench
    question: Question
    resource: Loose | None
    rcps: Layers = ()
    passed: bool = False

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


def explain(decision: Decision, case: Case, told: Told) -> Answer:
    """Choose one statement of each layer that the permission needs, an unconditional one where there is one."""
    by_layer: dict[str, list[tuple[Ground, str]]] = {}
    direct: list[tuple[Ground, str]] = []
    grade = Grade.NONE
    for reason in decision.because:
        if reason.layer not in _ANCHORED or (reason.layer == "identity" and told.passed):
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


def _bounded_out(decision: Decision, told: Told) -> bool:
    """Return whether the subject's boundary allows nothing of it: then its own policies do not count."""
    allowing = (reason for reason in decision.because if reason.layer == "boundary" and reason.statement is not None)
    return told.subject.boundary is not None and next(allowing, None) is None


def _limits(decision: Decision, told: Told) -> list[str]:
    """Return the condition of each boundary and level that allows only under one."""
    found: dict[object, list[str]] = {}
    for reason in decision.because:
        layers = ("rcp",) if told.passed else ("boundary", "scp", "rcp")
        if reason.layer in layers and reason.statement is not None:
            _, loose = told.place(reason)
            left = loose.left.get(int(reason.statement.name), "") if loose else ""
            found.setdefault((reason.layer, reason.level), []).append(left)
    return [min(lefts, key=bool) for lefts in found.values() if all(lefts)]


def _ground(reason: Reason, told: Told) -> tuple[Ground, str]:
    source, loose = told.place(reason)
    if reason.statement is None or source is None or loose is None:
        layer = "grant" if reason.layer == "grant" else reason.layer
        return Ground(told.question.resource or told.subject.arn, layer, reason.why, reason.policy or 0), ""
    index = int(reason.statement.name)
    ground = Ground(source.owner, source.layer, source.name, loose.names[index], index, source.arn)
    return ground, loose.left.get(index, "")


def _avoided(case: Case, told: Told) -> list[str]:
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

"""Nobody becomes an administrator who is not one: TW1003."""

from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.documents import Kind, Written, documents
from twin.analysis.plan.finding import Finding
from twin.analysis.reach import Node, Path
from twin.analysis.reach.answers import Ground
from twin.analysis.reach.breaking import Break, narrowest_break
from twin.resources.declaration import Declaration
from twin.resources.declaration import Path as Way

RULE = "TW1003"


def prove(case: Case) -> Iterator[Finding]:
    """Yield a finding for each user and role that is no administrator and has a way to become one."""
    reach = case.reach
    for arn in reach.principals():
        one = case.planned.declared(arn)
        if one is None or reach.ways.administers(Node(arn)):
            continue
        ways = reach.paths(arn, "admin", limit=1)
        if ways:
            yield _finding(case, one, (ways[0], narrowest_break(reach, arn, "admin")))


def _finding(case: Case, one: Declaration, found: tuple[Path, Break | None]) -> Finding:
    way, narrow = found
    last = way[-1]
    steps = tuple(
        f"{_short(hop.by.arn)} → {_short(hop.to.arn)}: "
        + ", ".join(f"{step.action} on {_short(step.resource)}" for step in hop.steps)
        + f" ({hop.rule})"
        for hop in way
    )
    grounds = dict.fromkeys(ground for hop in way for ground in hop.grounds)
    goal = "its own rights" if last.to.arn == case.planned.arn(one) else _short(last.to.arn)
    mend = "no few statements break every way: take the permissions apart"
    if narrow is not None:
        mend = "take away " + ", and ".join(_said(ground) for ground in narrow.grounds)
    written, place, statement = _where(case, next(iter(grounds), None))
    return Finding(
        RULE, "error", f"{one.address} can make itself an administrator by way of {goal}", one,
        written.field if written else None, place, statement, mend, "admin",
        (*steps, *(f"permitted by {_said(ground)}" for ground in grounds)), written.declaration if written else None,
    )  # fmt: skip


def _where(case: Case, ground: Ground | None) -> tuple[Written | None, Way, Mapping[str, Any] | None]:
    """Return the document and the statement in the plan that a permission rests on; nothing for AWS's own policies."""
    if ground is None:
        return None, (), None
    holder = case.planned.declared(ground.arn or ground.owner)
    kind: Kind = "trust" if ground.layer == "trust" else "resource" if ground.layer == "resource" else "identity"
    for written in documents(case.planned, kind) if holder is not None else ():
        named = written.field != "inline" or written.within == (ground.policy,)
        if written.declaration is holder and named:
            place, statement = written.statements[ground.place]
            return written, place, statement
    return None, (), None


def _short(arn: str) -> str:
    """Leave out what every ARN of the plan has in common."""
    return arn.split(":", 5)[-1] if arn.startswith("arn:aws:iam::") else arn


def _said(ground: Ground) -> str:
    """Name a statement as the other proofs do: by its Sid, else by its number from 1."""
    name = ground.statement if isinstance(ground.statement, str) else ground.place + 1
    of = "" if not ground.policy or ground.policy.startswith(ground.layer) else f" {ground.policy}"
    return f"statement {name} of the {ground.layer} policy{of} of {_short(ground.owner)}"

"""Nobody becomes an administrator who is not one: TW1003."""

from collections.abc import Iterator

from twin.analysis.plan.case import Case
from twin.analysis.plan.finding import Finding
from twin.analysis.reach import Node, Path
from twin.analysis.reach.breaking import Break, narrowest_break
from twin.resources.declaration import Declaration

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
        f"{hop.by.arn.rpartition(':')[2]} → {hop.to.arn.rpartition(':')[2]}: {hop.rule} ("
        + ", ".join(f"{step.action} on {step.resource}" for step in hop.steps)
        + ")"
        for hop in way
    )
    grounds = tuple(f"permitted by {ground}" for ground in dict.fromkeys(g for hop in way for g in hop.grounds))
    goal = "its own rights" if last.to.arn == case.planned.arn(one) else last.to.arn.rpartition(":")[2]
    mend = "no single change breaks it: take the permissions apart"
    if narrow is not None:
        mend = "take away " + ", and ".join(str(ground) for ground in narrow.grounds)
    return Finding(
        RULE, "error", f"{one.address} can make itself an administrator by way of {goal}", one, None, (), None, mend,
        about="admin", notes=(*steps, *grounds),
    )  # fmt: skip

"""Grants name what they are for: TW1004."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from twin.analysis.plan.case import Case
from twin.analysis.plan.conditions import tests
from twin.analysis.plan.documents import Written, documents, named
from twin.analysis.plan.finding import Finding, Level
from twin.analysis.plan.powers import Power, matching
from twin.analysis.reach import Node
from twin.resources.aws.policy_grammar import listed
from twin.resources.declaration import Path

RULE = "TW1004"
SHOWN = 4
_EVERYWHERE = re.compile(r"\*+|arn:[^:]+:[^:]+:[^:]*:[^:]*:\*+")
# Conditions that narrow a grant on every resource to some of them.
NARROWING = ("aws:resourcetag/", "aws:requesttag/", "aws:resourceaccount", "aws:resourceorgid", "iam:passedtoservice",
             "iam:permissionsboundary", "iam:resourcetag/", "ec2:resourcetag/", "kms:viaservice", "ecs:cluster",
             "iam:policyarn", "s3:resourceaccount", "kms:granteeprincipal", "iam:awsservicename")  # fmt: skip


def prove(case: Case) -> Iterator[Finding]:
    """Yield the statements whose actions or resources are wider than AWS asks for, and the administrators."""
    for written in documents(case.planned, "identity"):
        for place, statement in written.statements:
            if statement.get("Effect") == "Allow":
                yield from _statement(written, place, statement)
    for arn in case.reach.principals():
        one = case.planned.declared(arn)
        if one is not None and case.reach.ways.administers(Node(arn)):
            yield Finding(
                RULE, "note", f"{one.address} may do everything in the account", one, about="administrator",
                mend="keep it to those who must; a permissions boundary or an SCP would bound it",
            )  # fmt: skip


def _statement(written: Written, place: Path, statement: Mapping[str, Any]) -> Iterator[Finding]:
    one, name = written.declaration, named(statement, place)
    places = map(str, listed(statement.get("Resource")))
    everywhere = "NotResource" in statement or any(_EVERYWHERE.fullmatch(place) for place in places)
    patterns = [str(action) for action in listed(statement.get("Action"))]
    if "NotAction" in statement or "*" in patterns:
        what = "every action" if "*" in patterns else f"every action but {', '.join(listed(statement['NotAction']))}"
        level: Level = "warning"
        yield Finding(
            RULE, level, f"{one.address}: {name} allows {what}, those too that AWS has yet to make", one, written.field,
            place, statement, "name the actions that are needed", f"{name} actions",
        )  # fmt: skip
        return
    whole = [pattern for pattern in patterns if pattern.endswith(":*")]
    if whole:
        changing = [power for pattern in whole for power in matching(pattern) if power.changes]
        yield Finding(
            RULE, "warning" if changing else "note", f"{one.address}: {name} allows {', '.join(whole)}, of which "
            f"{len(changing)} actions change something", one, written.field, place, statement,
            "name the actions that are needed", f"{name} actions",
        )  # fmt: skip
    if everywhere and not any(test.key.startswith(NARROWING) for test in tests(statement)):
        yield from _everywhere(written, (place, statement), [p for pattern in patterns for p in matching(pattern)])


def _everywhere(written: Written, what: tuple[Path, Mapping[str, Any]], found: list[Power]) -> Iterator[Finding]:
    """Judge a grant on every resource: only of actions that know none is it as narrow as can be."""
    place, statement = what
    one, name = written.declaration, named(statement, place)
    narrowable = [power for power in found if power.resources]
    if not narrowable:
        return
    changing = [power for power in narrowable if power.changes]
    names = [power.name for power in changing or narrowable]
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    rest = [power.name for power in found if not power.resources]
    mend = "name the resources"
    if rest:
        mend += (
            f"; leave `*` to a statement of its own for {', '.join(rest[:SHOWN])}{' …' if len(rest) > SHOWN else ''}"
        )
    yield Finding(
        RULE, "warning" if changing else "note", f"{one.address}: {name} allows {', '.join(names[:SHOWN])}{more} on "
        f"every resource, though {'they know' if len(names) > 1 else 'it knows'} resources", one, written.field,
        place, statement, mend, f"{name} resources",
    )  # fmt: skip

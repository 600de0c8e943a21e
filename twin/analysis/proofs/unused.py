"""What is granted is used: TW1005, where a record of use is at hand."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from twin.analysis.plan.case import Case
from twin.analysis.plan.documents import Written, documents, named
from twin.analysis.plan.finding import Finding
from twin.analysis.plan.powers import Power, granted
from twin.analysis.plan.usage import Usage, facts
from twin.observe.iam.org import Group, Identity
from twin.resources.aws.policy_actions import covers
from twin.resources.aws.policy_grammar import listed
from twin.resources.declaration import Path

RULE = "TW1005"
SHOWN = 4


class _Judged(NamedTuple):
    """The parts of a statement's Action: those that were used, those that were not, those that no record can show."""

    used: tuple[str, ...]
    unused: tuple[str, ...]
    unseen: tuple[str, ...]


def prove(case: Case) -> Iterator[Finding]:
    """Yield the statements with actions that no holder did, each with the statement that would have been enough."""
    if case.usage is None:
        return
    holders = _holders(case)
    for written in documents(case.planned, "identity"):
        held = holders.get(_key(case, written), ())
        done = {action for arn in held for action in case.usage.of(arn)}
        for place, statement in written.statements:
            if held and statement.get("Effect") == "Allow" and "Action" in statement:
                judged = _judge(statement, done, case.usage)
                if judged.unused:
                    yield _finding(written, (place, statement, judged), case.usage.events)


def _key(case: Case, written: Written) -> str:
    return case.planned.arn(written.declaration)


def _holders(case: Case) -> Mapping[str, list[str]]:
    """Return the users and roles that hold each policy, and those of each group; an identity holds its own."""
    found: dict[str, list[str]] = defaultdict(list)
    groups = {one.arn: one for one in case.org.objects if isinstance(one, Group)}
    for one in case.org.objects:
        if isinstance(one, Identity):
            joined = [groups[arn] for arn in one.groups if arn in groups]
            held = [one.arn, *one.attached, *one.groups, *(arn for group in joined for arn in group.attached)]
            for arn in dict.fromkeys(held):
                found[arn].append(one.arn)
    return found


def _judge(statement: Mapping[str, Any], done: Iterable[str], usage: Usage) -> _Judged:
    used: dict[str, None] = {}
    unused: list[str] = []
    unseen: list[str] = []
    for pattern in map(str, listed(statement["Action"])):
        covered = {power.name.lower(): power for power in granted({"Action": pattern})}
        hits = sorted(covered[action].name for action in done if action in covered)
        hidden = [power for name, power in covered.items() if _hidden(power, usage) and name not in done]
        if hits and any(character in pattern for character in "*?"):
            used.update(dict.fromkeys([*hits, *(power.name for power in hidden)]))
            unused += [pattern] if len(hits) + len(hidden) < len(covered) else []
        elif hits:
            used[pattern] = None
        elif hidden:
            unseen.append(pattern)
        else:
            unused.append(pattern)
    return _Judged(tuple(used), tuple(unused), tuple(unseen))


def _hidden(power: Power, usage: Usage) -> bool:
    """Return whether the record could not show the action: it is a data event, and no such event was recorded."""
    prefix = power.name.partition(":")[0]
    return prefix not in usage.seen and any(covers(pattern, power.name) for pattern in facts()["data_events"])


def _finding(written: Written, what: tuple[Path, Mapping[str, Any], _Judged], events: int) -> Finding:
    place, statement, judged = what
    one, name = written.declaration, named(statement, place)
    kept = [*judged.used, *judged.unseen]
    mend = f"take {name} out"
    if kept:
        mend = f"least privilege: {json.dumps({**statement, 'Action': kept[0] if len(kept) == 1 else kept})}"
    wide = [pattern for pattern in judged.unused if any(character in pattern for character in "*?")]
    plain = [pattern for pattern in judged.unused if pattern not in wide]
    said = (
        [f"{', '.join(plain[:SHOWN])}{' …' if len(plain) > SHOWN else ''}, which nobody who has it did"]
        if plain
        else []
    )
    said += [f"{pattern}, of which {_part(pattern, judged)} was done" for pattern in wide]
    changing = any(power.changes for pattern in judged.unused for power in granted({"Action": pattern}))
    return Finding(
        RULE, "warning" if changing else "note", f"{one.address}: {name} allows {'; '.join(said)} ({events} events)",
        one, written.field, place, statement, mend, f"{name} {' '.join(judged.unused)}",
        (f"not judged, as the record has no data events: {', '.join(judged.unseen)}",) if judged.unseen else (),
    )  # fmt: skip


def _part(pattern: str, judged: _Judged) -> str:
    hits = [name for name in judged.used if covers(pattern, name)]
    return ", ".join(hits[:SHOWN]) + (" …" if len(hits) > SHOWN else "") if hits else "nothing"

"""The least that an applier needs for an org: IAM policies from what its own calls ask for on a twin."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile
from typing import Any

from twin.promote.applier_course import USER, Work, open_account, perform
from twin.resources.aws.facts import facts
from twin.world.authorisation.ask import Ask
from twin.world.aws_call import Call

MOST_CHARACTERS: int = facts("iam")["managed_policy_size"]
MOST_POLICIES: int = facts("iam")["attached_policies"]["role"]
VERSION = "2012-10-17"
# Two worlds draw different ids; what differs between them is drawn, and not the spec's.
SEEDS = (1, 2)
MANY = 3
WIDE = {"Version": VERSION, "Statement": [{"Effect": "Allow", "NotAction": ["none:None"], "Resource": "*"}]}

Asked = dict[str, list[str]]


def policies(work: Work) -> list[dict[str, Any]]:
    """Return the policies under which an applier can do its work, each small enough for a managed policy."""
    first, second = (asked(work, seed) for seed in SEEDS)
    grants: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for action in sorted(first.keys() | second.keys()):
        resources = _merged(first.get(action, []), second.get(action, []))
        grants[tuple(_few(resources))].append(action)
    return list(packed(grants))


def asked(work: Work, seed: int) -> Asked:
    """Return what an applier's work asks for: resources by action, in the order in which it came to them."""
    world, target = open_account(work.scope, [WIDE], seed=seed, state=work.state)
    found: Asked = {}

    def hear(call: Call, ask: Ask) -> None:
        if call.principal.arn.endswith(f":user/{USER}"):
            known = found.setdefault(ask.action, [])
            if ask.resource not in known:
                known.append(ask.resource)

    world.gateway.authorisation.heard = hear
    try:
        perform(work, target)
    finally:
        world.close()
    return found


def _merged(first: Sequence[str], second: Sequence[str]) -> list[str]:
    """Return the resources of two worlds as patterns for both; any at all where they cannot be paired."""
    if "*" in (*first, *second) or len(first) != len(second):
        return ["*"]
    return sorted({_pattern(one, other) for one, other in zip(first, second, strict=True)})


def _pattern(one: str, other: str) -> str:
    if one == other:
        return one
    mine, theirs = re.split(r"([:/])", one), re.split(r"([:/])", other)
    if len(mine) != len(theirs):
        return _prefix([one, other])
    return "".join(a if a == b else _prefix([a, b]) for a, b in zip(mine, theirs, strict=True))


def _few(resources: Sequence[str]) -> list[str]:
    """Return fewer patterns for many resources of one kind: what all their names begin with."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for resource in resources:
        kinds[resource.partition("/")[0] if "/" in resource else resource.rpartition(":")[0]].append(resource)
    found = []
    for same in kinds.values():
        found += [_prefix(same)] if len(same) > MANY else same
    return sorted(set(found))


def _prefix(texts: Sequence[str]) -> str:
    """Return the pattern of what texts begin with, up to the last mark between words."""
    start = "".join(letters[0] for letters in takewhile(lambda them: len(set(them)) == 1, zip(*texts, strict=False)))
    return re.sub(r"[^-_.:/]*$", "", start) + "*"


def _statements(grants: Mapping[tuple[str, ...], list[str]]) -> Iterator[dict[str, Any]]:
    for resources, actions in sorted(grants.items()):
        statement = {"Effect": "Allow", "Action": actions, "Resource": list(resources)}
        if size([statement]) <= MOST_CHARACTERS:
            yield statement
            continue
        half = len(actions) // 2
        for part in (actions[:half], actions[half:]):
            yield from _statements({resources: part})


def packed(grants: Mapping[tuple[str, ...], list[str]]) -> Iterator[dict[str, Any]]:
    """Yield policies that grant actions on resources, none of them longer than a managed policy may be."""
    held: list[dict[str, Any]] = []
    for statement in _statements(grants):
        if held and size([*held, statement]) > MOST_CHARACTERS:
            yield {"Version": VERSION, "Statement": held}
            held = []
        held.append(statement)
    if held:
        yield {"Version": VERSION, "Statement": held}


def size(statements: Sequence[dict[str, Any]]) -> int:
    """Count a policy's characters as IAM does, without white space."""
    return len(json.dumps({"Version": VERSION, "Statement": list(statements)}, separators=(",", ":")))

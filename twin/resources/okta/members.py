"""Lists that a parent owns whole (the rules of a policy, the scopes of a server), kept by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from twin.resources.call import Steps, okta
from twin.resources.okta.org import GONE


@dataclass(frozen=True, slots=True)
class Member:
    """One wanted member: its name, its body for the API, and whether what is there already equals it."""

    name: str
    body: Mapping[str, Any]
    same: bool = False


def write(path: str, members: Sequence[Member], ids: Mapping[str, str]) -> Steps[dict[str, str]]:
    """Bring the list under `path` to the wanted members: remove, then write in order; returns the ids by name.

    `ids` are those of the members that are there. The order matters for rules, whose priorities shift one another.
    """
    wanted = {member.name for member in members}
    for name in sorted(set(ids) - wanted):
        yield okta("DELETE", f"{path}/{ids[name]}", absent=GONE)
    kept: dict[str, str] = {}
    for member in members:
        if member.name not in ids:
            reply = yield okta("POST", path, dict(member.body))
            kept[member.name] = reply["id"]
            continue
        kept[member.name] = ids[member.name]
        if not member.same:
            yield okta("PUT", f"{path}/{ids[member.name]}", dict(member.body))
    return kept

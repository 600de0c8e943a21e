"""Where a statement stands in its policy, and which context keys it names."""

import json
import re
from dataclasses import dataclass
from typing import Any

from twin.semantics.iam.policy import Kind
from twin.world.authorisation.documents import Document, read

VARIABLE = re.compile(r"\$\{\s*([\w:/.-]+?)\s*(?:,[^}]*)?\}")
STATEMENT = re.compile(r'"Statement"\s*:\s*')
Place = dict[str, int]


@dataclass(frozen=True, slots=True)
class Source:
    """A policy of a simulation: its name and type, its text, and the statements' places and keys in it."""

    name: str
    type: str
    document: Document
    places: tuple[tuple[Place, Place], ...]
    wanted: tuple[tuple[str, ...], ...]

    @property
    def keys(self) -> set[str]:
        """The context keys that the policy names."""
        return {key for keys in self.wanted for key in keys}

    def told(self, statement: int) -> dict[str, Any]:
        """Return a statement as simulations tell it."""
        start, end = self.places[statement]
        return {
            "SourcePolicyId": self.name,
            "SourcePolicyType": self.type,
            "StartPosition": start,
            "EndPosition": end,
        }


def source(name: str, type_: str, text: str, *, kind: Kind = "identity") -> Source:
    """Read a policy for a simulation."""
    document = read(text, kind)
    written = json.loads(text)["Statement"]
    listed = written if isinstance(written, list) else [written]
    return Source(name, type_, document, _places(text, len(listed)), tuple(_keys(each) for each in listed))


def missing_keys(sources: list[Source], asked: tuple[str, str], context: dict[str, Any]) -> list[str]:
    """Return the keys that statements about an action name and a simulation was not given."""
    given = {name.lower() for name in context}
    found = set()
    for each in sources:
        covering = each.document.policy.covering(asked[0].lower())
        for statement, keys in zip(each.document.policy.statements, each.wanted, strict=True):
            if statement in covering:
                found |= {key for key in keys if key.lower() not in given}
    return sorted(found)


def _keys(statement: dict[str, Any]) -> tuple[str, ...]:
    named = [key for tests in (statement.get("Condition") or {}).values() for key in tests]
    return tuple(dict.fromkeys(named + VARIABLE.findall(json.dumps(statement))))


def _places(text: str, count: int) -> tuple[tuple[Place, Place], ...]:
    found = STATEMENT.search(text)
    at = found.end() if found is not None else 0
    decoder = json.JSONDecoder()
    places = []
    for _ in range(count):
        at = text.index("{", at)
        _, end = decoder.raw_decode(text, at)
        places.append((_place(text, at), _place(text, end)))
        at = end
    return tuple(places)


def _place(text: str, at: int) -> Place:
    return {"Line": text.count("\n", 0, at) + 1, "Column": at - text.rfind("\n", 0, at)}

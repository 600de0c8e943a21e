"""Finds a resource that does not exist yet, of the kind that an action makes, whose name a principal may use."""

import fnmatch
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

from twin.analysis.reach.documents import View, chosen
from twin.analysis.reach.overlap import overlap
from twin.analysis.reach.subject import Subject

NAME, REGION = "new", "us-east-1"
TOGETHER = 12
"""Patterns of one resource of which each two are tried together; more would be tried in all their pairs."""
_VARIABLE = re.compile(r"\$\{([^},]+)[^}]*\}")


def witnesses(subject: Subject, action: str, template: str, *, policies: Iterable[str] = ()) -> Iterator[str]:
    """Yield ARNs of the template's form, likeliest first: one made up, then those that patterns of policies need.

    `policies` are those of the resource, and what binds its account. A name is tried for each pattern that permits, for
    each two of them together, and apart from what is denied; whether a policy of three layers and more leaves a name is
    not decided for all names.
    """
    named = _Named(subject, action.lower(), policies)
    seen: set[str] = set()
    for made in named.names(template):
        if made not in seen:
            seen.add(made)
            yield made


class _Named:
    """What the policies on the way say of names: those that they permit, and those that they deny."""

    def __init__(self, subject: Subject, action: str, policies: Iterable[str]) -> None:
        facts = {key.lower(): value for key, value in subject.facts}
        if ":user/" in subject.arn:
            facts["aws:username"] = subject.arn.rpartition("/")[2]
        own = [source.text for source in (*subject.identity, *(subject.boundary or ()))]
        limits = [source.text for _, sources in subject.scps or () for source in sources]
        spoken = [_patterns(text, action) for text in (*own, *limits, *policies)]
        view = View(frozenset(facts), free_tags=subject.free_tags)
        self.permitted = _filled((one for permitted, _ in spoken for one in permitted), facts, view)
        self.denied = _filled((one for _, denied in spoken for one in denied), facts, view)

    def names(self, template: str) -> Iterator[str]:
        yield _concrete(template)
        for pattern in self.permitted:
            made = _meet(pattern, template)
            if made is not None:
                yield made
        if template == "*":
            return
        form = template[:-1] + "?*" if template.endswith("/*") else template
        near = [one for one in self.permitted if one.strip("*") and overlap((form, one)) is not None]
        for together in ((), *((one,) for one in near), *combinations(near[:TOGETHER], 2)):
            for spared in (self.denied, ()) if self.denied else ((),):
                made = overlap((form, *together), spared)
                if made is not None:
                    yield made


def _filled(patterns: Iterable[str], facts: Mapping[str, str], view: View) -> tuple[str, ...]:
    """Put the values of variables in, anything for those that the caller chooses; an absent one matches nothing."""
    known = (_VARIABLE.sub(lambda found: facts.get(found[1].strip().lower(), found[0]), one) for one in patterns)
    filled = (chosen(one, view) for one in known)
    return tuple(dict.fromkeys(one for one in filled if "${" not in one))


@lru_cache(maxsize=65536)
def _patterns(text: str, action: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the Resource patterns of the statements that may cover an action: those permitted, and those denied.

    What a NotResource leaves out is the other way about.
    """
    statements = json.loads(text)["Statement"]
    permitted: dict[str, None] = {}
    denied: dict[str, None] = {}
    for statement in statements if isinstance(statements, list) else [statements]:
        if not _covers(statement, action):
            continue
        allows = statement["Effect"] == "Allow"
        permitted.update(dict.fromkeys(_listed(statement, "Resource" if allows else "NotResource")))
        denied.update(dict.fromkeys(_listed(statement, "NotResource" if allows else "Resource")))
    return tuple(permitted), tuple(one for one in denied if one.strip("*"))


def _covers(statement: Mapping[str, Any], action: str) -> bool:
    """Return whether a statement speaks of an action; what a NotAction leaves out is taken to be spoken of."""
    actions = _listed(statement, "Action")
    return not actions or any(fnmatch.fnmatchcase(action, one.lower()) for one in actions)


def _listed(statement: Mapping[str, Any], element: str) -> list[str]:
    written = statement.get(element, [])
    return [written] if isinstance(written, str) else list(written)


def _meet(pattern: str, template: str) -> str | None:
    """Return an ARN that both match, None when no name was found."""
    if template == "*":
        return _concrete(pattern)
    if pattern.strip("*") == "" or pattern.count(":") < 5:
        return None
    parts, wanted = pattern.split(":", 5), template.split(":", 5)
    made = [
        _field(part, want, REGION if place == 3 else NAME)
        for place, (part, want) in enumerate(zip(parts, wanted, strict=True))
    ]
    return None if None in made else ":".join(str(part) for part in made)


def _field(part: str, want: str, name: str) -> str | None:
    for made in (_fill(part, name), _fill(want, name)):
        if fnmatch.fnmatchcase(made, _glob(part)) and fnmatch.fnmatchcase(made, _glob(want)):
            return made
    return None


def _glob(pattern: str) -> str:
    return pattern.replace("[", "[[]")


def _fill(part: str, name: str) -> str:
    return part.replace("*", name).replace("?", "x")


def _concrete(template: str) -> str:
    """Make an ARN up."""
    if template == "*":
        return "*"
    if template.count(":") < 5:
        return _fill(template, NAME)
    parts = template.split(":", 5)
    return ":".join(_fill(part, REGION if place == 3 else NAME) for place, part in enumerate(parts))

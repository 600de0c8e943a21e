"""Finds a resource that does not exist yet, of the kind that an action makes, whose name a principal may use."""

import fnmatch
import json
import re
from collections.abc import Iterator
from functools import lru_cache

from twin.analysis.reach.subject import Subject

NAME, REGION = "new", "us-east-1"
_VARIABLE = re.compile(r"\$\{([^},]+)[^}]*\}")


def witnesses(subject: Subject, action: str, template: str) -> Iterator[str]:
    """Yield ARNs of the template's form, likeliest first: one made up, then one for each pattern that is granted.

    Whether there is a permitted name is not decided for all names: a name is tried for each pattern of an Allow.
    """
    yield _concrete(template)
    facts = {key.lower(): value for key, value in subject.facts}
    if ":user/" in subject.arn:
        facts["aws:username"] = subject.arn.rpartition("/")[2]
    seen = {_concrete(template)}
    for source in (*subject.identity, *(subject.boundary or ())):
        for pattern in _patterns(source.text, action.lower()):
            filled = _VARIABLE.sub(lambda found: facts.get(found[1].strip().lower(), found[0]), pattern)
            made = _meet(filled, template)
            if made is not None and made not in seen:
                seen.add(made)
                yield made


@lru_cache(maxsize=65536)
def _patterns(text: str, action: str) -> tuple[str, ...]:
    """Return the Resource patterns of the Allow statements that may cover an action."""
    statements = json.loads(text)["Statement"]
    found: dict[str, None] = {}
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] != "Allow" or "Resource" not in statement:
            continue
        actions = statement.get("Action", "*")
        listed = [actions] if isinstance(actions, str) else actions
        if any(fnmatch.fnmatchcase(action, one.lower()) for one in listed):
            resources = statement["Resource"]
            found.update(dict.fromkeys([resources] if isinstance(resources, str) else resources))
    return tuple(found)


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

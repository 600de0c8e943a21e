"""The objects of an org as JSON texts by their keys, and back: what recordings keep of who may do what."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from twin.observe.iam.org import Account, Document, Door, Group, Identity, Managed, Member, Object, Org, Point, Thing

CLASSES: dict[str, type[Object]] = {
    one.__name__.lower(): one for one in (Account, Identity, Group, Managed, Thing, Point, Member, Door)
}
GAPS = "gaps"
"""The key of what could not be read; no object has it."""


def written(org: Org) -> dict[str, str]:
    """Return the objects of an org as JSON texts by their keys, and its gaps."""
    found = {one.key: _text({"is": type(one).__name__.lower(), **asdict(one)}) for one in org.objects}
    return {**found, GAPS: _text(org.gaps)}


def read_written(texts: Mapping[str, str]) -> Org:
    """Return the org of such texts; KeyError or TypeError when they are none."""
    objects = tuple(_object(json.loads(text)) for key, text in texts.items() if key != GAPS)
    return Org(objects, tuple(json.loads(texts.get(GAPS, "[]"))))


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _object(told: Mapping[str, Any]) -> Object:
    cls = CLASSES[told["is"]]
    return cls(**{one.name: _value(one.name, told[one.name]) for one in fields(cls) if one.name in told})


def _value(name: str, value: Any) -> Any:
    if name == "inline":
        return tuple(Document(**one) for one in value)
    if name in ("scps", "rcps") and value is not None:
        return tuple((level, tuple(Document(**one) for one in documents)) for level, documents in value)
    if isinstance(value, list):
        return tuple(tuple(one) if isinstance(one, list) else one for one in value)
    return value

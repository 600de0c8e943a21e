"""One form for values that mean the same, so that a difference is a change and not a spelling."""

import json
from collections.abc import Sequence
from enum import Enum
from typing import Any


class Compare(Enum):
    """How a field's values are compared, as a marker in its annotation."""

    UNORDERED = "unordered"
    """A list whose order means nothing."""
    DOCUMENT = "document"
    """An IAM policy document: a mapping or its JSON text."""


UNORDERED = Compare.UNORDERED
DOCUMENT = Compare.DOCUMENT

# In a policy document these hold sets: one element may stand alone, order means nothing.
_SETS = frozenset({"Action", "NotAction", "Resource", "NotResource", "AWS", "Service", "Federated", "CanonicalUser"})


def canonical(value: Any, modes: Sequence[Compare] = ()) -> Any:
    """Return the canonical form of a value: JSON types only, sets sorted, policy documents in one spelling."""
    if Compare.DOCUMENT in modes:
        return _statement(document(value))
    plain = _plain(value)
    if Compare.UNORDERED in modes and isinstance(plain, list):
        return sorted(plain, key=text)
    return plain


def document(value: Any) -> Any:
    """Read a policy document that may come as JSON text."""
    return json.loads(value) if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") else value


def text(value: Any) -> str:
    """Write a value as canonical JSON: keys sorted, no spaces."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items() if v is not None}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, set | frozenset):
        return sorted((_plain(item) for item in value), key=text)
    return value


def _statement(value: Any) -> Any:
    if isinstance(value, list):
        return [_statement(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key: _element(key, item) for key, item in value.items()}


def _element(key: str, item: Any) -> Any:
    if key == "Statement":
        return _statement(item if isinstance(item, list) else [item])
    if key == "Principal" and item == "*":
        return {"AWS": ["*"]}
    if key in _SETS:
        return sorted({str(i) for i in (item if isinstance(item, list | tuple) else [item])})
    if key == "Condition" and isinstance(item, dict):
        return {
            operator: {
                k.lower(): sorted(map(_scalar, v if isinstance(v, list | tuple) else [v])) for k, v in keys.items()
            }
            for operator, keys in item.items()
        }
    return _statement(item)


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)

"""Condition elements as proofs read them: one test after the other, and whether a test fixes who may come."""

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import Any, NamedTuple

from twin.resources.aws.policy_grammar import listed

_STRICT = re.compile(r"(?:ForAnyValue:)?(?:String(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Equals|Like)|IpAddress|Bool)")
_WILD = re.compile(r"[*?]|\$\{")
_ACCOUNT = re.compile(r"arn:[^:*?]*:[^:*?]+:[^:]*:\d{12}:.+")


class Test(NamedTuple):
    """One key of one operator; `key` is in lower case."""

    operator: str
    key: str
    values: tuple[str, ...]

    @property
    def strict(self) -> bool:
        """Whether it asks for a value: not negated, and failing where the key is absent."""
        return _STRICT.fullmatch(self.operator) is not None


def tests(statement: Mapping[str, Any]) -> Iterator[Test]:
    """Yield the tests of a statement's conditions, all of which must hold."""
    for operator, keys in (statement.get("Condition") or {}).items():
        for key, values in keys.items():
            yield Test(operator, key.lower(), tuple(_said(value) for value in listed(values)))


def _said(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def asks(statement: Mapping[str, Any], *keys: str) -> list[Test]:
    """Return the strict tests of a statement on any of the keys, given in lower case."""
    return [one for one in tests(statement) if one.strict and one.key in keys]


def fixed(value: str) -> bool:
    """Return whether a value is one thing, or anything of one account."""
    return not _WILD.search(value) or _ACCOUNT.fullmatch(value) is not None


def broad(block: str) -> bool:
    """Return whether a range of addresses is so wide that S3 takes it for everybody."""
    network = ip_network(block, strict=False)
    return not network.is_private and network.prefixlen < (8 if network.version == 4 else 32)

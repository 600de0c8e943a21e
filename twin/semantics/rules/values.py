"""The values of a request: from JSON to what expressions compare, and back."""

import ipaddress
from collections.abc import Mapping
from typing import Any, Union

from twin.semantics.rules.catalogue import field_kinds
from twin.semantics.rules.kinds import ADDRESS, BOOLEAN, INTEGER, STRING, Kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.syntax import Ip

Value = Union[bytes, int, bool, Ip, "list[Value]", "dict[bytes, Value]"]
Fields = Mapping[str, Value]


def fields(given: Mapping[str, Any]) -> dict[str, Value]:
    """Return the values of fields; null is a missing value, a name that is no field is left out."""
    kinds = field_kinds()
    return {
        name: _value(name, kinds[name], value) for name, value in given.items() if name in kinds and value is not None
    }


def _value(name: str, kind: Kind, given: Any) -> Value:
    match given:
        case bool() if kind == BOOLEAN:
            return given
        case int() if kind == INTEGER and not isinstance(given, bool) and -(2**63) <= given < 2**63:
            return given
        case str() if kind == STRING:
            return given.encode("utf-8", "surrogatepass")
        case str() if kind == ADDRESS:
            return _address(name, given)
        case list() if kind.of is not None and kind.name == "Array":
            return [_value(name, kind.of, item) for item in given]
        case dict() if kind.of is not None and kind.name == "Map":
            return {str(key).encode(): _value(name, kind.of, item) for key, item in given.items()}
    raise RuleError(f"the value of {name} is no {kind}: {given!r}", 0)


def _address(name: str, given: str) -> Ip:
    try:
        parsed = ipaddress.ip_address(given)
    except ValueError:
        raise RuleError(f"the value of {name} is no IP address: {given!r}", 0) from None
    return Ip(parsed.version, int(parsed))


def plain(value: Value | None) -> Any:
    """Return a value as JSON has it; IPv6 addresses in full, as the documentation writes them."""
    match value:
        case bytes():
            return _text(value)
        case Ip(version, number):
            return str(ipaddress.IPv4Address(number)) if version == 4 else ipaddress.IPv6Address(number).exploded
        case list():
            return [plain(item) for item in value]
        case dict():
            return {_text(key): plain(item) for key, item in value.items()}
    return value


def _text(value: bytes) -> str:
    """Return bytes as text; those that are no UTF-8 each as one character, as the documentation shows them."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")

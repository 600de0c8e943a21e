"""Literals: strings in three notations, integers in three bases, addresses, and the lists of them."""

import ipaddress
import string
from collections.abc import Callable
from typing import TypeVar

from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.kinds import ADDRESS, INTEGER, STRING, Kind
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.syntax import Address, InlineList, Interval, Ip, Literal, NamedList, Number, Text

HEX = frozenset(string.hexdigits)
OCTAL = frozenset(string.octdigits)
LIST_NAME = frozenset(string.ascii_lowercase + string.digits + "_.")
ADDRESS_SIGNS = HEX | {":", ".", "/"}
MOST_HASHES = 255
Bound = TypeVar("Bound", int, Ip)


def text(cursor: Cursor) -> Text:
    """Read a string: quoted, raw, or bytes in hexadecimal such as 61:62."""
    if cursor.peek() == '"':
        return quoted(cursor)
    if starts_raw(cursor):
        return raw(cursor)
    return _hexadecimal(cursor)


def starts_raw(cursor: Cursor) -> bool:
    """Tell whether a raw string comes next."""
    return cursor.peek() == "r" and cursor.peek(1) in ('"', "#")


def quoted(cursor: Cursor) -> Text:
    r"""Read a quoted string, where \" \\ \xHH and \OOO are escapes and no others."""
    start = cursor.at
    cursor.at += 1
    content = bytearray()
    while not cursor.done:
        sign = cursor.peek()
        cursor.at += 1
        if sign == '"':
            return Text(bytes(content), "quoted", start)
        content += _escape(cursor) if sign == "\\" else _utf8(sign)
    raise RuleError("could not find an ending quote", start + 1)


def _utf8(sign: str) -> bytes:
    return sign.encode("utf-8", "surrogatepass")


def _escape(cursor: Cursor) -> bytes:
    start, sign = cursor.at, cursor.peek()
    if sign in ('"', "\\") and sign:
        cursor.at += 1
        return sign.encode()
    if sign == "x":
        cursor.at += 1
        return bytes([_digits(cursor, 2, HEX, 16)])
    if sign in OCTAL:
        return bytes([_digits(cursor, 3, OCTAL, 8)])
    if not sign:
        raise RuleError("could not find an ending quote", start)
    raise RuleError('expected ", \\, xHH or OOO after \\', start)


def _digits(cursor: Cursor, count: int, allowed: frozenset[str], base: int) -> int:
    start = cursor.at
    digits = cursor.text[start : min(start + count, cursor.end)]
    if len(digits) < count or not set(digits) <= allowed:
        raise RuleError(f"expected {count} digits of base {base}", start)
    value = int(digits, base)
    if value > 255:
        raise RuleError(f"\\{digits} is more than one byte", start)
    cursor.at += count
    return value


def raw(cursor: Cursor) -> Text:
    """Read a raw string: r"…", or with as many # on both sides as its content needs."""
    start = cursor.at
    cursor.at += 1
    hashes = len(cursor.run(frozenset("#")))
    if hashes > MOST_HASHES:
        raise RuleError(f"a raw string has at most {MOST_HASHES} '#'", start + 1)
    if not cursor.take('"'):
        raise RuleError("expected '\"' or '#'", cursor.at)
    closing = '"' + "#" * hashes
    finish = cursor.text.find(closing, cursor.at, cursor.end)
    if finish < 0:
        raise RuleError("could not find an ending quote", start + 1)
    content = _utf8(cursor.text[cursor.at : finish])
    cursor.at = finish + len(closing)
    return Text(content, f"raw{hashes}", start)


def _hexadecimal(cursor: Cursor) -> Text:
    start = cursor.at
    content = bytearray([_digits(cursor, 2, HEX, 16)])
    if cursor.peek() != ":":
        raise RuleError("expected ':' and another byte", cursor.at)
    while cursor.take(":"):
        content.append(_digits(cursor, 2, HEX, 16))
    return Text(bytes(content), "bytes", start)


def integer(cursor: Cursor) -> int:
    """Read an integer of 64 bits: decimal, 0x for hexadecimal, a leading 0 for octal."""
    if cursor.text.startswith("0x", cursor.at, cursor.end):
        cursor.at += 2
        start, base = cursor.at, 16
    else:
        start, base = cursor.at, 8 if cursor.peek() == "0" else 10
        cursor.take("-")
    digits_at = cursor.at
    digits = cursor.run(HEX)
    if not digits:
        raise RuleError("expected a digit", digits_at)
    try:
        value = int(cursor.text[start : cursor.at], base)
    except ValueError:
        raise RuleError(f"{cursor.text[start : cursor.at]} is no integer of base {base}", start) from None
    if not -(2**63) <= value < 2**63:
        raise RuleError("the integer does not fit in 64 bits", start)
    return value


def address(cursor: Cursor) -> Ip:
    """Read one IPv4 or IPv6 address."""
    start = cursor.at
    return _parsed_address(_address_signs(cursor), start)


def _address_signs(cursor: Cursor) -> str:
    start = cursor.at
    signs = cursor.run(ADDRESS_SIGNS)
    if not signs:
        raise RuleError("expected an IP address", start)
    return signs


def _parsed_address(written: str, at: int) -> Ip:
    try:
        parsed = ipaddress.ip_address(written)
    except ValueError:
        raise RuleError(f"{written} is no IP address", at) from None
    return Ip(parsed.version, int(parsed))


def _addresses(cursor: Cursor) -> Interval:
    start = cursor.at
    written = _address_signs(cursor)
    first_written, dots, last_written = written.partition("..")
    if dots:
        first = _parsed_address(first_written, start)
        last = _parsed_address(last_written, start + len(first_written) + 2)
        if first.version != last.version or last < first:
            raise RuleError("the bounds of the range do not fit together", start)
        return Interval(first, last, start)
    return _network(written, start)


def _network(written: str, start: int) -> Interval:
    base, slash, length_written = written.partition("/")
    full, implied = _completed(base)
    first = _parsed_address(full, start)
    bits = 32 if first.version == 4 else 128
    if slash and not length_written.isdecimal():
        raise RuleError(f"{length_written!r} is no length of a network", start + len(base) + 1)
    length = int(length_written) if slash else implied or bits
    if length > bits:
        raise RuleError(f"a network of IPv{first.version} has at most {bits} bits, not {length}", start)
    hosts = (1 << (bits - length)) - 1
    if first.number & hosts:
        raise RuleError(f"{written} has bits set after the length of its network", start)
    return Interval(first, Ip(first.version, first.number | hosts), start)


def _completed(base: str) -> tuple[str, int | None]:
    """Fill up an IPv4 network of which parts are left out: 10 is 10.0.0.0/8, as the engine reads it."""
    parts = base.split(".")
    if len(parts) < 4 and all(part.isdecimal() for part in parts):
        return ".".join([*(str(int(part)) for part in parts), *["0"] * (4 - len(parts))]), 8 * len(parts)
    return base, None


def _integers(cursor: Cursor) -> Interval:
    start = cursor.at
    first = integer(cursor)
    last = integer(cursor) if cursor.take("..") else first
    if last < first:
        raise RuleError("the bounds of the range do not fit together", start)
    return Interval(first, last, start)


ITEMS: dict[Kind, Callable[[Cursor], Text | Interval]] = {STRING: text, INTEGER: _integers, ADDRESS: _addresses}


def inline_list(cursor: Cursor, kind: Kind) -> InlineList:
    """Read values of a type in braces, separated by spaces."""
    start = cursor.at
    cursor.expect("{")
    items: list[Text | Interval] = []
    while True:
        cursor.skip_space()
        if cursor.take("}"):
            return InlineList(tuple(items), start)
        items.append(ITEMS[kind](cursor))


def named_list(cursor: Cursor) -> NamedList:
    """Read the name of a list after its $: lower-case letters, digits, underscores, dots inside."""
    start = cursor.at
    cursor.expect("$")
    name = cursor.run(LIST_NAME)
    if not name or name[0] == "." or name[-1] == ".":
        raise RuleError(f"{name + cursor.peek()!r} is no name of a list", start + 1)
    return NamedList(name, start)


def literal(cursor: Cursor, kind: Kind) -> Literal:
    """Read a literal of a type."""
    start = cursor.at
    if kind == INTEGER:
        return Number(integer(cursor), start)
    if kind == ADDRESS:
        return Address(address(cursor), start)
    return text(cursor)

"""From a tree back to text that parses to the same tree."""

import ipaddress

from twin.semantics.rules.syntax import (
    Access,
    Address,
    Argument,
    Call,
    Comparison,
    Constant,
    Each,
    Expression,
    Group,
    Index,
    InlineList,
    Interval,
    Ip,
    Logic,
    NamedList,
    Not,
    Number,
    Text,
    Truth,
)


def written(node: Expression | Argument | InlineList | NamedList) -> str:
    """Return the text of a tree."""
    match node:
        case Logic(operator, operands):
            return f" {operator} ".join(written(operand) for operand in operands)
        case Not(operand):
            return f"not {written(operand)}"
        case Group(inner):
            return f"({written(inner)})"
        case Truth(value):
            return written(value)
        case Constant(value):
            return str(value).lower()
        case Comparison(left, "matches", Text() as right):
            return f"{written(left)} matches {_regex(right)}"
        case Comparison(left, operator, right):
            return f"{written(left)} {operator} {written(right)}"
        case Access(root, indexes):
            name = _call(root) if isinstance(root, Call) else root.name
            return name + "".join(map(_index, indexes))
        case InlineList(items):
            return f"{{{' '.join(map(_item, items))}}}"
        case NamedList(name):
            return f"${name}"
        case Text():
            return _text(node)
        case Number(value):
            return str(value)
        case Address(value):
            return address(value)


def address(value: Ip) -> str:
    """Return an address as it is commonly written."""
    return str(ipaddress.IPv4Address(value.number) if value.version == 4 else ipaddress.IPv6Address(value.number))


def _call(call: Call) -> str:
    return f"{call.name}({', '.join(map(written, call.arguments))})"


def _index(index: Index) -> str:
    if isinstance(index, Each):
        return "[*]"
    return f"[{_quoted(index.encode())}]" if isinstance(index, str) else f"[{index}]"


def _item(item: Text | Interval) -> str:
    if isinstance(item, Text):
        return _text(item)
    if isinstance(item.first, int):
        return str(item.first) if item.first == item.last else f"{item.first}..{item.last}"
    assert isinstance(item.last, Ip)
    return address(item.first) if item.first == item.last else f"{address(item.first)}..{address(item.last)}"


def _text(text: Text) -> str:
    if text.form == "bytes":
        return text.value.hex(":")
    return _raw(text) if text.form.startswith("raw") else _quoted(text.value)


def _raw(text: Text) -> str:
    hashes = "#" * int(text.form.removeprefix("raw"))
    return f'r{hashes}"{text.value.decode("utf-8", "surrogatepass")}"{hashes}'


def _regex(text: Text) -> str:
    """Return a regular expression in quotes, where only a quote outside a class is escaped."""
    if text.form != "quoted":
        return _raw(text)
    content, in_class, escaped = [], False, False
    for sign in text.value.decode("utf-8", "surrogatepass"):
        content.append("\\" + sign if sign == '"' and not in_class and not escaped else sign)
        if not escaped:
            in_class = (in_class and sign != "]") or (not in_class and sign == "[")
        escaped = sign == "\\" and not escaped
    return f'"{"".join(content)}"'


def _quoted(value: bytes) -> str:
    r"""Return a quoted string; bytes that are no printable ASCII as \xHH."""
    signs = (
        f"\\{chr(byte)}" if byte in b'"\\' else chr(byte) if 32 <= byte < 127 else f"\\x{byte:02x}" for byte in value
    )
    return f'"{"".join(signs)}"'

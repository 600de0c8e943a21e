"""Plain YAML scalars by the YAML 1.2 core schema (https://yaml.org/spec/1.2.2/#103-core-schema)."""

import re

Scalar = None | bool | int | float | str

MAX_DIGITS = 300  # within a float's range, and short enough to print
NULLS = frozenset(["", "~", "null", "Null", "NULL"])
TRUES = frozenset(["true", "True", "TRUE"])
FALSES = frozenset(["false", "False", "FALSE"])
DECIMAL = re.compile(r"[-+]?[0-9]+")
OCTAL = re.compile(r"0o[0-7]+")
HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
INFINITY = re.compile(r"[-+]?(?:\.inf|\.Inf|\.INF)")
NAN = re.compile(r"\.nan|\.NaN|\.NAN")


def resolve(text: str) -> Scalar:
    """Return what an unquoted `text` stands for; ValueError when an integer is too long to read."""
    if text in NULLS:
        return None
    if text in TRUES or text in FALSES:
        return text in TRUES
    number = integer(text)
    if number is not None:
        return number
    if FLOAT.fullmatch(text):
        return float(text)
    if INFINITY.fullmatch(text) or NAN.fullmatch(text):
        return float(text.replace(".", ""))
    return text


def integer(text: str) -> int | None:
    """Return the integer that `text` writes in decimal, octal or hexadecimal, else None; ValueError when too long."""
    if len(text) > MAX_DIGITS and any(form.fullmatch(text) for form in (DECIMAL, OCTAL, HEXADECIMAL)):
        raise ValueError(f"more than {MAX_DIGITS} digits")
    if DECIMAL.fullmatch(text):
        return int(text)
    if OCTAL.fullmatch(text):
        return int(text[2:], 8)
    if HEXADECIMAL.fullmatch(text):
        return int(text[2:], 16)
    return None

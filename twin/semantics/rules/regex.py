"""Regular expressions: Rust's syntax, run by RE2, which shares its semantics and its linear time."""

import re
from collections.abc import Callable
from functools import lru_cache

import re2  # type: ignore[import-untyped]

Search = Callable[[bytes], bool]
# What Rust's regex syntax lets stand after a backslash (docs.rs/regex, syntax).
ESCAPES = frozenset("dDsSwWbBAzaftnrvxuUpP<>")
BRACED = re.compile(r"\{[^}]*\}")
REPETITION = re.compile(r"\{\s*(\d+)\s*(?:,\s*(\d*)\s*)?\}")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
UNICODE = "(?u)"
MOST_REPEATED = 1000  # RE2's own bound on counted repetition
SIZE = 10 * 2**20  # wirefilter's regex_compiled_size_limit


class PatternError(ValueError):
    """A regular expression that Rust refuses, or that this engine cannot run."""


@lru_cache(maxsize=1024)
def compiled(pattern: bytes) -> "re2._Regexp":
    """Compile a pattern over bytes; `(?u)` at its beginning makes it one over characters."""
    written = pattern.decode("utf-8", "surrogateescape")
    unicode = written.startswith(UNICODE)
    written = written.removeprefix(UNICODE) if unicode else written
    _check(written, unicode)
    # A character of several bytes repeats as a whole, and only ASCII letters have a case.
    written = written if unicode else NOT_ASCII.sub(r"(?-i:\g<0>)", written)
    options = re2.Options()
    options.log_errors = False
    options.max_mem = SIZE
    options.encoding = re2.Options.Encoding.UTF8 if unicode else re2.Options.Encoding.LATIN1
    try:
        return re2.compile(written.encode("utf-8", "surrogateescape"), options)
    except re2.error as refused:
        raise PatternError(_reason(refused)) from None


def _reason(refused: Exception) -> str:
    reason = refused.args[0] if refused.args else "invalid"
    told = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    known = told.startswith(("bad repetition operator", "invalid perl operator"))
    return f"not supported by this engine: {told}" if known else f"regex parse error: {told}"


def _check(pattern: str, unicode: bool) -> None:
    """Refuse by name what Rust refuses and RE2 accepts, and what Rust has and RE2 lacks."""
    position, in_class = 0, False
    while position < len(pattern):
        sign = pattern[position]
        if sign == "\\":
            position += _escape(pattern, position, unicode, in_class)
            continue
        if in_class:
            in_class, step = _inside_class(pattern, position, unicode)
        elif sign == "[":
            in_class, step = True, _class_start(pattern, position)
        else:
            step = _outside(pattern, position)
        position += step
    if in_class:
        raise PatternError("regex parse error: unclosed character class")


def _escape(pattern: str, position: int, unicode: bool, in_class: bool) -> int:
    sign = pattern[position + 1 : position + 2]
    if sign.isdigit():
        raise PatternError("regex parse error: backreferences are not supported")
    if not sign or (sign not in ESCAPES and (sign.isalnum() or not sign.isascii())):
        raise PatternError(f"regex parse error: unrecognized escape sequence \\{sign}")
    if sign in "pP" and not unicode:
        raise PatternError("regex parse error: Unicode is not allowed here; begin the expression with (?u)")
    if sign in "uU<>":
        raise PatternError(f"\\{sign} is not supported by this engine")
    if in_class and sign in "dDsSwW" and pattern[position + 2 : position + 3] == "-":
        _check_range(pattern, position + 3)
    braced = BRACED.match(pattern, position + 2) if sign in "pPx" else None
    return 2 + (len(braced.group()) if braced else 0)


def _check_range(pattern: str, end: int) -> None:
    if pattern[end : end + 1] not in ("]", ""):
        raise PatternError("regex parse error: a class such as \\d cannot begin a range")


def _class_start(pattern: str, position: int) -> int:
    """Return the length of `[`, `[^` and of the `]` that is an ordinary sign at the beginning."""
    step = 2 if pattern.startswith("^", position + 1) else 1
    return step + 1 if pattern.startswith("]", position + step) else step


def _inside_class(pattern: str, position: int, unicode: bool) -> tuple[bool, int]:
    sign = pattern[position]
    if sign == "]":
        return False, 1
    if pattern.startswith("[:", position):
        finish = pattern.find(":]", position)
        return True, finish + 2 - position if finish > 0 else 1
    if sign == "[" or pattern[position : position + 2] in ("&&", "--", "~~"):
        raise PatternError("classes within classes and their set operations are not supported by this engine")
    if not sign.isascii() and not unicode:
        raise PatternError("regex parse error: Unicode is not allowed here; begin the expression with (?u)")
    return True, 1


def _outside(pattern: str, position: int) -> int:
    sign = pattern[position]
    if sign != "{":
        return 1
    repetition = REPETITION.match(pattern, position)
    if repetition is None or position == 0 or pattern[position - 1] in "(|":
        raise PatternError("regex parse error: a repetition needs an expression before it and a decimal in it")
    if max(int(bound or 0) for bound in repetition.groups()) > MOST_REPEATED:
        raise PatternError(f"more than {MOST_REPEATED} repetitions are not supported by this engine")
    return len(repetition.group())


def search(pattern: bytes) -> Search:
    """Return a function that tells whether a value matches anywhere."""
    found = compiled(pattern).search
    return lambda value: found(value) is not None


def replace_first(pattern: bytes, replacement: bytes, source: bytes) -> bytes:
    """Replace the first match; `${n}` in the replacement is a group, `$$` a dollar sign."""
    match = compiled(pattern).search(source)
    if match is None:
        return source
    start, finish = match.span()
    groups = [match.group(number) or b"" for number in range(compiled(pattern).groups + 1)]
    return source[:start] + expand(replacement, groups) + source[finish:]


REFERENCE = re.compile(rb"\$(?:(\$)|\{(\d+)\}|(\d+))")


def expand(replacement: bytes, groups: list[bytes]) -> bytes:
    """Fill in a replacement; a group that does not exist is empty."""

    def one(match: "re.Match[bytes]") -> bytes:
        if match.group(1):
            return b"$"
        number = int(match.group(2) or match.group(3))
        return groups[number] if number < len(groups) else b""

    return REFERENCE.sub(one, replacement)

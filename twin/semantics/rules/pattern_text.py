"""String literals that are patterns: a regular expression keeps its backslashes where a string would not."""

from twin.semantics.rules import literals, regex, wildcard
from twin.semantics.rules.cursor import Cursor
from twin.semantics.rules.mistake import RuleError
from twin.semantics.rules.syntax import Text


def regex_text(cursor: Cursor) -> Text:
    r"""Read the string after `matches`: in quotes, \" is a quote and every other backslash stays."""
    if literals.starts_raw(cursor):
        return literals.raw(cursor)
    start = cursor.at
    cursor.at += 1
    content, in_class = [], False
    while not cursor.done:
        sign = cursor.peek()
        cursor.at += 1
        if sign == "\\" and not cursor.done:
            escaped = cursor.peek()
            cursor.at += 1
            content.append(escaped if escaped == '"' and not in_class else "\\" + escaped)
            continue
        if sign == '"' and not in_class:
            return Text("".join(content).encode("utf-8", "surrogatepass"), "quoted", start)
        in_class = (in_class and sign != "]") or (not in_class and sign == "[")
        content.append(sign)
    raise RuleError("could not find an ending quote", start + 1)


def content_offset(text: Text) -> int:
    """Return where the content of a string begins, after its quote."""
    return text.at + (1 if text.form == "quoted" else 2 + int(text.form.removeprefix("raw")))


def check_regex(text: Text) -> Text:
    """Refuse a string that is no regular expression."""
    try:
        regex.compiled(text.value)
    except regex.PatternError as refused:
        raise RuleError(str(refused), content_offset(text)) from None
    return text


def check_wildcard(text: Text) -> Text:
    """Refuse a string that is no wildcard pattern."""
    try:
        wildcard.segments(text.value)
    except wildcard.WildcardError as refused:
        raise RuleError(str(refused), text.at) from None
    return text


def check_references(text: Text, most: int) -> Text:
    """Refuse a replacement with too many references to groups."""
    count = sum(match.group(1) is None for match in regex.REFERENCE.finditer(text.value))
    if count > most:
        raise RuleError(f"the replacement has {count} references, {most} are the most", text.at)
    return text

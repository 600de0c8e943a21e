"""Cloudflare's own parser, wirefilter, agrees on what is an expression and where it ends to be one."""

import re

import pytest
from examples import examples
from hypothesis import given, settings
from hypothesis import strategies as st
from rules_specimens import conditions, with_lists
from test_rules_laws import ALPHABET
from test_rules_mistakes import MISTAKES

from twin.semantics.rules import RuleError, parse, written

wirefilter = pytest.importorskip(
    "octorules_wirefilter", reason="NO JUDGE OF THE RULES LANGUAGE: octorules-wirefilter is not installed"
)

POSITION = re.compile(r"Filter parsing error \((\d+):(\d+)\)")

# Functions whose arguments the judge's scheme does not check as the documentation does; conditions whose error
# the judge reports at their end, not at their beginning; raw strings without end, which it takes for a name.
CALLS = "cidr|cidr6|split|remove_query_args|regex_replace|wildcard_replace|url_decode|has_value|to_string"
OWN = re.compile(rf"({CALLS})\(|\[\*\] == |len\(cf|r#")
# len() takes arrays too (functions page); the judge's scheme knows it for strings only.
LENGTH = re.compile(r"expected value of type Bytes, but got Array")
NOT_RE2 = re.compile(r"not supported by this engine")


def judged(text):
    """Return the offset of the judge's error in characters, None when it accepts."""
    error = wirefilter.parse_expression(text).get("error")
    if error is None:
        return None
    line, column = map(int, POSITION.search(error).groups())
    before = text.split("\n")[: line - 1]
    return sum(len(each) + 1 for each in before) + _characters(text.split("\n")[line - 1], column - 1)


def _characters(line, offset):
    return len(line.encode()[:offset].decode(errors="ignore"))


def ours(text):
    """Return the offset of our error, None when we accept, and the message."""
    try:
        parse(text, "filter")
    except RuleError as refused:
        return refused.offset, refused.message
    return None, ""


def agree(text):
    """Tell whether both accept or both refuse a text, but for what is known to differ and named above."""
    offset, message = ours(text)
    if not text or text.isspace() or NOT_RE2.search(message):
        return True
    if offset is None and "len(" in text and LENGTH.search(wirefilter.parse_expression(text).get("error", "")):
        return True
    return (judged(text) is None) == (offset is None)


@settings(max_examples=examples(300))
@given(conditions | with_lists)
def test_judge_accepts_what_we_print(tree):
    """Every well-typed tree is an expression of the real parser too."""
    assert judged(written(tree)) is None


@settings(max_examples=examples(500))
@given(st.lists(ALPHABET, min_size=1, max_size=10).map("".join))
def test_judge_agrees_on_any_sequence_of_tokens(text):
    """Accepted by both or refused by both."""
    assert agree(text)


@settings(max_examples=examples(500))
@given(conditions, st.data())
def test_judge_agrees_on_damaged_expressions(tree, data):
    """One token put in or cut out: accepted by both or refused by both."""
    text = written(tree)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 3)))
    assert agree(text[:start] + data.draw(ALPHABET | st.just("")) + text[end:])


def _texts():
    return [text for text in MISTAKES.strip("\n").split("\n")[::2] if not OWN.search(text)]


@pytest.mark.parametrize("text", _texts())
def test_judge_points_at_the_same_character(text):
    """Where both refuse, spaces aside, they do so at one place."""
    offset, message = ours(text)
    if NOT_RE2.search(message):
        pytest.skip("RE2 lacks this part of Rust's syntax; it is refused by name")
    at = judged(text)
    assert at is not None
    assert at + len(text[at:]) - len(text[at:].lstrip()) == offset

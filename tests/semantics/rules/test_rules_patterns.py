"""Regular expressions over bytes, in linear time; and the timed codes of signed URLs."""

import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from rules_request import FIELDS, answer


@pytest.mark.parametrize(
    ("pattern", "host", "matches"),
    [
        ("^é+$", "ééé", True),
        ("(?i)^É$", "é", False),
        ("(?i)^E$", "e", True),
        ("^.$", "é", False),
        ("(?u)^.$", "é", True),
        (r"(?u)\p{Hangul}+", "한국", True),
        (r"(?u)\p{Hangul}+", "latin", False),
        (r"^\xc3\xa9$", "é", True),
        (r"^\w+$", "é", False),
        ("^[^a]+$", "é", True),
        (r"^a{2,3}$", "aaaa", False),
        (r"a\.b", "a.b", True),
        ("b$", "ab\n", False),
        ("^(?s:.)b", "\nb", True),
        ("^.b", "\nb", False),
        ("[[:digit:]]", "7", True),
        (r"\bfoo\b", "a foo b", True),
        ("(?i-s:A)", "a", True),
    ],
)
def test_regular_expression_works_on_bytes_unless_told_otherwise(pattern, host, matches):
    """As Rust's engine does without Unicode; (?u) at the beginning turns it on."""
    assert answer(f'http.host matches r"{pattern}"', {"http.host": host}) == {"value": matches}


def test_regular_expression_takes_linear_time():
    """A pattern that makes backtracking engines explode answers at once."""
    host = "a" * 20000 + "b"
    assert answer('http.host matches "^(a+)+$"', {"http.host": host}) == {"value": False}


def _signed(message: bytes, separator: bytes, moment: bytes, flags: bytes = b"") -> str:
    code = hmac.digest(b"key", message + moment, hashlib.sha256)
    written = urlsafe_b64encode(code).rstrip(b"=") if flags else quote(b64encode(code), safe="").encode()
    return (message + separator + moment + b"-" + written).decode()


@pytest.mark.parametrize(
    ("uri", "ttl", "more", "valid"),
    [
        (_signed(b"/cat.jpg", b"?verify=", b"1000000000"), 101, ", 8", True),
        (_signed(b"/cat.jpg", b"?verify=", b"1000000000"), 100, ", 8", False),
        (_signed(b"/cat.jpg", b"", b"1000000000"), 101, "", True),
        (_signed(b"/cat.jpg", b"?verify=", b"1000000000"), 101, "", False),
        (_signed(b"/cat.jpg", b"?verify=", b"1000000000", b"s"), 101, ', 8, "s"', True),
        (_signed(b"/cat.jpg", b"?verify=", b"1000000000").replace("cat", "dog"), 101, ", 8", False),
        ("/cat.jpg", 101, "", False),
    ],
)
def test_timed_code_is_valid_until_its_time_is_over(uri, ttl, more, valid):
    """The code covers message and timestamp, not the separator."""
    expression = f'is_timed_hmac_valid_v0("key", http.request.uri, {ttl}, http.request.timestamp.sec{more})'
    assert answer(expression, {**FIELDS, "http.request.uri": uri}) == {"value": valid}

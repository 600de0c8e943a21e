"""Plain scalars follow the YAML 1.2 core schema."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twin.spec.scalars import resolve

CASES = [
    ("", None),
    ("~", None),
    ("Null", None),
    ("nUll", "nUll"),
    ("true", True),
    ("FALSE", False),
    ("tRue", "tRue"),
    ("no", "no"),
    ("on", "on"),
    ("y", "y"),
    ("010", 10),
    ("-7", -7),
    ("0o17", 15),
    ("0xFF", 255),
    ("0b11", "0b11"),
    ("1_000", "1_000"),
    ("12:30:45", "12:30:45"),
    ("2012-10-17", "2012-10-17"),
    ("1e3", 1000.0),
    (".5", 0.5),
    ("1.", 1.0),
    (".inf", math.inf),
    ("-.INF", -math.inf),
    ("inf", "inf"),
    ("nan", "nan"),
    ("１２", "１２"),
]


@pytest.mark.parametrize(("text", "expected"), CASES)
def test_plain_scalar_means_what_yaml_1_2_says(text, expected):
    """Value and type both count: 1 is not true."""
    assert resolve(text) == expected
    assert type(resolve(text)) is type(expected)


def test_not_a_number_is_a_number():
    """`.nan` alone cannot be compared."""
    value = resolve(".nan")
    assert isinstance(value, float)
    assert math.isnan(value)


@given(st.integers())
def test_every_decimal_integer_survives(number):
    """Whatever str writes is read back."""
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_float_survives(number):
    """Whatever repr writes is read back, as a float."""
    assert resolve(repr(number)) == number


@given(st.integers(min_value=0))
def test_octal_and_hexadecimal_survive(number):
    """Both prefixes of the core schema are read back."""
    assert resolve(f"0o{number:o}") == number
    assert resolve(f"0x{number:X}") == number


@given(st.dates().map(str) | st.times().map(str) | st.from_regex(r"[yYnN]|yes|Yes|off|OFF", fullmatch=True))
def test_dates_times_and_words_stay_text(text):
    """What YAML 1.1 turns into something else stays as written."""
    assert resolve(text) == text

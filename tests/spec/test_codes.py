"""Every code is explained, and every explanation is of a code that exists."""

import re
from pathlib import Path

from twin.codes import codes, explain

TWIN = Path(__file__).parents[2] / "twin"
CODE = re.compile(r"\bTW\d{4}\b")


def used():
    """Return every code that the program's source names."""
    return {code for path in TWIN.rglob("*.py") for code in CODE.findall(path.read_text(encoding="utf-8"))}


def test_every_code_is_explained():
    """A code without an explanation could not be looked up."""
    assert used() - set(codes()) == set()


def test_every_explained_code_of_the_spec_is_used():
    """An explanation of nothing would be dead text."""
    mine = {code for code in codes() if code.startswith(("TW01", "TW02", "TW03"))}
    assert mine - used() == set()


def test_explanations_are_whole():
    """Codes have the right form, a title and a text that is a sentence."""
    for code, explanation in codes().items():
        assert CODE.fullmatch(code)
        assert explanation.title
        assert explanation.text.endswith(".")


def test_codes_are_found_in_any_case():
    """`twin explain tw0104` works; an unknown code gives nothing."""
    assert explain("tw0104") == codes()["TW0104"]
    assert explain("TW9999") is None

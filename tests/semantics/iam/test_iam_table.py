"""Every row of the table is decided as its documentation page says."""

import pytest
from iam_rows import ERROR, PAGES, Row
from iam_table import conditions, elements, layers, perimeters, principals, services

from twin.semantics.iam.question import answer

ROWS = [*conditions.ROWS, *elements.ROWS, *principals.ROWS, *layers.ROWS, *services.ROWS, *perimeters.ROWS]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_decision_is_the_documented_one(row: Row):
    """The decision is the expected one, and an error where AWS refuses the policy."""
    got = _answer(row.question)
    assert (ERROR if "error" in got else got["decision"]) == row.expected


def test_table_is_large_and_cites_its_pages():
    """300 rows or more, no two alike, each from a page with a title and an address; every page is used."""
    assert len(ROWS) >= 300
    assert len({str(row) for row in ROWS}) == len(ROWS)
    assert {row.page for row in ROWS} == set(PAGES)
    assert all(title and address.startswith("https://docs.aws.amazon.com/") for title, address in PAGES.values())


def test_every_decision_has_its_reason():
    """A denial names the statement or the layer that lacked an allow; an allow names a statement."""
    effects = {"allow": "allow", "implicit_deny": "none", "explicit_deny": "deny"}
    for row in ROWS:
        got = _answer(row.question)
        if "decision" in got:
            assert any(reason["effect"] == effects[got["decision"]] for reason in got["because"]), row
            assert all(reason["why"] and reason["layer"] for reason in got["because"])


def _answer(question):
    try:
        return answer(question)
    except ValueError as wrong:
        return {"error": {"message": str(wrong)}}

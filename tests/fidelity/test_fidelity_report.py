"""The fidelity of the embedded twin: every probe, the page in `docs/`, and what the twin may still get wrong."""

from pathlib import Path

import pytest

from twin.fidelity.probe import probes
from twin.fidelity.summary import summarise
from twin.fidelity.twin_target import run_on_twin
from twin.report.fidelity import document, failures, markdown

PAGE = Path(__file__).parents[2] / "docs" / "fidelity-report.md"
# What the twin does not do yet; everything else must be right.
LACKING: set[str] = set()


@pytest.fixture(scope="module")
def summary():
    """Every probe on the embedded twin."""
    return summarise(run_on_twin(probes()))


def test_every_probe_is_answered_right_but_for_the_listed_ones(summary):
    """A probe that goes wrong is a lie of the twin; one that is listed and goes right is taken off the list."""
    wrong = {f"{f.area}: {f.name}" for f in summary.findings if f.answer != "right"}
    assert wrong == LACKING, "\n".join(failures(summary))


def test_lines_of_the_fidelity_page_are_right_to_95_percent(summary):
    """Counted by the lines that docs/fidelity.md lists: a line is right when all of its probes are."""
    right = [tally for tally in summary.rows.values() if tally.answers["right"] == tally.probes]
    assert len(right) / len(summary.rows) >= 0.95


def test_every_line_of_the_fidelity_page_has_a_probe(summary):
    """The page's tables and the probes speak of the same lines."""
    page = (PAGE.parent / "fidelity.md").read_text()
    lines = {row.split("|")[1].strip() for row in page.splitlines() if row.startswith("| ") and "---" not in row}
    assert set(summary.rows) - lines == set()


def test_page_is_what_the_probes_found(summary):
    """`twin doctor --fidelity --markdown docs/fidelity-report.md` writes it."""
    assert PAGE.read_text() == markdown(summary)


def test_capabilities_that_are_claimed_are_proven(summary):
    """Each capability's probes are all right."""
    assert set(summary.capabilities) - summary.proven() == {
        f.capability for f in summary.findings if f"{f.area}: {f.name}" in LACKING and f.capability
    }


def test_report_counts_what_was_found(summary):
    """The JSON form adds up."""
    told = document(summary, "twin")
    assert told["total"]["probes"] == len(probes()) == sum(area["probes"] for area in told["areas"].values())
    assert told["total"]["right"] + len(list(failures(summary))) == told["total"]["probes"]

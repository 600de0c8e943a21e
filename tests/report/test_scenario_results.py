"""How the result of a scenario is told in text: which of its times rest on nobody's page."""

import json

import pytest

from twin.report.results import drawn, lines
from twin.scenario.verdict import Check, Result, tell

PAGE = {"source": "https://docs.example/page.html", "read": "2026-11-29"}
OURS = {"source": "our assumption; no figure documented", "read": "assumed"}


def told(*times):
    """What is told of a run that drew some times, each a name, its span and where it is from."""
    journal = [{"t": 0.0, "actor": "world", "event": "delay", "name": name, "times": 1, "seconds": span, **source}
               for name, span, source in times]  # fmt: skip
    journal.insert(0, {"t": 0.0, "actor": "world", "event": "zone.lost", "facts": {"read": "assumed"}})
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in journal)
    result = Result("F9", None, "PASS", "everything held", journal=text)
    assert [line["name"] for line in drawn(result)] == [name for name, *_ in times]
    return [str(line).strip() for line in lines(result, "PASS") if "assumption" in str(line)]


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([("rds.failover", [60.0, 120.0], PAGE)], []),
        (
            [("a.lag", 10.0, OURS), ("b.boot", [20.0, 60.5], OURS), ("rds.failover", [60.0, 120.0], PAGE)],
            ["rests on our assumptions (no page gives a figure): a.lag 10 s, b.boot 20 to 60.5 s"],
        ),
    ],
)
def test_result_tells_which_times_rest_on_our_assumptions(times, expected):
    """One line names each with its span; a run whose times all stand on a page has no such line."""
    assert told(*times) == expected


def test_a_failure_that_must_be_is_told_as_one():
    """A variant's FAIL is what is wanted of it; one that is not wanted says what is."""
    result = Result("F9", "no-standby", "FAIL", "lost")
    assert str(next(lines(result, "FAIL"))) == "FAIL    F9 no-standby  as it must"
    assert str(next(lines(result, "PASS"))) == "FAIL    F9 no-standby  (wanted PASS)"


def test_figures_are_told_as_a_scenario_writes_them():
    """A truth value and what there is none of in small letters; a text keeps its quotes, by which it is no number."""
    checks = [
        Check("a", "expect", False, value, wanted) for value, wanted in ((True, "false"), (None, "1"), ("1", "1"))
    ]
    assert [tell(check) for check in checks] == ["a: true, wanted false", "a: none, wanted 1", "a: '1', wanted 1"]
    figures = [str(line) for line in lines(Result("F9", None, "PASS", "", figures={"a.on": True, "a.n": None}), "PASS")]
    assert figures[1].strip() == "a: on true, n none"

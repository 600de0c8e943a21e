"""B6-on-call: the spec alone wakes somebody; each link that it breaks leaves nobody, for that reason."""

import json
import re

import pytest

REASONS = {
    "unconfirmed": "channel-unconfirmed",
    "not-subscribed": "channel-unsubscribed",
    "muted": "channel-muted",
    "disabled": "channel-service-disabled",
    "nobody-on-call": "channel-nobody-on-call",
    "of-no-weight": None,
}
"""The broken link that is told before the trouble comes; a warning is heard, in the morning."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The scenario with some of its variants: results by variant, and the journal."""
    from twin.cli import run

    folder = tmp_path_factory.mktemp("reports")

    def once(*options):
        files = {form: folder / f"run{''.join(options)}.{form}" for form in ("json", "journal")}
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TWIN_HOME", str(folder / "home"))
            code = run(["run", "B6-on-call", *options, *(f"--report={form}={path}" for form, path in files.items())])
        (result,) = json.loads(files["json"].read_text())["results"]
        return code, result, files["journal"].read_text()

    return once


def test_what_the_spec_says_pages_somebody_who_ends_it(runs):
    """From the trail's records to a person, and from there to the end of the runbook; no benign run pages anybody."""
    code, result, journal = runs()
    assert (code, result["verdict"]) == (0, "PASS")
    assert result["figures"]["paging.by"] in ("ada", "bob", "eva")
    assert next(check for check in result["checks"] if check["kind"] == "control")["held"]
    assert not re.search(r"(integration|x-ere)/[0-9a-f]{32}", journal)


@pytest.mark.catalogue
@pytest.mark.parametrize("variant", REASONS)
def test_a_link_that_the_spec_breaks_leaves_nobody(runs, variant):
    """Nobody begins, and what is read back beforehand names the link."""
    code, result, journal = runs("--variant", variant)
    assert (code, result["verdict"]) == (1, "FAIL")
    assert "so nobody began" in result["reason"]
    assert result["figures"]["paging.ttd"] is None
    told = {json.loads(line)["event"] for line in journal.splitlines() if '"actor":"channels"' in line}
    assert REASONS[variant] is None or REASONS[variant] in told


@pytest.mark.catalogue
def test_whoever_comes_and_does_nothing_ends_nothing(runs):
    """The page is right, and the runbook is what ends the burst."""
    code, result, _ = runs("--variant", "nothing-done")
    assert (code, result["verdict"]) == (1, "FAIL")
    assert result["figures"]["paging.ttn"] is not None
    assert "every-secret-that-was-read-is-rotated" in result["reason"]

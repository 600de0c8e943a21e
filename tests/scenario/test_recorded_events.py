"""What a run recorded: its own calls alone, the same each time, and nothing of it changes the run."""

from dataclasses import replace

import pytest
from small_org import Theatre

from twin.cli.commands import run
from twin.errors import UsageError
from twin.report.ocsf import lines
from twin.scenario.document import load
from twin.scenario.recorded import Witness
from twin.scenario.rehearsal import rehearse


@pytest.fixture(scope="module")
def played(small_org, tmp_path_factory):
    """Play one scenario without a witness and twice with one; the files that were written."""
    rehearsal, folder = small_org, tmp_path_factory.mktemp("events")
    loaded, values = load(Theatre(rehearsal, folder).file())

    def once(name, variant=None):
        file = folder / name
        hears = Witness(variant, lambda found: file.write_text("\n".join(lines(found))) and None)
        (result,) = rehearse(loaded, values, replace(rehearsal, witness=hears), [None])
        return result, file.read_text() if file.exists() else None

    (plain,) = rehearse(loaded, values, rehearsal, [None])
    return plain, once("first"), once("second"), once("third", "a-variant")


def test_a_run_is_the_same_with_a_witness_and_tells_the_same_each_time(played):
    """The journal, byte for byte; the events, byte for byte."""
    plain, (first, events), (second, again), _ = played
    assert plain == first == second
    assert events == again


def test_what_built_the_org_is_not_the_runs(played):
    """The runbook's key and the workers' calls are there; the user that the spec made is not."""
    _, (_, events), *_ = played
    assert '"operation": "CreateAccessKey"' in events
    assert '"operation": "GetCallerIdentity"' in events
    assert '"operation": "CreateUser"' not in events


def test_another_variants_run_is_not_told(played):
    """A witness hears of the run that it asked for alone."""
    *_, (_, nothing) = played
    assert nothing is None


def test_what_a_run_did_goes_back_to_whom(played, small_org, tmp_path):
    """The command's own writer, with both reports: workers and runbook, in the order in which they called."""
    rehearsal, folder = small_org, tmp_path
    loaded, values = load(Theatre(rehearsal, folder).file())
    files = [("ocsf", folder / "run.jsonl"), ("principals", folder / "run.txt")]
    list(rehearse(loaded, values, replace(rehearsal, witness=run._witness(None, files)), [None]))
    _, (_, events), *_ = played
    assert files[0][1].read_text() == f"{events}\n"
    told = files[1][1].read_text()
    assert "user/worker  " in told
    assert told.index("iam:CreateAccessKey") < told.index("secretsmanager:CreateSecret")


def test_reports_of_one_run_are_refused_where_there_are_many():
    """With seeds there is no one run; exit 2 before anything is built."""
    with pytest.raises(UsageError, match="--report ocsf is of one run"):
        run.command.main(["K1", "--seeds", "2", "--report", "ocsf=x.jsonl"], standalone_mode=False)

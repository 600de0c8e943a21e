"""Recordings of runs: the org at every instant, and a run that nobody disturbs by recording it."""

import json
from dataclasses import replace

import pytest
from small_org import Theatre

from twin.engine.plan import Change, Plan, Unmanaged
from twin.errors import UsageError
from twin.resources.scope import Scope
from twin.scenario.document import load
from twin.scenario.recording.recorder import Film
from twin.scenario.recording.recording import Recording, open_recording, read_recording
from twin.scenario.rehearsal import rehearse

SECOND = 600.0
PLAN = Plan(Scope("acme", "prod", "111122223333"), "", "", (), (Unmanaged("aws.sqs.queue", "q-1", "one"),))


@pytest.fixture(scope="module")
def played(small_org, tmp_path_factory):
    """Play one scenario twice, the second time with a film."""
    rehearsal, folder = small_org, tmp_path_factory.mktemp("film")
    loaded, values = load(Theatre(rehearsal, folder).file())
    film = Film(folder / "run.rec", spec_file="org.yaml")
    (plain,) = rehearse(loaded, values, rehearsal, [None])
    (filmed,) = rehearse(loaded, values, replace(rehearsal, film=film), [None])
    return plain, filmed, open_recording(film.file)


def test_recording_changes_nothing_of_a_run(played):
    """Journal, figures and verdict are byte for byte those of the run that nobody recorded."""
    plain, filmed, _ = played
    assert filmed == plain
    assert filmed.journal.count("\n") == 5


def test_the_journal_is_recorded_whole(played):
    """Every line in its order, and what the run came to."""
    _, filmed, recording = played
    assert recording.journal == [json.loads(line) for line in filmed.journal.splitlines()]
    assert recording.result is not None
    assert recording.result["verdict"] == filmed.verdict == "PASS"


def test_an_instant_has_the_org_as_it_was(played):
    """The runbook makes a second key: it is there from its instant on, and not a millisecond before."""
    *_, recording = played
    times = (0.0, SECOND - 0.001, SECOND, recording.end)
    assert [sum("access_key" in key for key in recording.at(t)) for t in times] == [1, 1, 2, 2]
    assert recording.moments[-1] == SECOND


def test_the_recorded_org_is_the_plan_of_its_instant(played):
    """The spec's resources are as the spec wants them, with what each refers to and the file that asked for them."""
    *_, recording = played
    plan = recording.plan(recording.end)
    found = {change.key: change.action for change in plan.changes if not change.surplus}
    assert found == {"aws.iam.user.worker": "no-op", "aws.sqs.queue.jobs": "no-op"}
    assert plan.spec_file == "org.yaml"
    assert plan.scope == recording.scope


def test_what_was_not_there_is_not_there_when_one_goes_back():
    """Something that came and went is there in between alone; to look again at what stands is no change."""
    recording = Recording.from_plan(PLAN, {})
    two = replace(PLAN, unmanaged=(*PLAN.unmanaged, Unmanaged("aws.sqs.queue", "q-2", "two")))
    told = [recording.look(t, plan) for t, plan in ((10.0, two), (20.0, two), (30.0, PLAN))]
    assert told == [True, False, True]
    assert [len(recording.at(t)) for t in (0.0, 9.0, 10.0, 29.0, 30.0, 99.0)] == [1, 1, 2, 2, 1, 1]
    assert (recording.before(30.0), recording.after(10.0), recording.after(30.0)) == (10.0, 30.0, 30.0)


@pytest.mark.parametrize(
    "lines", [[], ["{}"], ["no json"], ['{"recording": 3}']], ids=["empty", "other", "text", "new"]
)
def test_what_is_no_recording_is_refused(lines):
    """A journal, a report, or a newer program's recording."""
    with pytest.raises(UsageError, match="recording"):
        read_recording(lines)


def test_a_change_survives_the_file(played):
    """What is read is what was written: a recording fed with its own changes again finds nothing new."""
    *_, recording = played
    kept = {key: thing for key, thing in recording.at(0.0).items() if isinstance(thing, Change)}
    again = replace(PLAN, changes=tuple(kept.values()), unmanaged=())
    other = Recording.from_plan(again, {})
    assert other.at(0.0) == kept
    assert not other.look(1.0, again)

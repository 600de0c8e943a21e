"""The state: folded from a journal, rebuilt when it is gone, whole or not at all."""

import errno
import json
import os
import resource
from contextlib import contextmanager

import pytest
from rig import desired

from twin.address import Address
from twin.engine.apply import Means, apply
from twin.engine.lock import Claim
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.state import Entry, State, Store, fold
from twin.engine.state_seal import StateSeal
from twin.engine.team_state import Objects, TeamStore
from twin.errors import StateError, UsageError
from twin.resources.okta.group import Group
from twin.spec.model.state import S3State

A = Address("aws.sns.topic", "a")


def folded(*lines):
    """Fold journal lines about one address into an empty state."""
    state = State()
    for line in lines:
        fold(state, {"address": str(A), **line})
    return state


CREATE = {"action": "create", "phase": "begin", "id": None}
CREATED = {"action": "create", "phase": "end", "id": "1", "fields": {"name": "t"}}


def test_a_creation_that_began_is_pending_until_it_ends():
    """A run that was killed in between leaves the address pending, without an entry."""
    assert (folded(CREATE).pending, folded(CREATE).entries) == ({A}, {})
    done = folded(CREATE, CREATED)
    assert (done.pending, done.entries) == (set(), {A: Entry("1", {"name": "t"})})


def test_a_removal_drops_the_entry_of_the_object_that_went():
    """After a replacement that was made first, the removal of the old object leaves the new one's entry."""
    new = {**CREATED, "id": "2"}
    gone = {"action": "delete", "phase": "end", "id": "1", "fields": {}}
    assert folded(CREATED, gone).entries == {}
    assert folded(CREATED, new, gone).entries[A].id == "2"


def test_a_creation_that_failed_stays_pending_only_when_something_was_made():
    """Refused at its first call, a creation left nothing, and an object of that name would be somebody else's."""
    failed = {"action": "create", "phase": "failed", "code": "X"}
    assert folded(CREATE, {**failed, "made": True}).pending == {A}
    assert folded(CREATE, {**failed, "made": False}).pending == set()


def test_calls_do_not_change_the_state():
    """They are in the journal for people."""
    assert folded({"call": "sns:CreateTopic", "phase": "end"}) == State()


def test_a_torn_last_line_is_left_out(tmp_path):
    """A line cut short by a kill belongs to a call that was never sent."""
    store = Store(tmp_path)
    store.begin({})
    store.write({"address": str(A), **CREATE})
    store.write({"address": str(A), **CREATED})
    whole = store.journal_file.read_text()
    for cut in range(1, len(whole.splitlines()[-1]) + 1):
        store.journal_file.write_text(whole[:-cut])
        state = Store(tmp_path).load()
        assert A in state.pending or A in state.entries
    assert state.pending == {A}


def test_the_next_run_begins_from_what_a_killed_one_did(tmp_path):
    """Its journal is folded into the cache and put aside before a new one begins."""
    if not (child := os.fork()):
        killed = Store(tmp_path)
        killed.begin({})
        killed.write({"address": str(A), **CREATED})
        os._exit(0)
    os.waitpid(child, 0)
    again = Store(tmp_path)
    again.begin({})
    assert json.loads(again.state_file.read_text())["entries"][str(A)]["id"] == "1"
    assert len(again.journal_file.read_text().splitlines()) == 1
    assert "1" in (tmp_path / "journal.previous.jsonl").read_text()
    assert again.end().entries[A].id == "1"
    assert not again.journal_file.exists()


def test_two_runs_do_not_share_a_state(tmp_path):
    """While one applies, another one is refused; afterwards it may."""
    one, other = Store(tmp_path), Store(tmp_path)
    one.begin({})
    with pytest.raises(UsageError, match="another run"):
        other.begin({})
    one.end()
    other.begin({})
    other.end()


def test_no_folder_is_an_unknown_state(tmp_path):
    """Only then must every type be read to find what we own."""
    assert not Store(tmp_path / "none").load().known
    Store(tmp_path).save(State())
    assert Store(tmp_path).load().known


def test_state_and_journal_are_for_their_owner_only(tmp_path):
    """Nobody else on the machine reads them."""
    store = Store(tmp_path)
    store.begin({})
    assert store.journal_file.stat().st_mode & 0o077 == 0
    store.end()
    assert store.state_file.stat().st_mode & 0o077 == 0


STATE = '{"schema": 1, "entries": %s, "pending": []}'
TEXTS = [b"", b"{", b"[]", b'{"entries": {}}', b"\xff\xfe", *(
    (STATE % entries).encode() for entries in ('{"x": 1}', '{"aws.sns.topic.a": {"id": 5, "fields": {}}}')
)]  # fmt: skip


@pytest.mark.parametrize("data", TEXTS, ids=range(len(TEXTS)))
def test_a_state_that_is_none_is_the_users_to_delete(tmp_path, data):
    """The message says that deleting it costs nothing."""
    (tmp_path / "state.json").write_bytes(data)
    with pytest.raises(UsageError, match="delete it"):
        Store(tmp_path).load()


def test_a_state_of_another_form_is_not_guessed_at(tmp_path):
    """What a later version wrote may mean something else."""
    (tmp_path / "state.json").write_text((STATE % "{}").replace("1", "2"))
    with pytest.raises(UsageError, match="has the form 2"):
        Store(tmp_path).load()


LINE = json.dumps({"address": str(A), **CREATED}).encode()
JOURNALS = [LINE + b"\n\0\0\n" + LINE, b"1", b'{"address":"aws.sns.topic.a"}', LINE.replace(b"aws.sns", b"no")]


@pytest.mark.parametrize("data", JOURNALS, ids=["hole", "number", "half", "address"])
def test_a_journal_with_a_hole_is_not_read_past_it(tmp_path, data):
    """What stands behind it would be lost without a word; a torn end is none."""
    (tmp_path / "journal.jsonl").write_bytes(data + b"\n")
    with pytest.raises(UsageError, match=r"journal.jsonl:[13] cannot be read; delete it"):
        Store(tmp_path).load()
    (tmp_path / "journal.jsonl").write_bytes(LINE + b"\n\xff\0\n")
    assert A in Store(tmp_path).load().entries


def test_a_folder_that_cannot_be_written_begins_no_run(tmp_path):
    """Exit 3, and nothing was sent."""
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match=r"Not a directory\); nothing was sent"):
        Store(tmp_path / "file" / "state").begin({})


def test_a_deleted_state_is_of_a_team_is_rebuilt_from_the_account(rig, tmp_path):
    """Nothing to do without a state, and after the next run the state is what it was."""
    s3 = rig.aws.client("s3")
    s3.create_bucket(Bucket="acme-states")
    s3.put_bucket_versioning(Bucket="acme-states", VersioningConfiguration={"Status": "Enabled"})
    place = S3State(bucket="acme-states", key="states")
    store = TeamStore(tmp_path / "ana", Objects(place, "org", rig.aws, account=rig.target.scope.account), Claim())
    crew = desired(crew=Group(name="crew"))

    def plan_of():
        state = store.load()
        return plan(Request(crew, refresh(crew, rig.target, state), state, rig.target)).plan

    means = Means(lambda _: None, lambda source: source)
    assert apply(plan_of(), rig.target, store, means).good
    before = store.load()
    s3.delete_object(Bucket="acme-states", Key="states/org/state.json")
    assert (store.load().known, plan_of().pending) == (False, ())
    assert apply(plan_of(), rig.target, store, means).done == []
    assert store.load() == before


@contextmanager
def room_for(bytes_):
    """Let no file of this process grow longer; the system then cuts the write short, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def never(_):
    """Refuse to force anything out."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("how", ["short", "refused", "not forced out"])
@pytest.mark.parametrize("sealed", [False, True], ids=["bare", "sealed"])
def test_a_line_that_a_full_disk_cuts_short_is_taken_back(tmp_path, monkeypatch, sealed, how):
    """What it announces is refused, and what is written once there is room again is read and, sealed, believed."""
    told = []
    seal = StateSeal(b"k" * 32, "live-1") if sealed else None
    store = Store(tmp_path, Claim(tell=told.append), synced=how == "not forced out", seal=seal)
    store.begin({})
    store.write({"address": str(A), **CREATE})
    size = store.journal_file.stat().st_size
    with monkeypatch.context() as full, room_for({"short": size + 10, "refused": size}.get(how, 10**6)):
        full.setattr(os, "fdatasync", never)
        with pytest.raises(StateError, match="cannot be written"):
            store.write({"address": str(A), **CREATED})
    assert (store.load().pending, store.load().entries) == ({A}, {})
    store.write({"address": str(A), **CREATED})
    assert (store.end().entries, store.load().pending, told) == ({A: Entry("1", {"name": "t"})}, set(), [])


@pytest.mark.parametrize("when", ["begin", "end"])
def test_a_journal_that_cannot_be_put_aside_stops_the_run(tmp_path, when):
    """Exit 3, not 2, which says that nothing was touched; the lock is given back, and what was done is known."""
    store = Store(tmp_path)
    store.begin({})
    store.write({"address": str(A), **CREATE})
    store.write({"address": str(A), **CREATED})
    if when == "begin":
        store.close()
    store.previous_file.mkdir()
    with pytest.raises(StateError, match=r"journal.previous.jsonl cannot be written \(Is a directory\)"):
        store.begin({}) if when == "begin" else store.end()
    store.previous_file.rmdir()
    assert store.load().entries == {A: Entry("1", {"name": "t"})}
    store.begin({})
    assert (store.end().entries, store.previous_file.exists()) == ({A: Entry("1", {"name": "t"})}, True)


def test_a_state_that_finds_no_room_leaves_the_journal_to_the_next_run(tmp_path):
    """The cache is written whole or not at all; the lock is given back, and nothing that was done is forgotten."""
    store = Store(tmp_path)
    store.begin({})
    store.write({"address": str(A), **CREATE})
    store.write({"address": str(A), **CREATED})
    with room_for(20), pytest.raises(StateError):
        store.end()
    following = Store(tmp_path)
    following.begin({})
    assert following.end().entries == {A: Entry("1", {"name": "t"})}


def test_a_synced_journal_is_on_the_disk_before_a_line_counts(tmp_path, monkeypatch):
    """For the real accounts each line is forced out; a disk that cannot keep it stops the run."""
    forced = []
    monkeypatch.setattr(os, "fdatasync", forced.append)
    for synced in (False, True):
        store = Store(tmp_path / str(synced), synced=synced)
        store.begin({})
        store.write({"address": str(A), **CREATE})
        assert len(forced) == 2 * synced
        store.end()

"""The state that a team shares in S3: one applier at a time, nothing overwritten, a lock that is broken knowingly."""

import json
from dataclasses import replace

import pytest
from rig import SCOPE, Rig, desired

from twin.address import Address
from twin.engine.apply import Means, apply
from twin.engine.lock import Claim, Holder
from twin.engine.planner import Request, plan
from twin.engine.refresh import refresh
from twin.engine.team_state import LOOK, Objects, TeamStore, place_of
from twin.errors import StateError, TargetError, UsageError
from twin.events import Finished
from twin.resources.aws.api import AwsSystem
from twin.resources.aws.sns import Topic
from twin.resources.aws.sqs import Queue
from twin.spec.model.state import S3State

BUCKET, RIVAL = "acme-states", "999988887777"
WANTED = desired(news=Topic(name="news"), jobs=Queue(name="jobs"))
A = Address("aws.sns.topic", "news")
OTHER = S3State(bucket="b-1", key="k", region="eu-west-1", kms_key="alias/x")


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """A twin with a bucket that keeps versions."""
    rig = Rig(tmp_path_factory.mktemp("state"), others=(RIVAL,))
    s3 = rig.aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    yield rig
    rig.world.close()


@pytest.fixture
def team(office, tmp_path, request):
    """A maker of stores, one for each member of a team, on a state of the test's own."""

    def member(
        name,
        *,
        bucket=BUCKET,
        owner=SCOPE.account,
        patience=0.0,
        sleep=lambda _: None,
        told=None,
        now=lambda: 0.0,
        **more,
    ):
        claim = Claim(
            Holder(f"lock-{name}", name, f"{name}s-laptop", 7, "2026-11-28 22:00:00 UTC", "twin apply"),
            patience, sleep, (told if told is not None else []).append, now,
        )  # fmt: skip
        place = S3State(bucket=bucket, key="states", **more)
        return TeamStore(tmp_path / name, Objects(place, request.node.name[:60], office.aws, account=owner), claim)

    return member


def planned(rig, store):
    """Plan the org from a store's state, without a search through all types."""
    state = store.load()
    state.known = True
    return plan(Request(WANTED, refresh(WANTED, rig.target, state), state, rig.target)).plan


def carried_out(rig, store):
    """Plan and apply the org."""
    return apply(planned(rig, store), rig.target, store, Means(lambda _: None, lambda source: source))


def kept(rig, store, part="state.json"):
    """Return an object of a store as S3 has it."""
    key = f"{store.objects.place.key}/{store.objects.name}/{part}"
    return rig.aws.client("s3").get_object(Bucket=BUCKET, Key=key)


def test_each_line_of_a_journal_is_on_the_disk_before_its_call(team, tmp_path, monkeypatch):
    """As of any live run; also of the store beside one."""
    ana = team("ana")
    synced = []
    for number, store in enumerate([ana, ana.beside(tmp_path / "beside", ana.claim)]):
        monkeypatch.setattr("os.fdatasync", lambda _, store=store: synced.append(store.journal_file.read_text()))
        store.begin({"n": number})
        assert synced[-1] == store.journal_file.read_text() != ""
        store.close()


def test_what_one_applies_another_goes_on_from(office, team):
    """The other has no folder of the first: state, and nothing to do."""
    ana, ben = team("ana"), team("ben")
    assert carried_out(office, ana).good
    assert planned(office, ben).pending == ()
    assert ben.load() == ana.load()
    assert A in ben.load().entries
    assert kept(office, ana)["ServerSideEncryption"] == "AES256"


def test_the_second_of_two_appliers_is_refused_with_the_holders_name(office, team):
    """While ana applies, ben is refused; when she has ended, he may."""
    ana, ben = team("ana"), team("ben")
    ana.begin({})
    with pytest.raises(UsageError, match=r"ana on anas-laptop, pid 7, since .* UTC, `twin apply`, lock lock-ana"):
        ben.begin({})
    ana.end()
    ben.begin({})
    ben.end()


def test_a_lock_whose_process_has_ended_is_told_to_be_broken(office, team):
    """On its own machine that is certain; a process that lives, or is elsewhere, may still be at work."""
    ana, ben = team("ana"), team("ben")
    ana.lock.claim = replace(ana.claim, holder=replace(ana.claim.holder, host="here", pid=2**22 + 1))
    ana.begin({})
    for host, told in (("here", "its process has ended"), ("elsewhere", "wait until it has ended")):
        ben.lock.claim = replace(ben.claim, holder=replace(ben.claim.holder, host=host))
        with pytest.raises(UsageError, match=rf"{told}.*twin unlock SPEC lock-ana"):
            ben.begin({})
    ana.end()


def test_who_is_patient_gets_the_lock_when_it_is_free(office, team):
    """Told once for whom it waits; without an end of the other's run patience ends too."""
    ana, told, slept = team("ana"), [], []
    ana.begin({})
    with pytest.raises(UsageError, match="another run"):
        team("ben", patience=5, sleep=slept.append, told=told).begin({})
    assert (sum(slept), len(told)) == (5, 1)
    ben = team("ben", patience=5, sleep=lambda _: ana.end() if ana._journal else None)
    ben.begin({})
    assert str(ben.unlock(None)).startswith("held: ben")
    ben.end()
    assert str(ben.unlock(None)).startswith("nobody holds")


def test_a_lock_is_broken_by_its_id_and_its_owner_cannot_write_any_more(office, team):
    """The wrong id breaks nothing; the run whose lock was broken ends with an error, and the newer state stands."""
    ana, ben = team("ana"), team("ben")
    ana.begin({})
    with pytest.raises(UsageError, match="lock lock-eve is not held; the one that is: ana"):
        ben.unlock("lock-eve")
    assert str(ben.unlock("lock-ana")).startswith("broken: ana")
    assert carried_out(office, ben).good
    ana.write({"address": str(A), "action": "create", "phase": "end", "id": "nowhere", "fields": {}})
    with pytest.raises(StateError, match=r"lock of this run .* was broken"):
        ana.end()
    assert team("eve").load().entries[A].id != "nowhere"


@pytest.mark.parametrize(("passed", "sent"), [(LOOK, 1), (LOOK - 1, 2)], ids=["looked", "not yet"])
def test_a_run_whose_lock_was_broken_sends_nothing_more(office, team, passed, sent):
    """It looks at intervals, ends with exit code 3, and leaves the state to whoever has the lock now."""
    clock, ben = [0.0], team("ben")
    ana = team("ana", now=lambda: clock[0])
    wanted = desired(**{f"{name}_{sent}": Topic(name=f"{name}-{sent}") for name in ("one", "two")})
    seen, state = refresh(wanted, office.target, ana.load()), ana.load()
    run = plan(Request(wanted, seen, state, office.target, spare=lambda _: True)).plan

    def broken(event):
        if isinstance(event, Finished) and "one" in event.address:
            ben.unlock("lock-ana")
            ben.begin({})
            clock[0] += passed

    with pytest.raises(StateError, match="was broken: it sends nothing more") as refused:
        apply(run, office.target, ana, Means(lambda _: None, lambda source: source, broken))
    assert refused.value.exit_code == 3
    arns = [one["TopicArn"] for one in office.aws.client("sns").list_topics()["Topics"]]
    assert sum(arn.endswith((f"one-{sent}", f"two-{sent}")) for arn in arns) == sent
    assert str(ben.unlock(None)).startswith("held: ben")
    ben.end()
    assert team("eve").load().entries == {}


def test_a_run_looks_at_its_lock_no_more_often_than_it_must(office, team):
    """Not before each call: when some seconds passed since it last did."""
    clock, seen = [0.0], []
    ana = team("ana", now=lambda: clock[0])
    ana.begin({})
    ana.object_lock.own, own = lambda: seen.append(clock[0]) or "etag", ana.object_lock.own
    for clock[0] in (1.0, LOOK, LOOK + 1, 3 * LOOK, 0.0):
        ana.write({"address": str(A), "call": "sns:Publish", "phase": "begin"})
        ana.write({"address": str(A), "call": "sns:Publish", "phase": "end"})
    assert seen == [LOOK, 3 * LOOK, 0.0]
    ana.object_lock.own = own
    ana.end()


def test_a_lock_that_was_taken_by_another_is_not_given_back_for_them(office, team):
    """The run whose lock was broken leaves the new holder's alone."""
    ana, ben = team("ana"), team("ben")
    ana.begin({})
    ben.unlock("lock-ana")
    ben.begin({})
    ana.lock.release()
    assert str(ben.unlock(None)).startswith("held: ben")
    ben.end()


def test_a_broken_run_tells_what_it_may_have_left_half_made(office, team):
    """What is useless when cut short is pending for whoever goes on, though its journal is on another machine."""
    key = Address("aws.iam.access_key", "robot")
    team("ana").begin({"makes": [str(key)]})
    ben = team("ben")
    ben.unlock("lock-ana")
    assert ben.load().pending == {key}


def test_a_killed_run_goes_on_where_it_was_on_its_own_machine(office, team):
    """The journal is folded while the state is the one that it went on from, and not when others applied since."""
    killed = team("ana")
    killed.begin({})
    killed.write({"address": str(A), "action": "create", "phase": "end", "id": "arn", "fields": {}})
    again = team("ana")
    assert again.load().entries[A].id == "arn"
    again.unlock("lock-ana")
    assert carried_out(office, team("ben")).good
    assert again.load().entries[A].id != "arn"


def test_a_stale_state_does_no_harm(office, team):
    """One from before a change is corrected by what the account tells."""
    ana = team("ana")
    assert carried_out(office, ana).good
    state = ana.load()
    ana.begin({})
    ana.save(type(state)({A: type(state.entries[A])("arn:aws:sns:us-east-1:123456789012:gone", {})}, set(), True))
    ana.close()
    assert planned(office, ana).pending == ()
    carried_out(office, ana)
    assert ana.load() == state


def test_a_bucket_without_versions_is_refused(office, team):
    """With the command that turns them on; nothing was locked."""
    office.aws.client("s3").create_bucket(Bucket="acme-forgets")
    store = team("ana", bucket="acme-forgets")
    with pytest.raises(UsageError, match="put-bucket-versioning --bucket acme-forgets"):
        store.begin({})
    assert str(store.unlock(None)).startswith("nobody")


def test_every_version_of_the_state_is_kept_under_the_key_that_was_named(office, team):
    """With a KMS key each object says so; versions grow with the runs."""
    key = office.aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    store = team("ana", kms_key=key)
    carried_out(office, store)
    there = kept(office, store)
    assert (there["ServerSideEncryption"], there["SSEKMSKeyId"]) == ("aws:kms", key)
    store.save(type(store.load())(known=True))
    prefix = f"states/{store.objects.name}/state.json"
    versions = office.aws.client("s3").list_object_versions(Bucket=BUCKET, Prefix=prefix)["Versions"]
    assert len(versions) >= 2


def test_a_bucket_that_is_not_there_is_a_targets_error(office, team):
    """Exit 3, with the address of the object."""
    with pytest.raises(TargetError, match=r"s3://acme-none/states/.*NoSuchBucket"):
        team("ana", bucket="acme-none").load()


def test_a_bucket_of_somebody_else_is_refused(office, team):
    """A state, a lock and versions of the same name in another's account are neither read nor written."""
    theirs = office.world.credentials(RIVAL)
    keys = {"access_key_id": theirs.access_key_id, "secret_access_key": theirs.secret_access_key}
    s3 = AwsSystem(region="us-east-1", **keys, handle=office.world.handle).client("s3")
    s3.create_bucket(Bucket="acme-taken")
    s3.put_bucket_versioning(Bucket="acme-taken", VersioningConfiguration={"Status": "Enabled"})
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:*"}
    everybody["Resource"] = ["arn:aws:s3:::acme-taken", "arn:aws:s3:::acme-taken/*"]
    s3.delete_public_access_block(Bucket="acme-taken")
    s3.put_bucket_policy(Bucket="acme-taken", Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    store = team("ana", bucket="acme-taken")
    for attempt in (store.load, lambda: store.begin({}), lambda: store.unlock(None), store.history.runs):
        with pytest.raises(TargetError, match=f"the bucket acme-taken is somebody else's than account {SCOPE.account}"):
            attempt()
    assert "Contents" not in s3.list_objects_v2(Bucket="acme-taken")
    named = team("ana", bucket="acme-taken", account=RIVAL)
    assert carried_out(office, named).good


def test_every_call_of_a_state_names_its_account(office, team, monkeypatch):
    """Reads, writes, removals, and the look for versions."""
    sent = []
    store = team("ana")
    execute = type(office.aws).execute
    monkeypatch.setattr(type(office.aws), "execute", lambda self, call: (sent.append(call), execute(self, call))[1])
    store.begin({})
    store.write({})
    store.end()
    store.save(store.load())
    mine = [call for call in sent if call.params.get("Bucket") == BUCKET]
    assert {call.params.get("ExpectedBucketOwner") for call in mine} == {SCOPE.account}
    assert {call.operation for call in mine} >= {"GetObject", "PutObject", "DeleteObject", "GetBucketVersioning"}


def test_an_object_that_is_no_state_is_named(office, team):
    """The user may delete it; its address is in the message."""
    store = team("ana")
    key = f"states/{store.objects.name}/state.json"
    office.aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps({"entries": []}).encode())
    with pytest.raises(UsageError, match=rf"s3://{BUCKET}/{key} cannot be read; delete it"):
        store.load()


@pytest.mark.parametrize("body", [b"", b"[]", b"\xff\xfe", b'{"who": "eve"}'], ids=["none", "list", "bytes", "no id"])
def test_a_lock_that_cannot_be_read_is_told_and_broken_all_the_same(office, team, body):
    """By the object's tag: without an id nobody could give it back."""
    store = team("ana")
    key = f"states/{store.objects.name}/lock.json"
    tag = office.aws.client("s3").put_object(Bucket=BUCKET, Key=key, Body=body)["ETag"].strip('"')
    with pytest.raises(UsageError, match=f"somebody whose lock cannot be read, lock {tag}.*twin unlock SPEC {tag}"):
        store.begin({})
    assert tag in str(store.unlock(None))
    assert str(store.unlock(tag)).startswith("broken: somebody")
    store.begin({})
    store.end()


def test_a_reply_that_was_lost_is_no_refusal(office, team):
    """The write that was carried out, and sent again by the client, met itself."""
    store = team("ana")
    sent = store.objects.put("state.json", "{}", None)
    assert store.objects.put("state.json", "{}", None) == sent
    assert store.objects.put("state.json", "[]", None) is None


def test_a_conflict_is_tried_again(office, team):
    """S3 answers 409 to one of two writes at the same instant."""
    from twin.resources.call import Refused

    store, refusals = team("ana"), [1, 1]
    execute = store.objects.system.execute

    class Busy:
        calls = 0

        def execute(self, call):
            if call.operation == "PutObject" and refusals:
                refusals.pop()
                raise Refused(call, "ConditionalRequestConflict", "busy", status=409)
            return execute(call)

    store.objects.system = Busy()
    assert store.objects.put("state.json", "{}", None) is not None
    assert refusals == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("s3://acme-states/twin/acme", S3State(bucket="acme-states", key="twin/acme")),
        ("s3://acme-states", S3State(bucket="acme-states", key="twin")),
        ("s3://b-1/k?region=eu-west-1&kms_key=alias/x", OTHER),
    ],
    ids=["bucket and key", "bucket alone", "with a region and a key"],
)  # fmt: skip
def test_the_environment_names_a_place(text, expected):
    """`TWIN_STATE` in its forms."""
    assert place_of(text) == expected


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("/var/state", "write s3://BUCKET/KEY"),
        ("s3:///key", "bucket"),
        ("s3://acme-states/${ENV}", "is not a key"),
        ("s3://acme-states/k?zone=1", "zone"),
        ("s3://acme-states/k?region=mars-1", "no AWS region"),
    ],
    ids=["a path", "no bucket", "a pattern", "an unknown option", "an unknown region"],
)
def test_what_is_no_place_is_refused(text, why):
    """Exit 2, and the reason."""
    with pytest.raises(UsageError, match="TWIN_STATE") as refused:
        place_of(text)
    assert why in str(refused.value)

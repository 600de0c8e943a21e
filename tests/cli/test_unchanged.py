"""A plan that found no change is found again by its reads, and whatever has changed since is seen."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from served import raw

import twin
from twin.cli import made_of, run, session, unchanged
from twin.cli.kept_reads import STATE
from twin.clock import VirtualClock
from twin.engine.seal import own_folder
from twin.engine.target import Target
from twin.engine.workspace import Served, Workspace
from twin.resources.aws.api import AwsSystem
from twin.resources.aws.transcript import Transcript
from twin.resources.call import aws
from twin.world.server import serve
from twin.world.world import EPOCH, World

TOPICS = 50
"""More than a page of the tagging API has."""
ALL = TOPICS + 4
"""With the account's alias, which the spec's head names."""
SPEC = raw(
    """\
aws.s3.bucket:
  lake: {bucket: lake, versioning: true}
aws.logs.group:
  app: {name: /app, retention_days: 30}
aws.secretsmanager.secret:
  db: {name: db, value: env:DB}
aws.sns.topic:
"""
    + "".join(f"  t{n}: {{name: t{n}, display_name: canary}}\n" for n in range(TOPICS))
)
LAKE, TOPIC = {"Bucket": "lake"}, {"TopicArn": "arn:aws:sns:us-east-1:123456789012:t7"}


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """An org on a served world, applied, planned and planned again; `sent` has the calls since it was cleared."""
    folder = tmp_path_factory.mktemp("ground")
    world, sent = World(3, VirtualClock(EPOCH), accounts=("123456789012",)), []

    def handle(request):
        sent.append(request)
        return world.handle(request)

    with serve(handle) as server, pytest.MonkeyPatch.context() as patched:
        patched.setenv("TWIN_HOME", str(folder / ".twin"))
        patched.setenv("XDG_DATA_HOME", str(folder / "own"))
        patched.setenv("DB", "canary-s3cret")
        patched.chdir(folder)
        (folder / "spec.yaml").write_text(SPEC)
        told = {"pid": os.getpid(), "url": server.url, "seed": 3, "account": "123456789012", "region": "us-east-1"}
        home = Workspace(folder / ".twin")
        home.save_served(Served(**told, **world.keys_told(), cloudflare_account=world.cloudflare.account_id))
        keys = world.credentials()
        secret = keys.secret_access_key
        aws_ = AwsSystem(
            region="us-east-1", endpoint_url=server.url, access_key_id=keys.access_key_id, secret_access_key=secret
        )
        made = SimpleNamespace(folder=folder, home=home, sent=sent, aws=aws_, secret=secret, patched=patched)
        assert run(["apply", "spec.yaml"]) == 0
        sent.clear()
        assert run(["plan", "spec.yaml", "--exit-code"]) == 0
        made.reads = len(sent)
        yield made
    world.close()


@pytest.fixture
def planned(ground, capsys):
    """Plan again; returns the exit code, what was printed, and how many calls that took."""
    assert run(["plan", "spec.yaml"]) == 0  # whatever a test before this one changed is planned as it is now
    capsys.readouterr()

    def call(*options):
        ground.sent.clear()
        code = run(["plan", "spec.yaml", "--exit-code", *options])
        return code, capsys.readouterr().out, len(ground.sent)

    return call


@pytest.fixture
def no_work(monkeypatch):
    """Fail whoever compiles a spec, or plans."""
    monkeypatch.setattr(session, "open_session", lambda *_, **__: pytest.fail("the plan was made anew"))


def kept_file(ground):
    """Return the file with the reads."""
    return max((ground.home.root / "specs").glob("*.reads"), key=lambda file: file.stat().st_mtime_ns)


def test_the_same_replies_mean_the_same_plan(ground, planned, no_work):
    """Each read is sent anew, pages of new tokens too, nothing else is done, and the same is said."""
    code, out, sent = planned()
    assert (code, out) == (0, f"no changes: {ALL} resources are as the spec wants them\n")
    assert sent == ground.reads
    assert sum(b"PaginationToken" in request.body for request in ground.sent) == 1


DRIFTS = [
    ("s3", "PutBucketVersioning", LAKE | {"VersioningConfiguration": {"Status": "Suspended"}}, "aws.s3.bucket.lake"),
    ("s3", "PutBucketTagging", LAKE | {"Tagging": {"TagSet": [{"Key": "a", "Value": "b"}]}}, "aws.s3.bucket.lake"),
    ("sns", "SetTopicAttributes", TOPIC | {"AttributeName": "DisplayName", "AttributeValue": "X"}, "aws.sns.topic.t7"),
    ("sns", "UntagResource", {"ResourceArn": TOPIC["TopicArn"], "TagKeys": ["twin:owner"]}, "aws.sns.topic.t7"),
    ("logs", "DeleteLogGroup", {"logGroupName": "/app"}, "aws.logs.group.app"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "operation", "params", "address"), DRIFTS, ids=[row[1] for row in DRIFTS])
def test_whatever_drifts_is_seen(ground, planned, service, operation, params, address):
    """One byte of one reply that is another has the plan made; it asks no read twice."""
    ground.aws.execute(aws(service, operation, params))
    code, out, sent = planned()
    assert (code, address in out) == (1, True)
    assert sent <= ground.reads + 2
    assert run(["apply", "spec.yaml"]) == 0


def test_other_options_are_planned_by_what_came_ahead(ground, planned):
    """What is printed in another form needs the whole plan, whose reads are under way already: none is sent twice."""
    code, out, sent = planned("--json")
    assert (code, sent) == (0, ground.reads)
    assert json.loads(out)["summary"]["no-op"] == ALL


@pytest.mark.parametrize("owner", [Target, Transcript], ids=["another vendor", "another call"])
def test_what_asked_more_than_the_reads_is_planned_each_time(ground, planned, restored, owner):
    """A plan that asked another vendor, or anything that is not written down, keeps no mark; its reads go ahead."""
    kept_file(ground).unlink()
    with pytest.MonkeyPatch.context() as patched:
        if owner is Target:
            patched.setattr(Target, "reached", property(lambda target: {"okta": None}))
        else:
            patched.setattr(Transcript, "end", Transcript.miss)
        assert planned()[0] == 0
    begun = unchanged.begin(Path("spec.yaml"), None)
    assert len([*begun.ahead.answers()]) == ground.reads
    assert (begun.kept.marks, begun.told()) == ([], None)


def another_spec(ground):
    """The spec has another byte."""
    (ground.folder / "spec.yaml").write_text(SPEC.replace("retention_days: 30", "retention_days: 60"))


def another_state(ground):
    """A run was cut short since."""
    (ground.home.root / "state" / "twin-123456789012-acme-base" / STATE[1]).write_text("\n")


def another_seal(ground):
    """The user has another key."""
    (own_folder(os.environ) / "seal.key").write_bytes(b"k" * 32)


def broken_seal(ground):
    """A byte of what is kept is another."""
    file = kept_file(ground)
    file.write_bytes(file.read_bytes()[:-1] + b" ")


def spec_in_its_place(ground):
    """What is kept of the spec stands in the place of its reads, under a seal of the user's."""
    (spec,) = (ground.home.root / "specs").glob("*.compiled")
    kept_file(ground).write_bytes(spec.read_bytes())


def another_twin(ground):
    """The running twin plays another account."""
    told = json.loads(ground.home.served_file.read_text())
    ground.home.served_file.write_text(json.dumps(told | {"account": "210987654321"}))


def no_twin(ground):
    """No twin runs."""
    ground.home.served_file.unlink()


def no_secret(ground):
    """A secret that the spec names is gone."""
    del os.environ["DB"]


GUARDS = [another_spec, another_state, another_seal, broken_seal, spec_in_its_place, another_twin, no_twin, no_secret]


@pytest.fixture
def restored(ground):
    """Whatever a test does to the workspace, the next one finds it as it was."""
    files = [*ground.home.root.glob("*.json"), *(ground.home.root / "specs").iterdir(), ground.folder / "spec.yaml"]
    files += [*(ground.home.root / "state").glob("*/*.json*"), own_folder(os.environ) / "seal.key"]
    before = {file: file.read_bytes() for file in files}
    yield
    os.environ["DB"] = "canary-s3cret"
    for file in set((ground.home.root / "state").glob("*/*.jsonl")) - before.keys():
        file.unlink()
    for file, data in before.items():
        file.write_bytes(data)


@pytest.mark.parametrize("break_", GUARDS, ids=[one.__name__ for one in GUARDS])
def test_nothing_is_sent_before_what_guards_a_plan_has_held(ground, planned, restored, break_):
    """Another spec, state or twin, a secret that is gone and what is not the user's own: no read goes out for them."""
    begun = unchanged.begin(Path("spec.yaml"), None)
    assert len([*begun.ahead.answers()]) == ground.reads
    break_(ground)
    ground.sent.clear()
    assert unchanged.begin(Path("spec.yaml"), None) is None
    assert ground.sent == []


def test_another_program_begins_anew(ground, planned, monkeypatch):
    """A file of ours, or a library of another version, may make something else of the same replies."""
    for name, told in (("program", [("/engine/planner.py", 1, 1)]), ("libraries", ["other"])):
        with monkeypatch.context() as patched:
            patched.setattr(made_of, name, lambda told=told: told)
            assert unchanged.begin(Path("spec.yaml"), None) is None


def test_what_is_kept_is_private_and_tells_no_reply_and_no_key(ground, planned):
    """Requests and marks stand there; not who signed, nor what was replied, nor a secret."""
    file = kept_file(ground)
    told = file.read_bytes()
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"versioning" in told
    for hidden in (b"canary", ground.secret.encode(), b"Signature", b"Credential"):
        assert hidden not in told


def test_a_plan_that_is_found_again_imports_little(ground, planned):
    """In a new process: no model, no client, no compiler, no planner."""
    code = (
        f"import sys\nsys.path.insert(0, {str(Path(twin.__file__).parents[1])!r})\nfrom twin.cli import run\n"
        "code = run(['plan', 'spec.yaml', '--exit-code'])\nprint(*sys.modules)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = done.stdout.split()
    heavy = ("pydantic", "botocore", "urllib3", "yaml", "rich", "networkx", "twin.engine.refresh", "twin.spec.load")
    assert [name for name in heavy if name in modules] == []
    assert "changes:" in modules

"""The bundled org on a twin with LocalStack beside it: applied whole, unchanged at the second look, removed whole."""

import json
from pathlib import Path

import pytest
from rig import Rig
from served import Shell

from twin.blueprints.compile import compile_spec
from twin.cli import run
from twin.spec.load import load

SPEC = Path(__file__).parents[2] / "specs" / "mini-org.yaml"


@pytest.fixture(scope="module")
def org(endpoint, tmp_path_factory):
    """Development's org, applied; with its rig and what was wanted."""
    desired, scope = compile_spec(load(SPEC, "dev", environ={}))
    rig = Rig(tmp_path_factory.mktemp("state"), scope, localstack=endpoint)
    outcome = rig.apply(desired)
    yield rig, desired, outcome
    rig.world.close()


def test_whole_org_is_applied_and_the_second_plan_is_empty(org):
    """Nothing is refused, and both stores are read back as they were written; a change by hand is seen."""
    rig, desired, outcome = org
    assert outcome.good, outcome.failed
    assert rig.pending(desired) == {}
    sqs = rig.aws.client("sqs")
    (url,) = [u for u in sqs.list_queues()["QueueUrls"] if u.endswith("lost")]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"MessageRetentionPeriod": "60"})
    assert rig.pending(desired) == {"aws.sqs.queue.orders-lost": "update"}
    rig.apply(desired)


def test_org_is_in_both_stores(org):
    """The queues of the spec are in LocalStack and not in moto; its buckets the other way round."""
    from moto.sqs.models import SQSBackend, sqs_backends

    rig, _, _ = org
    place = rig.world.gateway.store.localstack.contents(rig.world.accounts[0], "us-east-1")
    assert place.counted()["queues"] == 2
    assert not any(isinstance(backend, SQSBackend) for _, _, backend in sqs_backends.iter_backends())
    assert len(rig.aws.client("s3").list_buckets()["Buckets"]) >= 5


def test_org_is_removed_whole(org):
    """In both stores nothing of ours is left."""
    rig, desired, _ = org
    outcome = rig.destroy(desired)
    assert outcome.good, outcome.failed
    assert rig.owned() == []
    assert rig.world.gateway.store.localstack.contents(rig.world.accounts[0], "us-east-1").counted() == {}


@pytest.fixture
def twin(endpoint, tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder; returns its exit code, stdout and stderr."""
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


def test_doctor_tells_which_service_lives_where(twin, endpoint):
    """LocalStack's version and health, and the groups; without it everything is embedded."""
    code, out, _ = twin("doctor", "--target", "localstack", "--json")
    found = json.loads(out)
    assert (code, found["healthy"]) == (0, True)
    assert [(s["name"], s["version"]) for s in found["stores"]][1] == ("localstack", "4.14.0")
    assert {g["group"]: g["store"] for g in found["groups"]}["messages"] == "localstack"
    assert {g["store"] for g in json.loads(twin("doctor", "--json")[1])["groups"]} == {"embedded"}


def test_plan_with_localstack_beside_an_empty_twin(twin):
    """`docker compose up -d`, then this: the whole org is to be made."""
    from twin.world.world import World

    code, out, _ = twin("plan", SPEC, "--env", "dev", "--target", "localstack", "--json")
    assert code == 0
    assert json.loads(out)["target"] == "localstack"
    assert {c["action"] for c in json.loads(out)["changes"]} <= {"create", "no-op"}
    World._open.close()


def test_served_twin_with_localstack_beside(endpoint, tmp_path):
    """`twin up --store localstack` is the twin that `--target localstack` means; `twin down` empties LocalStack."""
    from twin.world.stores.localstack_api import LocalStackApi
    from twin.world.stores.localstack_connection import LocalStackConnection

    api, place = LocalStackApi(LocalStackConnection(endpoint)), {"account": "111122223333", "region": "us-east-1"}
    spec = tmp_path / "small.yaml"
    spec.write_text(
        "version: 1\norg: {name: tiny, domain: tiny.example, contact: ops@tiny.example}\n"
        "aws: {account: '111122223333', alias: tiny, region: us-east-1}\n"
        "data: {queues: {orders: {}}, buckets: {lake: {purpose: Data}}}\n"
    )
    shell = Shell(tmp_path / "home", tmp_path, LOCALSTACK_ENDPOINT=endpoint)
    code, _, err = shell("up", spec, "--store", "localstack")
    try:
        assert code == 0, err
        assert len(api.call("sqs", "ListQueues", {}, **place)["QueueUrls"]) == 1
        assert "no changes" in shell("plan", spec, "--target", "localstack")[1]
        assert json.loads(shell("doctor", "--json")[1])["stores"][1]["name"] == "localstack"
    finally:
        assert shell("down")[0] == 0
    assert "QueueUrls" not in api.call("sqs", "ListQueues", {}, **place)

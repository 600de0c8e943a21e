"""Orgs that stand up from the shelf: the same org once built, another when anything that it depends on differs."""

from pathlib import Path

import pytest
from rig import SCOPE, desired

from twin.engine.shelf import Shelf
from twin.resources.aws.secretsmanager import Secret
from twin.resources.aws.sqs import Queue
from twin.scenario import kept
from twin.scenario.kept import stand


@pytest.fixture
def stood(tmp_path, monkeypatch):
    """Stand an org up; tells whether it was built."""
    built = []
    build = kept.build
    monkeypatch.setattr(kept, "build", lambda *args, **named: built.append(1) or build(*args, **named))

    def call(wanted, *, secret="s3cret", seed=1, key=b"k" * 32):
        before = len(built)
        shelf = Shelf(tmp_path / "worlds", key, most=3)
        found = stand(wanted, SCOPE, seed=seed, read_secret=lambda source: secret, shelf=shelf)
        return found, len(built) > before

    return call


def org(queue="jobs"):
    """Return an org of a queue and a secret."""
    return desired(queue=Queue(name=queue), secret=Secret(name="db", value="env:DB"))


def test_second_time_the_org_stands_without_being_built(stood):
    """It answers as the built one did, its names with it, and its clock goes on."""
    first, was_built = stood(org())
    names = dict(first.names)
    again, rebuilt = stood(org())
    assert (was_built, rebuilt) == (True, False)
    assert again.names == names
    aws = again.target.systems["aws"]
    assert aws.client("sqs").list_queues()["QueueUrls"] == [names["aws.sqs.queue.queue.id"]]
    assert aws.client("secretsmanager").get_secret_value(SecretId="db")["SecretString"] == "s3cret"
    again.timeline.run(until=60)
    assert again.world.clock.now() == again.timeline.now() == again.timeline.start.replace(minute=1)


@pytest.mark.parametrize(
    "other",
    [{"secret": "changed"}, {"seed": 2}, {"key": b"j" * 32}, {"wanted": org("others")}],
    ids=["secret", "seed", "key", "resources"],
)
def test_org_that_differs_in_anything_is_built_anew(stood, other):
    """A secret's value, the seed, the sealing key and the resources all count."""
    stood(org())
    assert stood(**{"wanted": org()} | other)[1]


def test_broken_file_is_built_anew_and_files_are_few_and_private(stood, tmp_path):
    """A cut file is no reason to fail; old worlds are dropped; nobody else reads one, and no secret stands in it."""
    stood(org())
    (file,) = (tmp_path / "worlds").glob("*.world")
    file.write_bytes(file.read_bytes()[:-5])
    assert stood(org())[1]
    for seed in range(2, 6):
        stood(org(), seed=seed)
    files = sorted(Path(tmp_path / "worlds").iterdir())
    assert len(files) == 3
    assert {f.stat().st_mode & 0o777 for f in files} == {0o600}


def test_an_org_that_is_used_outlives_those_that_are_not(stood):
    """Three have room: of the first three the second goes when a fourth comes, as the first was asked for again."""
    for seed in (1, 2, 3, 1, 4):
        stood(org(), seed=seed)
    assert not stood(org(), seed=1)[1]
    assert stood(org(), seed=2)[1]

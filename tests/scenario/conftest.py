"""The command line in this process, and scenario files of a test's own."""

import shutil
from pathlib import Path

import pytest
import yaml
from plays import ONE_ORG, Plays
from small_org import small_org as build_small_org

from twin.cli import run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def plays(orgs, whole, tmp_path_factory):
    """Plays scenarios of the catalogue, on orgs that stand already."""
    return Plays(orgs, tmp_path_factory.mktemp("plays"), whole)


@pytest.fixture(scope="module")
def small_org():
    """Build the org of a user and a queue; each run is a copy of it."""
    made = build_small_org()
    yield made
    made.world.close()


@pytest.fixture
def twin(orgs, tmp_path, monkeypatch, capsys):
    """Run a command in an empty folder, on orgs that stand already; returns its exit code, stdout and stderr."""
    monkeypatch.setenv("TWIN_HOME", str(orgs))
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def changed(tmp_path):
    """Write K1 with a change, beside its spec and runbook and on the gate's org: of its values, or its text anew."""

    def write(change):
        folder = tmp_path / "scenarios"
        shutil.copytree(ROOT / "scenarios" / "runbooks", folder / "runbooks")
        values = yaml.safe_load((ROOT / "scenarios" / "key_rotation.yaml").read_text())
        values["seed"] = ONE_ORG["K1"]
        text = change(values)
        file = folder / "mine.yaml"
        file.write_text(text if isinstance(text, str) else yaml.safe_dump(values, sort_keys=False))
        return file

    return write

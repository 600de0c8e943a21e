"""A spec that was compiled here before is not compiled again, and what a plan does not need is not imported."""

import errno
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from twin.cli import compiled as compiling
from twin.cli import made_of, session
from twin.engine.seal import UntrustedSeal, own_folder, seal_key
from twin.engine.shelf import Shelf
from twin.errors import SpecError

SPEC = """\
version: 1
org: {name: acme, domain: acme.example, contact: ops@acme.example}
aws: {account: "123456789012", alias: acme, region: us-east-1}
delivery: {promotion: {waves: {by: region}}}
resources:
  aws.sns.topic:
    news: {name: news}
  aws.secretsmanager.secret:
    db: {name: db, value: env:DB}
"""
HEAVY = ("boto3", "moto", "requests", "twin.blueprints.compile", "twin.spec.load", "twin.world", "werkzeug")


@pytest.fixture
def compiled(tmp_path, monkeypatch):
    """Compile the spec in a workspace; tells with the result whether that took work."""
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / ".twin"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("DB", "canary-s3cret")
    (tmp_path / ".twin").mkdir()
    (tmp_path / "spec.yaml").write_text(SPEC)
    worked, checked, whole = [], compiling._checked, compiling.compile_file
    monkeypatch.setattr(compiling, "_checked", lambda *args: worked.append(1) or checked(*args))
    monkeypatch.setattr(compiling, "compile_file", lambda *args: worked.append(1) or whole(*args))

    def call():
        before = len(worked)
        return compiling.recall_file(tmp_path / "spec.yaml", None), len(worked) > before

    return call


def kept_file(tmp_path):
    """Return the one file in which a spec is kept."""
    (file,) = (tmp_path / ".twin" / "specs").iterdir()
    return file


def test_the_same_spec_is_compiled_once(compiled):
    """The second time gives the same resources, places and sections without work, and the whole spec when asked."""
    first, worked = compiled()
    again, worked_again = compiled()
    assert (worked, worked_again) == (True, False)
    assert again.desired.declarations == first.desired.declarations
    assert [again.locate(d) for d in again.desired] == [first.locate(d) for d in first.desired]
    assert again.written("delivery", "promotion") == {"waves": {"by": "region"}}
    assert (again.scope, again.outline.digest) == (first.scope, first.spec.digest)
    assert again.spec.org == first.spec.org


def test_another_spec_program_or_key_is_compiled_anew(compiled, tmp_path, monkeypatch):
    """A byte of the spec, a file of ours and the user's key all count; so does a broken seal."""
    compiled()
    file = kept_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    assert compiled()[1]
    monkeypatch.setattr(made_of, "program", lambda: [("/spec/load.py", 1, 1)])
    assert compiled()[1]
    (own_folder(os.environ) / "seal.key").write_bytes(b"k" * 32)
    assert compiled()[1]
    assert not compiled()[1]
    (tmp_path / "spec.yaml").write_text(SPEC.replace("name: news", "name: olds"))
    assert compiled()[1]


class Planted:
    """What a pickle may hold: it writes a file when it is read."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return Path.touch, (self.file,)


def plant(tmp_path, key):
    """Put in the place of what is kept what runs when it is read, under the seal of a key."""
    file = kept_file(tmp_path)
    Shelf(file.parent, key, 12, "compiled").put_sealed(file.stem, pickle.dumps(Planted(tmp_path / "ran")))


def test_a_folder_that_brings_its_own_key_brings_nothing_that_is_read(compiled, tmp_path):
    """An archive unpacks a workspace with a key as private as one's own; the user's is elsewhere, and counts alone."""
    compiled()
    brought = tmp_path / ".twin" / "seal.key"
    brought.write_bytes(b"k" * 32)
    brought.chmod(0o600)
    plant(tmp_path, b"k" * 32)
    found, worked = compiled()
    assert (len(found.desired), worked, (tmp_path / "ran").exists()) == (3, True, False)
    assert not compiled()[1]
    plant(tmp_path, seal_key(os.environ))  # what the user's own key seals is read
    with pytest.raises(AttributeError):
        compiled()
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize(("key", "mode"), [(b"k" * 32, 0o644), (b"", 0o600)], ids=["open", "empty"])
def test_nothing_is_read_under_a_key_that_is_not_its_users_alone(compiled, tmp_path, capsys, key, mode):
    """A key that others can read, or that is none, seals nothing, until the user removes it; that is said once."""
    compiled()
    seal = own_folder(os.environ) / "seal.key"
    seal.write_bytes(key)
    seal.chmod(mode)
    plant(tmp_path, key)
    found, worked = compiled()
    assert (len(found.desired), worked, (tmp_path / "ran").exists()) == (3, True, False)
    with pytest.raises(UntrustedSeal):
        seal_key(os.environ)
    assert session.shelf() is None
    assert capsys.readouterr().err.count(f"{seal}: the key with which what you keep is sealed is not yours alone") == 1
    seal.unlink()
    assert compiled()[1]
    assert not compiled()[1]


def test_without_a_folder_of_the_users_own_nothing_is_kept(compiled, tmp_path, monkeypatch, capsys):
    """Where no key can be made, as without a home, a spec is compiled each time, and a run says where it looked."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    assert (compiled()[1], compiled()[1]) == (True, True)
    assert session.shelf() is None
    assert f"{tmp_path / 'file' / 'twin' / 'seal.key'}: there is no key to seal with" in capsys.readouterr().err


@pytest.mark.parametrize("home", [".", "own", ""])
def test_a_relative_home_is_no_folder_of_the_users(compiled, tmp_path, monkeypatch, home):
    """It would be whatever folder one stands in, with the key that this brings."""
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", home)
    brought = tmp_path / home / ".local" / "share" / "twin" / "seal.key"
    brought.parent.mkdir(parents=True)
    brought.write_bytes(b"k" * 32)
    brought.chmod(0o600)
    if home:
        with pytest.raises(UntrustedSeal, match="which is relative"):
            seal_key(os.environ)
        assert (compiled()[1], compiled()[1]) == (True, True)
    else:
        assert own_folder(os.environ).is_absolute()


def test_a_key_of_somebody_else_seals_nothing(compiled, monkeypatch):
    """As where root works in a folder of a user's."""
    compiled()
    monkeypatch.setattr("os.geteuid", lambda: 12_345)
    assert compiled()[1]


def test_a_secret_that_is_gone_is_missed_although_the_spec_is_kept(compiled, monkeypatch):
    """What is kept holds only while its secrets are at their sources."""
    compiled()
    monkeypatch.delenv("DB")
    with pytest.raises(SpecError) as refused:
        compiled()
    assert [one.code for one in refused.value.diagnostics] == ["TW0211"]


def test_what_is_kept_is_private_and_without_the_secret(compiled, tmp_path):
    """Only its user reads the file, which names where a secret is and not what."""
    compiled()
    file = kept_file(tmp_path)
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"env:DB" in file.read_bytes()
    assert b"canary-s3cret" not in file.read_bytes()


def test_a_full_disk_keeps_nothing_and_stops_nothing(compiled, tmp_path, monkeypatch):
    """What cannot be kept is compiled again; half a file is never read."""

    def full(self, body):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", full)
        assert compiled()[1]
    assert list((tmp_path / ".twin" / "specs").iterdir()) == []
    assert compiled()[1]
    assert not compiled()[1]


def test_nothing_is_kept_where_there_is_no_workspace(compiled, tmp_path):
    """A plan leaves no folder behind."""
    (tmp_path / ".twin").rmdir()
    assert len(compiled()[0].desired) == 3
    assert not (tmp_path / ".twin").exists()


def test_a_plan_of_a_kept_spec_imports_little(compiled, tmp_path):
    """In a new process: no compiler, no graph library, no client of a vendor that is not asked, only the types used."""
    compiled()
    code = f"""
import sys, twin.cli.commands.plan
from pathlib import Path
from twin.cli.compiled import recall_file
from twin.cli.session import connect
from twin.engine.connect import Endpoints, twin
found = recall_file(Path({str(tmp_path / "spec.yaml")!r}), None)
keys = {{key: "k" for key in ("access_key_id", "secret_access_key", "cloudflare_token", "okta_token")}}
keys["okta_url"] = "https://acme.okta.com"
target = twin(found.scope, Endpoints(url="http://127.0.0.1:1", **keys))
system = target.systems["aws"]
from twin.engine.refresh import refresh
from twin.engine.state import State
from twin.errors import TargetError
try:
    refresh(found.desired, target, State())
except TargetError:
    pass
from twin.resources.catalogue import catalogue, levels
assert len(catalogue()) > 100 and levels() and "aws.ec2.vpc" in catalogue()
print(*sorted(sys.modules))
"""
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert [name for name in HEAVY if name in modules] == []
    assert "twin.resources.aws.vpc" not in modules
    assert "twin.resources.aws.sns" in modules

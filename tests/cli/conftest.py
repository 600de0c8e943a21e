"""The command line in this process, and twins in processes of their own."""

import os

import pytest
from live_accounts import live, real
from served import Shell

from twin.cli import run

__all__ = ["live", "real"]
CLEARED = ("AWS_", "CLOUDFLARE_", "OKTA_", "LOCALSTACK_", "TWIN_")


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A folder of its own, and nothing of the tester's environment."""
    for name in list(os.environ):
        if name.startswith(CLEARED):
            monkeypatch.delenv(name)
    monkeypatch.setenv("TWIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TWIN_CA_DIR", str(tmp_path / "ca"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "own"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def twin(home, capsys):
    """Run a command here; returns its exit code, stdout and stderr."""

    def call(*arguments):
        capsys.readouterr()
        code = run([str(a) for a in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return call


@pytest.fixture
def shell(home):
    """Run commands in processes of their own; a twin that was left running is ended."""
    made = Shell(home / "home", home)
    yield made
    made.end()

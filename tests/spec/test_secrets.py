"""Secrets are named by their source and read only when asked for."""

from dataclasses import fields
from pathlib import Path

import pytest

from spec.specimens import WHOLE, diagnostics_of, parse_text
from twin.errors import SpecError, UsageError
from twin.spec.load import parse
from twin.spec.secrets import read_secret


def test_secret_is_read_from_environment_and_file(tmp_path):
    """One final line break of a file is not part of the secret."""
    (tmp_path / "key").write_text("s3cret\n")
    assert read_secret("env:K", {"K": "v"}, tmp_path) == "v"
    assert read_secret("file:key", {}, tmp_path) == "s3cret"


@pytest.mark.parametrize("source", ["env:K", "file:nope", "plain"])
def test_missing_secret_is_a_usage_error(source, tmp_path):
    """Nothing is read, and the error names only the source."""
    with pytest.raises(UsageError):
        read_secret(source, {}, tmp_path)


def test_spec_keeps_the_source_and_never_the_secret():
    """The value is in no part of the loaded spec."""
    spec = parse_text(WHOLE)
    assert spec.org.compute.databases["main"].password == "env:DB_PASSWORD"
    assert not any("correct horse" in repr(getattr(spec, field.name)) for field in fields(spec))


@pytest.mark.parametrize("written", ["hunter2", "31337", "true", "'env:'"])
def test_literal_secret_is_refused_without_being_repeated(written):
    """The diagnostic says what to do, not what the secret was."""
    found = diagnostics_of(WHOLE.replace("password: env:DB_PASSWORD", f"password: {written}"))
    assert [d.code for d in found] == ["TW0210"]
    assert written not in f"{found[0].message}{found[0].help}{found[0].notes}"


def test_missing_source_is_located():
    """An unset variable and an absent file are told at the line that names them."""
    with pytest.raises(SpecError) as raised:
        parse_text(WHOLE, environ={"PAGER_URL": "x"})
    (found,) = raised.value.diagnostics
    assert found.code == "TW0211"
    assert "DB_PASSWORD" in found.message
    assert WHOLE.splitlines()[found.span.line - 1].strip() == "password: env:DB_PASSWORD"


def test_file_source_is_relative_to_the_spec(tmp_path):
    """The directory of the spec is where the path begins."""
    text = WHOLE.replace("env:DB_PASSWORD", "file:db").encode()
    environ = {"PAGER_URL": "x"}
    with pytest.raises(SpecError):
        parse(text, tmp_path / "org.yaml", environ=environ)
    Path(tmp_path / "db").write_text("x")
    assert parse(text, tmp_path / "org.yaml", environ=environ).org.compute.databases["main"].password == "file:db"

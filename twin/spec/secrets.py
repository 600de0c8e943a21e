"""Secrets by their source: the spec says where a secret is, never what it is."""

from collections.abc import Mapping
from pathlib import Path

from twin.errors import UsageError

ENV = "env:"
FILE = "file:"


def absence(source: str, environ: Mapping[str, str] | None, base_dir: Path) -> str | None:
    """Say why the secret behind `source` cannot be read, or None when it can; nothing is read.

    Without `environ` nobody looks, and every secret counts as one that is there.
    """
    if environ is None:
        return None
    if source.startswith(ENV):
        name = source.removeprefix(ENV)
        return None if environ.get(name) else f"the environment variable {name} is not set"
    path = base_dir / source.removeprefix(FILE)
    return None if path.is_file() else f"there is no file {path}"


def read_secret(source: str, environ: Mapping[str, str], base_dir: Path) -> str:
    """Read the secret behind `env:NAME` or `file:PATH` (relative to `base_dir`); UsageError when it is missing.

    One line break at the end of a file does not belong to the secret.
    """
    if not source.startswith((ENV, FILE)):
        raise UsageError("a secret source begins with env: or file:")
    missing = absence(source, environ, base_dir)
    if missing:
        raise UsageError(f"{source}: {missing}")
    if source.startswith(ENV):
        return environ[source.removeprefix(ENV)]
    path = base_dir / source.removeprefix(FILE)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{source}: the file cannot be read as text ({type(error).__name__})") from None
    return text.removesuffix("\n").removesuffix("\r")

"""The attestations of a plan: one DSSE envelope per line, in the file beside it."""

import errno
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.attestation.envelope import EnvelopeError, Statement, unseal
from twin.errors import UsageError

REHEARSAL = "urn:twin:rehearsal:v1"
APPROVAL = "urn:twin:approval:v1"
SUFFIX = ".intoto.jsonl"


@dataclass(frozen=True, slots=True)
class Signed:
    """A statement whose signature fits, and the name of its signer."""

    signer: str
    statement: Statement


def file_of(plan: Path) -> Path:
    """Return where the attestations of a saved plan lie: `plan.intoto.jsonl` beside `plan.json`."""
    return plan.with_suffix(SUFFIX)


def read(file: Path) -> list[Any]:
    """Return the envelopes of a file, none where it is absent; UsageError for lines that are no JSON."""
    try:
        lines = file.read_bytes().splitlines()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from error
    envelopes = []
    for number, line in enumerate(lines, 1):
        try:
            envelopes.append(json.loads(line))
        except ValueError as error:
            told = f"{file}:{number}: this is no JSON, and nothing is read past it; remove the line: {error}"
            raise UsageError(told) from error
    return envelopes


def add(file: Path, envelope: Mapping[str, Any]) -> None:
    """Append an envelope, whole or not at all; UsageError where a torn line would swallow it, or there is no room."""
    read(file)
    line = json.dumps(envelope, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    try:
        with file.open("a+b", buffering=0) as out:
            size = out.seek(0, os.SEEK_END)
            out.seek(max(size - 1, 0))
            data = line if out.read(1) in (b"", b"\n") else b"\n" + line
            whole = out.write(data) == len(data)
            if not whole:
                out.truncate(size)
    except OSError as error:
        raise _unwritten(file, error.strerror) from error
    if not whole:
        raise _unwritten(file, os.strerror(errno.ENOSPC))


def _unwritten(file: Path, why: str | None) -> UsageError:
    return UsageError(f"{file} cannot be written ({why}); nothing was signed")


def signed_by(envelopes: list[Any], keys: Mapping[str, str]) -> tuple[list[Signed], list[str]]:
    """Return the statements that one of `keys` has signed, and why each of the others does not count."""
    found, refused = [], []
    for number, envelope in enumerate(envelopes, 1):
        try:
            signer, statement = unseal(envelope, keys)
        except EnvelopeError as error:
            refused.append(f"attestation {number}: {error}")
            continue
        found.append(Signed(signer, statement))
    return found, refused

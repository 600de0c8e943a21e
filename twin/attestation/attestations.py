"""The attestations of a plan: one DSSE envelope per line, in the file beside it."""

import json
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
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file}: {error}") from error
    envelopes = []
    for number, line in enumerate(lines, 1):
        try:
            envelopes.append(json.loads(line))
        except ValueError as error:
            raise UsageError(f"{file}:{number}: this is no JSON: {error}") from error
    return envelopes


def add(file: Path, envelope: Mapping[str, Any]) -> None:
    """Append an envelope."""
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps(envelope, sort_keys=True, separators=(",", ":")) + "\n")


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

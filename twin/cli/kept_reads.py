"""What a plan or an apply read of a served twin is kept beside the specs, so that the next plan reads it sooner.

Kept are the requests, without who signed them; of a plan that found no change also a mark of each reply, and what it
printed. It is read only under its user's own seal, of this very program and its libraries, for the very same spec and
state, and while the secrets that the spec names are where they were.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twin.cli.made_of import shelf_of
from twin.engine.shelf import Shelf
from twin.engine.workspace import Workspace
from twin.report.line import Line
from twin.resources.aws.ahead import Planned
from twin.resources.aws.read_request import ReadRequest

Form = tuple[str, tuple[tuple[str, str], ...], str]
"""Method, headers and scope, which many reads share."""
STATE = ("state.json", "journal.jsonl")
"""The files of which a state is read."""


@dataclass(frozen=True, slots=True)
class KeptReads:
    """The reads of one spec on one served twin; without marks and lines where they found changes, or changes followed.

    `url` is where the twin was, `state` the folder of the org's state, `standing` the digest of what it held.
    """

    sources: Sequence[str]
    account: str
    url: str
    state: str
    standing: str
    reads: Sequence[Planned]
    marks: Sequence[str] = ()
    lines: Sequence[Line] = ()


def standing(folder: Path) -> str:
    """Return the digest of what a state's folder holds; of one that is not there too."""
    told = hashlib.sha256()
    for name in STATE:
        try:
            data = (folder / name).read_bytes()
        except FileNotFoundError:
            data = b""
        told.update(f"{name} {len(data)}\n".encode() + data)
    return told.hexdigest()


def recall_reads(shelf: Shelf | None, made_of: str) -> KeptReads | None:
    """Return what is kept of the reads for a compiled spec; None where nothing is."""
    body = None if shelf is None else shelf.get_sealed(_name(made_of))
    return None if body is None else _read(json.loads(body))


def keep_reads(shelf: Shelf, made_of: str, kept: KeptReads) -> None:
    """Keep reads in the place of those that were kept of the same spec; without room for them nothing is lost."""
    with suppress(OSError):
        shelf.put_sealed(_name(made_of), json.dumps(_document(kept)).encode())


def _name(made_of: str) -> str:
    """Return the name of the reads for a spec, which is not the spec's: one seal must not hold for the other."""
    return hashlib.sha256(f"reads {made_of}".encode()).hexdigest()


def blinded(shelf: Shelf, mark: str) -> str:
    """Return a mark as it is kept: by the user's own key, so that nobody else tries out of what it is made."""
    return hmac.digest(shelf.key, mark.encode(), "sha256").hex()


def reads_shelf(home: Workspace) -> Shelf | None:
    """Return where reads are kept: beside the specs."""
    return shelf_of(home, "reads")


def _document(kept: KeptReads) -> dict[str, Any]:
    """Return reads as JSON, what many have in common once."""
    forms: dict[Form, int] = {}
    told = [_row(planned, forms) for planned in kept.reads]
    lines = [(line.style, line.parts) for line in kept.lines]
    return {
        "sources": [*kept.sources], "account": kept.account, "url": kept.url, "state": kept.state,
        "standing": kept.standing, "forms": [*forms], "reads": told, "marks": [*kept.marks], "lines": lines,
    }  # fmt: skip


def _row(planned: Planned, forms: dict[Form, int]) -> tuple[Any, ...]:
    one = planned.read
    form = forms.setdefault((one.method, one.headers, one.scope), len(forms))
    return form, one.path, one.query, one.body.decode("latin-1"), planned.page_of, planned.token.decode()


def _read(told: dict[str, Any]) -> KeptReads:
    forms = [(method, tuple((n, v) for n, v in headers), scope) for method, headers, scope in told.pop("forms")]
    reads = [_planned(forms[form], row) for form, *row in told.pop("reads")]
    return KeptReads(reads=reads, lines=[_line(style, parts) for style, parts in told.pop("lines")], **told)


def _planned(form: Form, row: Sequence[Any]) -> Planned:
    path, query, body, page_of, token = row
    method, headers, scope = form
    return Planned(ReadRequest(method, path, query, headers, scope, body.encode("latin-1")), page_of, token.encode())


def _line(style: str, parts: Sequence[tuple[str, str]]) -> Line:
    line = Line("", style)
    line.parts = [(text, part) for text, part in parts]
    return line

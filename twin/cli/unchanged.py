"""A plan that found no change is found again by its reads: the same requests have the same replies, byte for byte.

All of them are sent anew. What a plan says follows from the spec, the state and the replies alone, so that it need not
be worked out again while none of them is another. With the first reply that is, the plan is made as ever; it takes the
replies that came already, and those still under way.
"""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from twin.cli.bundled import find_spec
from twin.cli.kept_reads import KeptReads, blinded, keep_reads, reads_shelf, recall_reads, standing
from twin.cli.made_of import key
from twin.engine.shelf import Shelf
from twin.engine.workspace import SERVED_CONCURRENCY, Served, Workspace
from twin.report.line import Line
from twin.resources.aws.ahead import Ahead, Planned
from twin.resources.aws.pages import followed, token_of
from twin.resources.aws.read_request import now
from twin.resources.aws.transcript import mark
from twin.resources.wire_client import Answer, WireClient
from twin.spec.secrets import absence

if TYPE_CHECKING:
    from twin.cli.session import Session

TURN = 0.0005
"""Seconds after which a thread lets another go on while reads are under way: what loads modules for five milliseconds
on end leaves a twin idle."""


@dataclass(frozen=True, slots=True)
class Begun:
    """Reads that are under way, and what is kept of them."""

    shelf: Shelf
    kept: KeptReads
    ahead: Ahead

    def told(self) -> Sequence[Line] | None:
        """Return what a plan printed that read the same; None as soon as a reply is another."""
        if not self.kept.marks:
            return None
        paged = {one.page_of for one in self.kept.reads}
        for place, (expected, answer) in enumerate(zip(self.kept.marks, self.ahead.answers(), strict=True)):
            if answer is None or blinded(self.shelf, _mark(answer, paged=place in paged)) != expected:
                return None
        return self.kept.lines


@dataclass(slots=True)
class _Signer:
    access_key: str
    secret_key: str
    token: str | None = None


def remember(session: "Session", stood: str, lines: Sequence[Line] = ()) -> None:
    """Keep what a run read, and what it printed where that was no change, while the state is still as it `stood`."""
    compiled, transcript = session.compiled, session.transcript
    shelf = reads_shelf(_home()) if compiled.made_of and transcript is not None and transcript.told else None
    folder = session.store.folder
    if shelf is None or transcript is None or standing(folder) != stood:
        return
    read = transcript.told
    after = followed([(one, answer.body) for one, answer in read])
    tokens = [b"" if of is None else token_of(read[of][1].body) for of in after]
    reads = [Planned(one, of, token) for (one, _), of, token in zip(read, after, tokens, strict=True)]
    alone = transcript.whole and set(session.target.reached) <= {"aws"}
    kept = KeptReads(compiled.sources, compiled.scope.account, transcript.url, folder.name, stood, reads)
    if lines and alone:
        marks = (_mark(answer, paged=place in after) for place, (_, answer) in enumerate(read))
        kept = replace(kept, marks=[blinded(shelf, mark) for mark in marks], lines=lines)
    keep_reads(shelf, compiled.made_of, kept)


def begin(path: Path, environment: str | None) -> Begun | None:
    """Send the reads that an earlier plan of a spec made on the running twin; None where they may be others.

    Nothing is sent before all holds that a plan asks for before its first call: a spec without a problem whose secrets
    are there, a running twin of its account, and the very state of then.
    """
    found, home = find_spec(path), _home()
    if not found.is_file():
        return None
    try:
        shelf = reads_shelf(home)
        kept = recall_reads(shelf, key(found.read_bytes(), found, environment))
        if shelf is None or kept is None or any(absence(source, os.environ, found.parent) for source in kept.sources):
            return None
        if standing(home.root / "state" / kept.state) != kept.standing:
            return None
    except OSError:  # whoever needs the file says what is wrong with it
        return None
    served = home.served()
    if served is None or (served.account, served.url) != (kept.account, kept.url):
        return None
    return Begun(shelf, kept, _sent(kept, served))


def _sent(kept: KeptReads, served: Served) -> Ahead:
    ahead = Ahead(kept.reads, _Signer(served.access_key_id, served.secret_access_key), now=now)
    before = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    ahead.start(WireClient.at(served.url), SERVED_CONCURRENCY, then=lambda: sys.setswitchinterval(before))
    return ahead


def _mark(answer: Answer, *, paged: bool) -> str:
    return mark(answer, token_of(answer.body) if paged else b"")


def _home() -> Workspace:
    return Workspace.find(Path.cwd(), os.environ)

"""What a search over interleavings found, as lines and as a document."""

import json
from collections.abc import Iterator
from typing import Any

from twin.explore.field import Ending
from twin.explore.search import Findings, Tally


def lines(scenario: str, found: Findings) -> Iterator[str]:
    """Yield the findings for people."""
    space, sampled = found.space, found.sampled
    whole = space.orders * space.timings
    yield f"{scenario}: {len(space.moves)} moves in {space.orders} orders of {space.timings} timings, {whole} stories"
    yield f"{sampled.played} of them played (seed {found.seed}), {sampled.lost} lost, by the first move:"
    for move, tally in found.firsts.items():
        yield f"  {move:12}{_share(tally)}"
    if found.shortest is not None:
        yield f"the shortest story that loses: {' '.join(found.shortest.story)}"
        yield f"  then {_left(found.shortest)}"
        yield f'  replay: twin explore {scenario} --story "{" ".join(found.shortest.story)}"'
    told = "always holds" if not found.holds.lost else "is the best"
    yield f"the order that {told}: {' '.join(found.order)} ({_share(found.holds)})"
    for move, tally in found.without.items():
        yield f"  without {move:12}{_share(tally)}{'  idle' if move in found.idle else ''}"


def document(scenario: str, found: Findings) -> dict[str, Any]:
    """Return the findings as JSON."""
    space = found.space
    return {
        "schema": 1,
        "scenario": scenario,
        "seed": found.seed,
        "moves": list(space.moves),
        "stories": space.orders * space.timings,
        "sampled": _tally(found.sampled),
        "firsts": {move: _tally(tally) for move, tally in found.firsts.items()},
        "shortest": None if found.shortest is None else _ending(found.shortest),
        "order": list(found.order),
        "holds": _tally(found.holds),
        "without": {move: _tally(tally) for move, tally in found.without.items()},
        "idle": found.idle,
    }


def ending_lines(ending: Ending) -> Iterator[str]:
    """Yield how one story ends, and what happened in it."""
    for text in ending.journal.splitlines():
        line = json.loads(text)
        if line["actor"] not in ("world", "setup"):
            told = " ".join(f"{k}={v}" for k, v in line.items() if k not in ("t", "actor", "event") and v is not None)
            yield f"{line['t']:9.1f}  {line['actor']:12}{line['event']} {told}"
    for failed in ending.failed:
        yield f"failed: {failed}"
    yield f"LOST: {_left(ending)}" if ending.lost else "HOLDS: nothing is left to the attacker"


def ending_document(ending: Ending) -> dict[str, Any]:
    """Return one story and its end as JSON."""
    journal = [json.loads(line) for line in ending.journal.splitlines()]
    return {"schema": 1, **_ending(ending), "failed": list(ending.failed), "journal": journal}


def _ending(ending: Ending) -> dict[str, Any]:
    left = [{"principal": principal, "action": action} for principal, action in ending.left]
    return {"story": list(ending.story), "lost": ending.lost, "left": left}


def _left(ending: Ending) -> str:
    who = sorted({principal for principal, _ in ending.left})
    return f"{', '.join(who)} may still do {len(ending.left)} things, {ending.left[0][1]} among them"


def _share(tally: Tally) -> str:
    return f"{tally.lost} of {tally.played} lost"


def _tally(tally: Tally) -> dict[str, int]:
    return {"lost": tally.lost, "played": tally.played}

"""What an applier that is ended at its calls leaves behind: as a sentence, as JSON, and as a page for the documents."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from twin.explore.mishaps import DEATHS, ORDERLY
from twin.explore.survival import Survival

SCHEMA = 1
DEAD = "dead before or after it"
"""A death before a call often leaves what one after the call before leaves, so the two are counted together."""
WAYS = (DEAD, *(mishap.name for mishap in ORDERLY))
LEFT = ("orphans", "doubles", "pending", "failed")
NAMES = ("orphans", "doubles", "differences", "failures")


def document(found: Sequence[Survival]) -> Mapping[str, Any]:
    """Return the counts, and each end that left something, as JSON data."""
    lost = [one for one in found if not one.good]
    return {
        "schema": SCHEMA,
        "good": not lost,
        "calls": sum(_calls(found).values()),
        "ends": sum(_ends(found).values()),
        "twice": sum(_twice(found).values()),
        "counts": {verb: _counts([one for one in found if one.verb == verb]) for verb in _verbs(found)},
        "left": _left(found),
        "lost": [asdict(one) for one in lost],
    }


def sentence(found: Sequence[Survival]) -> str:
    """Say how often the applier was ended, and what that left."""
    calls, ends, twice = (sum(counted(found).values()) for counted in (_calls, _ends, _twice))
    return f"{calls} calls, {ends} ends of the applier, {twice} more in its recovery: {_text(found)}"


def heading(one: Survival) -> str:
    """Say where the applier was ended."""
    again = f", again at call {one.again} of the recovery" if one.again else ""
    return f"{one.verb} ended {one.moment} call {one.number} {one.call}{again}"


def lines(one: Survival) -> Iterator[str]:
    """Yield what an end left behind."""
    yield from one.failed
    yield from one.pending
    yield from (f"double {name}" for name in one.doubles)
    yield from (f"orphan {name}" for name in one.orphans)


def markdown(found: Sequence[Survival], title: str, every: int) -> str:
    """Return the page of one org: how often it was ended in which way, and what came of it."""
    verbs, ends, calls, twice = _verbs(found), _ends(found), _calls(found), _twice(found)
    ways = [way for way in WAYS if any(ends[way, verb] for verb in verbs)]
    rows = [("calls", [calls[verb] for verb in verbs])]
    rows += [(way, [ends[way, verb] for verb in verbs]) for way in ways]
    rows += [("again, in the recovery", [twice[verb] for verb in verbs])]
    which = "each call" if every == 1 else f"each {every}th call"
    page = [
        f"# An applier that is cut short: {title}",
        "",
        "Written by `twin crash --markdown`; do not edit.",
        "",
        f"The applier is ended at {which} in each way, and the next run must mend it.",
        "",
        f"| at a call | {' | '.join(verbs)} |",
        f"|---|{'---:|' * len(verbs)}",
        *(f"| {name} | {' | '.join(f'{count:,}' for count in counts)} |" for name, counts in rows),
        "",
        f"Left behind: {_text(found)}.",
        *(f"- {heading(one)}: {'; '.join(lines(one))}" for one in found if not one.good),
    ]
    return "\n".join(page) + "\n"


def _text(found: Sequence[Survival]) -> str:
    return ", ".join(f"{count} {what}" for what, count in _left(found).items())


def _verbs(found: Sequence[Survival]) -> list[str]:
    return list(dict.fromkeys(one.verb for one in found))


def _first(found: Sequence[Survival]) -> Iterator[Survival]:
    return (one for one in found if one.moment != "never" and not one.again)


def _ends(found: Sequence[Survival]) -> Counter[tuple[str, str]]:
    ends: Counter[tuple[str, str]] = Counter()
    for one in _first(found):
        dead = any(one.moment == death.name for death in DEATHS)
        ends[DEAD if dead else one.moment, one.verb] += one.stands_for
    return ends


def _calls(found: Sequence[Survival]) -> Counter[str]:
    return Counter({one.verb: one.number for one in found if one.moment == "never"})


def _twice(found: Sequence[Survival]) -> Counter[str]:
    return Counter(one.verb for one in found if one.again)


def _left(found: Sequence[Survival]) -> dict[str, int]:
    return {name: sum(len(getattr(one, part)) for one in found) for name, part in zip(NAMES, LEFT, strict=True)}


def _counts(found: Sequence[Survival]) -> Mapping[str, Any]:
    """Return the counts of one verb."""
    return {
        "calls": sum(_calls(found).values()),
        "ends": {way: count for (way, _), count in _ends(found).items()},
        "twice": sum(_twice(found).values()),
        "played_out": sum(not (one.rejoins or one.alike) for one in found),
    }

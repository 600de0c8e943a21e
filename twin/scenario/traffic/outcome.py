"""From the chances of one try to what became of requests: drawn for all ticks of a stretch at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from twin.analysis.way.kind import Chances

Counts = npt.NDArray[np.int64]
Shares = npt.NDArray[np.float64]
ROUNDS = 12
"""Repeated tries add to the load that makes them fail; after so many rounds the two have come to terms."""
OUTCOMES = ("good", "slow", "cached", "blocked", "bad")


@dataclass(frozen=True, slots=True)
class Limits:
    """How often a request is tried, and what one server and one pod answer per tick."""

    tries: int
    server: float | None
    pod: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one kind's requests, per tick and outcome, and the reasons of the bad ones."""

    counts: Mapping[str, Counts]
    because: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Overload:
    """The share of tries that find no free server or pod, per tick, and in words."""

    share: Shares
    because: str


_NONE = _Overload(np.zeros(1), "")


def settle(
    asked: Mapping[str, Counts], chances: Mapping[str, Chances], limits: Limits, chance: np.random.Generator
) -> dict[str, Outcome]:
    """Return the outcome of each kind's requests over a stretch in which nothing changes."""
    over = _overloads(asked, chances, limits)
    return {name: _outcome(count, chances[name], over[name], limits, chance) for name, count in asked.items()}


def _overloads(asked: Mapping[str, Counts], chances: Mapping[str, Chances], limits: Limits) -> dict[str, _Overload]:
    """Return for how many tries of each kind no server or pod is free, when the repeated ones have come to terms."""
    over = dict.fromkeys(asked, _NONE)
    for _ in range(ROUNDS if limits.server is not None or limits.pod is not None else 0):
        load = _load(asked, chances, limits, over)
        before, over = over, {name: _over(load, chances[name], limits) for name in asked}
        if all(one is before[name] for name, one in over.items()):
            break
    return over


def tried(
    asked: Mapping[str, Counts], chances: Mapping[str, Chances], limits: Limits
) -> dict[str, tuple[Shares, Shares]]:  # fmt: skip
    """Return how many tries of each kind get past the edge per tick, by what may be expected.

    The second number is the share of those for which no server or pod is free.
    """
    over = _overloads(asked, chances, limits)
    return {name: (_tries(count, chances[name], over[name], limits), over[name].share) for name, count in asked.items()}


def _tries(count: Counts, found: Chances, over: _Overload, limits: Limits) -> Any:
    always = min(1.0, sum(share for _, share in found.always))
    once = 1 - (1 - min(1.0, sum(share for _, share in found.again))) * (1 - over.share)
    each = always * limits.tries + (1 - always) * sum(once**number for number in range(limits.tries))
    return count * (1 - found.blocked) * (1 - found.cached) * each


def _load(
    asked: Mapping[str, Counts], chances: Mapping[str, Chances], limits: Limits, over: Mapping[str, _Overload]
) -> tuple[Any, Any]:  # fmt: skip
    """Return the tries that reach servers and those that go on to pods, of all kinds together, repeated ones too."""
    servers: Any = 0.0
    pods: Any = 0.0
    for name, count in asked.items():
        found = chances[name]
        dead = min(1.0, sum(share for _, share in found.again))
        again = 1 - (1 - dead) * (1 - over[name].share)
        tries = sum(again**number for number in range(limits.tries))
        reaching = count * (1 - found.cached - found.blocked) * tries * (1 - dead)
        servers = servers + reaching * bool(found.servers)
        pods = pods + reaching * bool(found.pods)
    return servers, pods


def _over(load: tuple[Any, Any], found: Chances, limits: Limits) -> _Overload:
    worst = _NONE
    for tries, workers, each, word in (
        (load[0], found.servers, limits.server, "servers"), (load[1], found.pods, limits.pod, "pods"),
    ):  # fmt: skip
        if each is None or not workers:
            continue
        room = workers * each
        share = np.maximum(0.0, 1.0 - room / np.maximum(tries, 1e-9))
        if share.sum() > worst.share.sum():
            worst = _Overload(share, f"{workers} {word if workers > 1 else word[:-1]} cannot answer what is asked")
    return worst


def _outcome(
    count: Counts, found: Chances, over: _Overload, limits: Limits, chance: np.random.Generator
) -> Outcome:  # fmt: skip
    always = min(1.0, sum(share for _, share in found.always))
    drawn = min(1.0, sum(share for _, share in found.again))
    once = 1 - (1 - drawn) * (1 - over.share)
    bad_share = np.broadcast_to(always + (1 - always) * once**limits.tries, count.shape)
    slow_share = np.broadcast_to((1 - always) * (once - once**limits.tries), count.shape)
    blocked = chance.binomial(count, found.blocked)
    cached = chance.binomial(count - blocked, found.cached)
    rest = count - blocked - cached
    bad = chance.binomial(rest, bad_share)
    slow = chance.binomial(rest - bad, np.minimum(1.0, slow_share / np.maximum(1 - bad_share, 1e-12)))
    counts = {"good": rest - bad - slow, "slow": slow, "cached": cached, "blocked": blocked, "bad": bad}
    because = _because(float(bad.sum()), found, (always, drawn), over)
    if found.stopped:
        because[found.stopped] = because.get(found.stopped, 0.0) + float(blocked.sum())
    return Outcome(counts, because)


def _because(bad: float, found: Chances, shares: tuple[float, float], over: _Overload) -> dict[str, float]:
    """Divide the bad requests among the reasons, by the share that each has."""
    always, _ = shares
    causes = dict(found.always)
    left = 1 - always
    causes |= {why: causes.get(why, 0.0) + left * share for why, share in found.again}
    if over.because:
        causes[over.because] = left * float(over.share.mean())
    whole = sum(causes.values())
    return {why: bad * share / whole for why, share in causes.items()} if whole and bad else {}

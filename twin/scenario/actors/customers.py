"""Customers: requests by the second, each by its way through the org as it stands and under what is broken now."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

import numpy as np

from twin.analysis.way.answers import Answer, answers
from twin.analysis.way.kind import Chances
from twin.analysis.way.legs import Leg, legs
from twin.analysis.way.pools import connected
from twin.analysis.way.way import Way
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process
from twin.scenario.traffic.copies import made
from twin.scenario.traffic.damage import shown_damage
from twin.scenario.traffic.demand import demand
from twin.scenario.traffic.flows import EVERY, tell
from twin.scenario.traffic.ledger import Ledger
from twin.scenario.traffic.measured import Measured
from twin.scenario.traffic.outcome import Counts, Limits, settle
from twin.scenario.traffic.present import Conditions
from twin.scenario.traffic.profile import Profile
from twin.scenario.traffic.sight import Sight
from twin.scenario.traffic.trace import Trace
from twin.world.behaviors.flow_logs import logged
from twin.world.behaviors.rds_connections import hold_connections
from twin.world.scene import Happening
from twin.world.stores.kms_keys import Where

BLOCK = 3600
Options = Profile


class Customers:
    """Ticks through the run; a stretch in which no way changes is settled at once."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.profile = Profile.model_validate(options)
        self.kinds = self.profile.kinds()
        self.faults: dict[str, tuple[float, float]] = {}
        world = stage.world
        where = Where(world.accounts[0], world.region)
        self.sight = Sight(world, stage.administrator, where)
        self.present = Conditions(
            world.scene, where, elapsed=lambda: stage.timeline.elapsed, server_cache=self.profile.server_cache,
            damage=self._damage, edge=world.edge,
        )  # fmt: skip
        self._began = stage.timeline.now()
        self.trace = Trace(stage.timeline.elapsed, self.profile.tick)
        self.ledger = Ledger(stage.timeline.start, self.profile.tick, lambda store: made(world.scene, store))
        profile = self.profile
        scaled = [None if each is None else each * profile.tick for each in (profile.capacity, profile.pod_capacity)]
        self._limits = Limits(profile.tries, *scaled)
        self.measured = Measured(world.scene, where.account, self._limits, tick=profile.tick)
        self._asked = np.random.default_rng(stage.random.getrandbits(63))
        self._drawn = np.random.default_rng(stage.random.getrandbits(63))
        self._demand: dict[str, Counts] = {}
        self._stretch: dict[str, Chances] = {}
        self._tick = self._flowed = 0
        self._way: Way | None = None
        self._flowing: dict[str, Chances] = {}
        self._legs: dict[str, tuple[Leg, ...]] = {}
        self._answers: dict[str, dict[Answer, float]] = {}
        self._pooled: set[str] = set()
        world.scene.listeners.append(self._told)

    def processes(self) -> Iterator[Process]:
        """Yield the one process that counts."""
        yield self._work()

    def _work(self) -> Process:
        for _ in range(round(self.stage.duration / self.profile.tick)):
            if not self._stretch or self.present.unsettled or self.sight.changed():
                self._look()
            yield self.stage.timeline.pass_(self.profile.tick)
            self._tick += 1
            now = self.stage.timeline.now().timestamp()
            if now // EVERY > (now - self.profile.tick) // EVERY:
                self._flow()
                self.measured.tell(now)
                self._way = None if self.present.unsettled else self._way

    def _look(self) -> None:
        """See what becomes of requests from now on; the stretch before ends when that is something else."""
        self.present.unsettled = False
        way = self.sight.way(self.present)
        found = {name: way.chances(kind) for name, kind in self.kinds.items()}
        self._watch(way, found)
        if self.profile.pool is not None:
            servers = connected(way, self.kinds.values())
            self._pooled |= servers.keys()
            for arn in sorted(self._pooled):
                held = round(servers.get(arn, 0.0) * self.profile.pool)
                hold_connections(self.stage.world.scene, arn, self.name, held)
        if found == self._stretch:
            return
        self._close()
        if _reasons(found) != _reasons(self._stretch):
            told = {name: round(sum(share for _, share in (*one.always, *one.again)), 4) for name, one in found.items()}
            self.stage.journal.write(self.name, "ways changed", failing=told, because=sorted(_reasons(found)))
        self._stretch = found

    def _close(self) -> None:
        """Settle the requests of the stretch that ends now."""
        first, ticks = self.trace.length, self._tick - self.trace.length
        if not ticks:
            return
        asked = self._requests(first, ticks)
        outcomes = settle(asked, self._stretch, self._limits, self._drawn)
        self.trace.add(outcomes, ticks)
        for name, kind in self.kinds.items():
            stores = dict(self._stretch[name].stores)
            done = outcomes[name].counts["good"] + outcomes[name].counts["slow"]
            for need in kind.needs:
                if need.writes and need.name in stores:
                    store = stores[need.name].partition("@")[0]
                    self.ledger.add(need.name, store, self.trace.first + first * self.profile.tick, done)

    def _watch(self, way: Way, found: Mapping[str, Chances]) -> None:
        """See which connections requests go over from now on, and who answers them: where that may be another one.

        What shifts by and by from one place to another, as by DNS, is told as it was at a minute's beginning.
        """
        anew = found != self._flowing if not self.present.unsettled else _reasons(found) != _reasons(self._flowing)
        if anew or self._way is None or self._way.ground is not way.ground:
            self._flow()
            self._way, self._flowing = way, dict(found)
            self._answers = {name: answers(way, kind) for name, kind in self.kinds.items()}
            seen = self.kinds if logged(self.sight.where.account) else {}
            self._legs = {name: legs(way, kind) for name, kind in seen.items()}

    def _flow(self) -> None:
        """Tell flow logs and load balancers of the requests since they were told last."""
        first, ticks = self._flowed, self._tick - self._flowed
        self._flowed = self._tick
        if not ticks:
            return
        asked, now = self._requests(first, ticks), self.stage.timeline.now().timestamp()
        since = now - ticks * self.profile.tick
        self.measured.gather(asked, self._flowing, answers=self._answers, since=since)
        if self._way is None or not self._legs:
            return
        sent: dict[Leg, float] = {}
        for name, ways in self._legs.items():
            whole = int(asked[name].sum())
            for leg in ways:
                sent[leg] = sent.get(leg, 0.0) + whole * leg.share
        tell(self.stage.world.scene, self.sight.where.account, (since, now), ground=self._way.ground, requests=sent)

    def _requests(self, first: int, ticks: int) -> dict[str, Counts]:
        """Return the demand of some ticks, drawn an hour's worth at a time."""
        have = len(next(iter(self._demand.values()), ()))
        while have < first + ticks:
            more = demand(self.profile, self._began, self._asked, first=have, ticks=BLOCK)
            self._demand = {name: np.concatenate([self._demand.get(name, more[name][:0]), more[name]]) for name in more}
            have += BLOCK
        return {name: counts[first : first + ticks] for name, counts in self._demand.items()}

    def _told(self, happening: Happening) -> None:
        id_, now = happening.facts.get("id", ""), self.stage.timeline.elapsed
        if happening.kind == "fault.began":
            self.faults[id_] = (now, inf)
        elif happening.kind == "fault.healed" and id_ in self.faults:
            self.faults[id_] = (self.faults[id_][0], now)

    def _damage(self, arn: str) -> str:
        """Tell why a database's content is of no use: its own was damaged, or it was copied from what was."""
        return shown_damage(self.stage.world, self.ledger, arn)

    def failing(self) -> bool:
        """Tell whether some kind of request fails now however often it is tried."""
        return any(one.always for one in self._stretch.values())

    def _over(self) -> bool:
        """Tell whether no more requests than are tolerated fail now, servers that have too much to do aside."""
        whole = sum(one.share for one in self.profile.requests.values())
        lost = 0.0
        for name, found in self._stretch.items():
            always = min(1.0, sum(share for _, share in found.always))
            again = min(1.0, sum(share for _, share in found.again))
            lost += (always + (1 - always) * again**self.profile.tries) * self.profile.requests[name].share / whole
        return lost <= self.profile.tolerance

    def figures(self) -> Mapping[str, Any]:
        """Return what became of the requests and of the writes."""
        self._close()
        profile, faults = self.profile, list(self.faults.values())
        told = self.trace.figures(faults, tolerance=profile.tolerance, grace=profile.grace, over=self._over())
        return {**told, **self.ledger.figures(), "failing": self.failing()}


def _reasons(found: Mapping[str, Chances]) -> set[str]:
    stopped = {one.stopped for one in found.values() if one.stopped}
    return stopped | {why for one in found.values() for why, _ in (*one.always, *one.again)}


ACTOR = Customers

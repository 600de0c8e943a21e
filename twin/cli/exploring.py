"""What the explorer's views read: the target, or the org that is built here where no twin runs, each thing once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

from twin.cli.compiled import Compiled
from twin.cli.console import say
from twin.cli.costing import costs_of, price_book, running
from twin.cli.session import connect, shelf, workspace
from twin.clock import WallClock
from twin.errors import TargetError
from twin.observe.happenings import Happenings, Logs, Wanted, happenings
from twin.resources.call import Refused

if TYPE_CHECKING:
    from tui.sources import Sources
    from twin.analysis.cost import Costs
    from twin.analysis.passage.passages import View
    from twin.analysis.reach import Reach
    from twin.engine.target import Target
    from twin.scenario.recording.ledger import Texts
    from twin.scenario.rehearsal import Rehearsal

EMBEDDED_SEED = 0
GLOBAL = "us-east-1"
"""Where the events of services without a Region are."""
QUIET = 900.0
"""Seconds for which an org that was built here is left alone."""


class Surroundings:
    """Reads a spec's target; its functions are called in threads, one at a time.

    `pending` says that the plan changes something, so that the planned org costs otherwise.
    """

    def __init__(self, compiled: Compiled, target: str, *, pending: bool = False) -> None:
        self.compiled, self.name, self.pending = compiled, target, pending
        self._lock = RLock()

    @property
    def here(self) -> bool:
        """Whether the org is built in this process."""
        return self.name == "twin" and workspace().served() is None

    @cached_property
    def _built(self) -> "Rehearsal":
        from twin.scenario.kept import stand

        compiled = self.compiled
        say(f"{compiled.spec.path.name} ({len(compiled.desired)} resources) is built on a twin here")
        rehearsal = stand(
            compiled.desired, compiled.scope, seed=EMBEDDED_SEED, read_secret=compiled.secret, shelf=shelf()
        )
        # CloudTrail tells of a call some minutes later: what built the org is to be seen.
        rehearsal.timeline.run(rehearsal.timeline.elapsed + QUIET)
        return rehearsal

    @property
    def _target(self) -> "Target":
        return self._built.target if self.here else connect(self.compiled.scope, self.name)

    def reach(self) -> "Reach":
        """Read who may do what."""
        from twin.analysis.reach import Reach
        from twin.observe.iam.read import read_org

        scope = self.compiled.scope
        with self._lock:
            try:
                return Reach(read_org(self._target.systems, scope.account, [scope.region]))
            except Refused as refused:
                raise TargetError(f"the target refused to be read: {refused}") from refused

    def network(self) -> "View":
        """Read the network."""
        from twin.analysis.passage.passages import View
        from twin.observe.reading import read

        scope = self.compiled.scope
        with self._lock:
            try:
                return View(read(self._target.systems, scope.account, (scope.region,)).topology())
            except Refused as refused:
                raise TargetError(f"the target refused to be read: {refused}") from refused

    def costs(self) -> "tuple[Costs, Costs | None]":
        """Return what the org costs, and what the planned one would where that is another."""
        compiled = self.compiled
        book = price_book(compiled, None)
        with self._lock:
            if self.here:
                return costs_of(compiled, book, self._built), None
            now = running(compiled, book)
            return now, costs_of(compiled, book, self._built) if self.pending else None

    def ledgers(self) -> "Mapping[str, Texts]":
        """Read what a recording of the running twin keeps beside the resources."""
        from twin.cli.controlled import ask
        from twin.scenario.recording import looks

        scope = self.compiled.scope
        regions = looks.regions_of(scope, (one.address for one in self.compiled.desired))
        with self._lock:
            try:
                systems = self._target.systems
                return {
                    looks.RIGHTS: looks.rights(systems, scope.account, regions),
                    looks.NETWORK: looks.network(systems, scope.account, regions),
                    looks.METER: looks.meter(ask("GET", "usage")),
                }
            except Refused as refused:
                raise TargetError(f"the target refused to be read: {refused}") from refused

    def logs(self, regions: Sequence[str] = ()) -> Logs:
        """Return where the logs are."""
        scope = self.compiled.scope
        with self._lock:
            found = regions or tuple(dict.fromkeys((scope.region, GLOBAL)))
            return Logs(self._target.systems, found, scope.cloudflare_account)

    def now(self) -> datetime:
        """Return the time by the target's clock."""
        if self.here:
            return self._built.timeline.now()
        from twin.cli.logs import served_now

        return WallClock().now() if self.name == "live" else served_now()

    def events(self, wanted: Wanted) -> Happenings:
        """Read what happened."""
        logs = self.logs()
        with self._lock:
            return happenings(logs, wanted)

    def sources(self) -> "Sources":
        """Return what the explorer is given; real accounts have no meter here."""
        from tui.sources import Sources

        costs = self.costs if self.name != "live" else None
        return Sources(
            reach=self.reach, network=self.network, costs=costs, events=self.events, ledgers=self.ledgers,
            book=lambda: price_book(self.compiled, None),
        )  # fmt: skip

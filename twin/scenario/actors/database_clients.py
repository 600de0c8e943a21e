"""Clients of a database: each finds it by its name, keeps the address for a while, and asks it again and again."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.world.behaviors.rds_reachability import reachable
from twin.world.stores.rds_instances import find_instance


class Options(BaseModel):
    """What the clients are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str = Field(description="The identifier of the DB instance")
    clients: int = Field(10, ge=1)
    every: Period = Field(5.0, description="The time between two queries of one client")
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html: "less than 30 seconds"
    dns_cache: Seconds = Field(5.0, description="How long a client keeps the address that it found")


class DatabaseClients:
    """A query is good when the database answers at the address that the client knows."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.queries = self.failed = 0
        self.outages: list[float] = []
        self._since: dict[int, float] = {}
        self._lost: dict[int, str] = {}
        """What each client that fails was told last."""
        self._known: dict[int, tuple[str, float]] = {}
        self._arn = ""

    def processes(self) -> Iterator[Process]:
        """Yield a process for each client."""
        asked = {"DBInstanceIdentifier": self.options.database}
        found = self.stage.call("rds:DescribeDBInstances", asked)["DBInstances"][0]
        self._arn = found["DBInstanceArn"]
        for number in range(self.options.clients):
            yield self._work(number)

    def _work(self, number: int) -> Process:
        yield self.stage.timeline.pass_(self.stage.random.uniform(0, self.options.every))
        while True:
            self._query(number)
            yield self.stage.timeline.pass_(self.options.every)

    def _query(self, number: int) -> None:
        now, client = self.stage.timeline.elapsed, f"{self.name}-{number}"
        good, reason = reachable(self.stage.world.scene, self._arn)
        if self._address(number) != self._host():
            good, reason = False, "it knows an old address"
        self.queries += 1
        if good and number in self._since:
            self.outages.append(round(now - self._since.pop(number), 3))
            del self._lost[number]
            self.stage.journal.write(client, "recovered", after=self.outages[-1])
        elif not good:
            self.failed += 1
            self._lost[number] = reason
            if number not in self._since:
                self._since[number] = now
                self.stage.journal.write(client, "lost", reason=reason)

    def _address(self, number: int) -> str:
        """Return the address that a client goes to: what it found last, or finds now when that is too old."""
        now = self.stage.timeline.elapsed
        known = self._known.get(number)
        if known is None or now - known[1] >= self.options.dns_cache:
            known = self._known[number] = (self._host(), now)
        return known[0]

    def _host(self) -> str:
        """Return what the database's name leads to: the host of its primary, which is the one in that zone."""
        found = find_instance(self._arn)
        return str(found.availability_zone) if found is not None else ""

    def figures(self) -> Mapping[str, Any]:
        """Count queries, failed ones, outages of single clients; 99 of 100 outages were no longer than `recovery_p99`.

        Where more than one of 100 has not ended nobody knows: then it is None.
        """
        lengths = [*sorted(self.outages), *[None] * len(self._since)]
        return {
            "queries": self.queries,
            "failed": self.failed,
            "outages": len(lengths),
            "recovery_p99": lengths[ceil(0.99 * len(lengths)) - 1] if lengths else 0.0,
            "failing": len(self._since),
            "because": "; ".join(sorted(self._lost.values())[:1]),
            "availability": round(1 - self.failed / self.queries, 6) if self.queries else None,
        }


ACTOR = DatabaseClients

"""Clients of a database: each finds it by its name, keeps the address for a while, and asks it again and again."""

from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.world.behaviors.rds_reachability import reachable
from twin.world.stores.rds_instances import find_cluster, find_instance, is_member


class Options(BaseModel):
    """What the clients are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    database: str | None = Field(None, description="The identifier of the DB instance")
    cluster: str | None = Field(None, description="Or that of an Aurora cluster, whose name leads to its writer")
    clients: int = Field(10, ge=1)
    every: Period = Field(5.0, description="The time between two queries of one client")
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html: "less than 30 seconds";
    # Aurora's names live for 5 seconds: https://repost.aws/knowledge-center/aurora-mysql-redirected-endpoint-writer
    dns_cache: Seconds = Field(5.0, description="How long a client keeps the address that it found")
    writes: bool = Field(False, description="Whether a query changes something, which a reader of a cluster refuses")

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        """Ask one thing: a DB instance or a cluster."""
        if (self.database is None) == (self.cluster is None):
            raise ValueError("say `database` or `cluster`, one of the two")
        return self


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
        if self.options.cluster:
            found = self.stage.call("rds:DescribeDBClusters", {"DBClusterIdentifier": self.options.cluster})
            self._arn = found["DBClusters"][0]["DBClusterArn"]
        else:
            found = self.stage.call("rds:DescribeDBInstances", {"DBInstanceIdentifier": self.options.database})
            self._arn = found["DBInstances"][0]["DBInstanceArn"]
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
        elif good and self.options.writes and self._reads_alone():
            good, reason = False, "it asks an instance that only reads"
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
        """Return what the name leads to: a cluster's writer, or a primary's host, which is the one in that zone."""
        if (cluster := find_cluster(self._arn)) is not None:
            return str(cluster.writer.resource_id) if cluster.writer is not None else ""
        found = find_instance(self._arn)
        return str(found.availability_zone) if found is not None else ""

    def _reads_alone(self) -> bool:
        """Tell whether what is asked is a reader of a cluster."""
        found = find_instance(self._arn)
        return found is not None and is_member(found) and not found.is_cluster_writer

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

"""Workers with sessions in a database: each logs in with a secret that it keeps for a while, and asks it."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.credentials import holder
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period, Seconds
from twin.scenario.timeline import Process
from twin.scenario.traffic.copies import made
from twin.scenario.traffic.damage import shown_damage
from twin.scenario.traffic.ledger import Ledger
from twin.semantics.postgres.statements import SqlError
from twin.world.behaviors.rds_connections import hold_connections
from twin.world.behaviors.rds_reachability import reachable
from twin.world.behaviors.rds_roles import NO_TABLE, WRONG_PASSWORD, log_in
from twin.world.scene import Happening


class Options(BaseModel):
    """What the workers are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    secret: str = Field(description="The Secrets Manager secret that holds host, username and password")
    workers: int = Field(10, ge=1)
    every: Period = Field(60.0, description="The time between two queries of one worker")
    # https://github.com/brettwooldridge/HikariCP#frequently-used: maxLifetime, thirty minutes
    session: Seconds = Field(1800.0, description="How long a session is kept before another is opened")
    # https://docs.aws.amazon.com/secretsmanager/latest/userguide/retrieving-secrets_cache-python.html: an hour
    keep: Seconds = Field(3600.0, description="How long a worker keeps the secret that it read; 0 for not at all")
    refetch: bool = Field(False, description="Whether it reads the secret again, and tries once more, when refused")


@dataclass(slots=True)
class Worker:
    """One worker: the secret that it keeps, its session, since when it has been failing."""

    name: str
    login: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    read: float = float("-inf")
    database: str = ""
    opened: float = 0.0
    failing: float | None = None


class DatabaseSessions:
    """A query is good in a session that is open; a session that is open outlives the password that opened it.

    https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotation-strategy.html
    """

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.workers = [Worker(f"{name}-{number}") for number in range(self.options.workers)]
        self.queries = self.failed = self.logins = self.refused = self.reads = 0
        self.versions: set[str] = set()
        self._used: set[str] = set()
        self.reasons: Counter[str] = Counter()
        self.outages = Outages(self.options.every)
        self._ledger = Ledger(stage.timeline.start, 1.0, lambda store: made(stage.world.scene, store))
        stage.world.scene.listeners.append(self._told)

    def processes(self) -> Iterator[Process]:
        """Yield a process for each worker."""
        return map(self._work, self.workers)

    def _told(self, happening: Happening) -> None:
        """Close the sessions of a database that dropped its connections."""
        if happening.kind == "rds.connections.dropped":
            for worker in self.workers:
                if worker.database == happening.facts["arn"]:
                    worker.database = ""

    def _work(self, worker: Worker) -> Process:
        yield self.stage.timeline.pass_(self.stage.random.uniform(0, self.options.every))
        while True:
            yield from self._query(worker)
            yield self.stage.timeline.pass_(self.options.every)

    def _query(self, worker: Worker) -> Process:
        self.queries += 1
        now, why = self.stage.timeline.elapsed, ""
        if worker.database and not reachable(self.stage.world.scene, worker.database)[0]:
            worker.database = ""
        if not worker.database or now - worker.opened >= self.options.session:
            why = yield from self._open(worker)
        if worker.database and (gone := shown_damage(self.stage.world, self._ledger, worker.database)):
            why = f"{NO_TABLE}: {gone}"
        self._count(worker, now, why)
        self._hold()

    def _hold(self) -> None:
        """Tell each database that was used how many sessions are open in it."""
        opened = Counter(worker.database for worker in self.workers if worker.database)
        self._used |= opened.keys()
        for arn in sorted(self._used):
            hold_connections(self.stage.world.scene, arn, self.name, opened[arn])

    def _open(self, worker: Worker) -> Process:
        """Open a session; returns why there is none, "" when there is."""
        worker.database = ""
        try:
            if self.stage.timeline.elapsed - worker.read >= self.options.keep:
                yield from self._read(worker)
            why = self._log_in(worker)
            if why and self.options.refetch:
                yield from self._read(worker)
                why = self._log_in(worker)
        except (Refused, SqlError) as refused:
            why = f"{refused.code}: {refused.message}"
        except ValueError as wrong:
            why = f"the secret {self.options.secret}: {wrong}"
        return why

    def _read(self, worker: Worker) -> Process:
        self.reads += 1
        reply = yield from self.stage.ask("secretsmanager:GetSecretValue", {"SecretId": self.options.secret})
        worker.read = self.stage.timeline.elapsed
        worker.login, worker.version = holder("postgres query", reply["SecretString"]), reply["VersionId"]

    def _log_in(self, worker: Worker) -> str:
        """Log in with the secret that is kept; returns what is said where its password is wrong."""
        try:
            worker.database = log_in(self.stage.world.scene, worker.login)
        except SqlError as error:
            if error.code != WRONG_PASSWORD:
                raise
            self.refused += 1
            return f"{error.code}: {error.message}"
        worker.opened = self.stage.timeline.elapsed
        self.logins += 1
        self.versions.add(worker.version)
        return ""

    def _count(self, worker: Worker, now: float, why: str) -> None:
        if why:
            self.failed += 1
            self.reasons[why] += 1
            if self.outages.lost(worker.name, now, why):
                worker.failing = now
                self.stage.journal.write(worker.name, "lost", reason=why, version=worker.version)
        elif worker.failing is not None:
            self.outages.recovered(worker.name)
            self.stage.journal.write(worker.name, "recovered", after=round(now - worker.failing, 3))
            worker.failing = None

    def figures(self) -> Mapping[str, Any]:
        """Count queries, failed ones, log-ins, wrong passwords, reads of the secret, and its versions in use."""
        return {
            "queries": self.queries,
            "failed": self.failed,
            "logins": self.logins,
            "refused": self.refused,
            "reads": self.reads,
            "versions": len(self.versions),
            "failing": self.outages.going_on,
            "because": next((why for why, _ in self.reasons.most_common(1)), ""),
            "longest_outage": self.outages.longest,
            "availability": round(1 - self.failed / self.queries, 6) if self.queries else None,
        }


ACTOR = DatabaseSessions

"""Somebody who writes records that must not be lost, each under a key of its own, and looks at old ones meanwhile."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.outages import Outages
from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process


class Options(BaseModel):
    """What the keeper is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    keys: str = Field(description="The name of the saved credentials with which it writes and reads")
    bucket: str
    prefix: str = "records/"
    every: Period = Field(60.0, description="How often it writes a record, and looks at one of the old ones")


class RecordKeeper:
    """A record is good when it is read as it was written; whether all are is asked at the end, as the owner."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.written: list[tuple[str, float]] = []
        self.tried = self.refused = self.spoiled = 0
        self.outages = Outages(self.options.every)

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._live()

    def _live(self) -> Process:
        while True:
            yield self.stage.timeline.pass_(self.options.every)
            yield from self._write()
            yield from self._look()

    def _write(self) -> Process:
        now = self.stage.timeline.elapsed
        self.tried += 1
        key = f"{self.options.prefix}{self.tried:05}.csv"
        asked = {"Bucket": self.options.bucket, "Key": key, "Body": _record(key)}
        try:
            yield from self.stage.ask("s3:PutObject", asked, self.stage.keys(self.options.keys))
        except Refused as refused:
            self.refused += 1
            if self.outages.lost(self.name, now, refused.code):
                self.stage.journal.write(self.name, "refused", code=refused.code)
            return
        if self.outages.recovered(self.name):
            self.stage.journal.write(self.name, "recovered")
        self.written.append((key, now))

    def _look(self) -> Process:
        if not self.written:
            return
        key = self.stage.random.choice(self.written)[0]
        asked, keys = {"Bucket": self.options.bucket, "Key": key}, self.stage.keys(self.options.keys)
        try:
            reply = yield from self.stage.ask("s3:GetObject", asked, keys)
            good = reply["Body"].read() == _record(key).encode()
        except Refused:
            good = False
        if not good:
            if not self.spoiled:
                self.stage.journal.write(self.name, "misses a record", key=key)
            self.spoiled += 1

    def _kept(self, key: str) -> bool:
        try:
            reply = self.stage.call("s3:GetObject", {"Bucket": self.options.bucket, "Key": key})
        except Refused:
            return False
        return bool(reply["Body"].read() == _record(key).encode())

    def figures(self) -> Mapping[str, Any]:
        """Count the records, those that are gone, and how often one was missed; the RPO and outages in seconds.

        The RPO reaches from the newest record that is kept, of those before the first that is gone, to the newest that
        is gone.
        """
        lost = [index for index, (key, _) in enumerate(self.written) if not self._kept(key)]
        first = self.written[0][1] - self.options.every if self.written else 0.0
        kept_until = self.written[lost[0] - 1][1] if lost and lost[0] else first
        return {
            "written": len(self.written),
            "refused": self.refused,
            "lost": len(lost),
            "rpo": round(self.written[lost[-1]][1] - kept_until, 3) if lost else 0.0,
            "spoiled": self.spoiled,
            "failing": self.outages.going_on > 0,
            "because": self.outages.because,
            "longest_outage": self.outages.longest,
        }


def _record(key: str) -> str:
    return f"{key},one row"


ACTOR = RecordKeeper

"""Somebody who looks at a certificate again and again, and notes how long it still lives."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from twin.resources.call import Refused
from twin.scenario.stage import Stage
from twin.scenario.step import Period
from twin.scenario.timeline import Process

DAY = 86400.0
UNISSUED = ("PENDING_VALIDATION", "VALIDATION_TIMED_OUT", "FAILED")  # ACM tells no end of these


class Options(BaseModel):
    """What the watch is told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    certificate: str = Field(description="The certificate's ARN in ACM")
    every: Period = DAY


class CertificateWatch:
    """A certificate that cannot be looked at, or was never issued, has no days left."""

    def __init__(self, name: str, options: Mapping[str, Any], stage: Stage) -> None:
        self.name, self.stage = name, stage
        self.options = Options.model_validate(options)
        self.looks = self.failed = self.renewals = 0
        self.least: float | None = None
        self._ends: datetime | None = None

    def processes(self) -> Iterator[Process]:
        """Yield its one process."""
        yield self._watch()

    def _watch(self) -> Process:
        while True:
            self.looks += 1
            left = yield from self._look()
            self.least = left if self.least is None else min(self.least, left)
            yield self.stage.timeline.pass_(self.options.every)

    def _look(self) -> Process:
        try:
            told = yield from self.stage.ask("acm:DescribeCertificate", {"CertificateArn": self.options.certificate})
        except Refused as refused:
            self.failed += 1
            self.stage.journal.write(self.name, "refused", code=refused.code)
            return 0.0
        if (status := told["Certificate"]["Status"]) in UNISSUED:
            self.stage.journal.write(self.name, "is not issued", status=status)
            return 0.0
        ends: datetime = told["Certificate"]["NotAfter"]
        if self._ends is not None and ends > self._ends:
            self.renewals += 1
            self.stage.journal.write(self.name, "renewed", until=ends.isoformat())
        self._ends = ends
        return (ends - self.stage.timeline.now()).total_seconds() / DAY

    def figures(self) -> Mapping[str, Any]:
        """Count looks, refused ones and renewals; the fewest days that were left, below zero once it was over."""
        least = None if self.least is None else round(self.least, 3)
        return {"looks": self.looks, "failed": self.failed, "renewals": self.renewals, "least_days": least}


ACTOR = CertificateWatch

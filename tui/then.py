"""The cursor in time as the views get it that read the target where it is not set."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui.runs import Run
from twin.scenario.recording.moment import clock
from twin.scenario.recording.recording import Recording

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Instants

PATIENCE = 0.15
"""Seconds for which the cursor stands still before anything is worked out of the instant."""


@dataclass(frozen=True, slots=True)
class Then:
    """An instant of a run; `began` is when the run began by the target's clock, where it is on the target."""

    run: Run
    t: float
    began: datetime | None = None
    live: bool = False
    """Whether it is the newest instant of what is looked at now."""

    @property
    def instants(self) -> "Instants":
        """What the ledgers of the run's recording come to."""
        if self.run.instants is None:
            from twin.scenario.recording.instants import Instants

            self.run.instants = Instants(self.recording)
        return self.run.instants

    @property
    def recording(self) -> Recording:
        """The run's recording."""
        assert self.run.recording is not None
        return self.run.recording

    @property
    def until(self) -> datetime | None:
        """The instant by the target's clock, None where the run was on a twin of its own."""
        return None if self.began is None else self.began + timedelta(seconds=self.t)

    @property
    def name(self) -> str:
        """The instant in words."""
        return f"{clock(self.t)} of {self.run.name}"

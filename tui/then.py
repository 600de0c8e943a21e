"""The cursor in time as the views get it that read the target where it is not set."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from tui.runs import Run, clock
from twin.scenario.recording.recording import Recording

PATIENCE = 0.15
"""Seconds for which the cursor stands still before anything is worked out of the instant."""


@dataclass(frozen=True, slots=True)
class Then:
    """An instant of a run; `began` is when the run began by the target's clock, where it is on the target."""

    run: Run
    t: float
    began: datetime | None = None

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

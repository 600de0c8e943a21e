"""`--run FILE --at TIME`: a recorded run at one of its instants, in the place of a target."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from twin.errors import UsageError
from twin.scenario.recording.moment import clock, instant

if TYPE_CHECKING:
    from twin.scenario.recording.instants import Instants
    from twin.scenario.recording.recording import Recording


@dataclass(frozen=True)
class Recalled:
    """An instant of a recording, in seconds since the run began."""

    recording: "Recording"
    t: float

    @cached_property
    def instants(self) -> "Instants":
        """What the recording tells of its instants; UsageError where it lacks what is asked for."""
        from twin.scenario.recording.instants import Instants

        return Instants(self.recording)

    @property
    def name(self) -> str:
        """The run and the instant in words."""
        kept = self.recording
        time = kept.time(self.t)
        run = f"{kept.scenario} {kept.variant}" if kept.variant else kept.scenario
        return f"{run} at {clock(self.t)}{f', {time:%Y-%m-%d %H:%M:%S} UTC' if time else ''}"

    @property
    def document(self) -> dict[str, Any]:
        """The same as plain data."""
        kept, time = self.recording, self.recording.time(self.t)
        return {"scenario": kept.scenario, "variant": kept.variant, "seed": kept.seed, "at": self.t,
                "time": time.isoformat() if time else None}  # fmt: skip


def recall_options(*fitting: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add `--run` and `--at`; the command gets `then`, and with a run only those of its parameters that fit."""

    def add(command: Callable[..., int]) -> Callable[..., int]:
        @wraps(command)
        def with_then(*args: Any, recorded: Path | None, at: str | None, **rest: Any) -> int:
            return command(*args, then=_then(recorded, at, fitting), **rest)

        for option in (
            click.option("--at", metavar="TIME", help="With --run: as of then (1:05:00, 90, 65m, 50%, ISO 8601); its "
                         "end without it."),
            click.option(
                "--run", "recorded", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
                help="Look at a run that `twin run --record FILE` kept, instead of a target.",
            ),
        ):  # fmt: skip
            with_then = option(with_then)
        return with_then

    return add


def wanted(spec: Path | None) -> Path:
    """Return the SPEC that a command needs without a run; UsageError where there is none."""
    if spec is None:
        raise UsageError("say what to look at: a SPEC, or --run FILE")
    return spec


def _then(file: Path | None, at: str | None, fitting: tuple[str, ...]) -> Recalled | None:
    if file is None:
        if at is not None:
            raise UsageError("--at is an instant of a recorded run: with --run FILE")
        return None
    from twin.scenario.recording.recording import open_recording

    context = click.get_current_context()
    for one in context.command.params:
        given = context.get_parameter_source(one.name or "") is ParameterSource.COMMANDLINE
        if given and one.name not in ("recorded", "at", *fitting):
            name = max(one.opts, key=len) if isinstance(one, click.Option) else one.human_readable_name
            raise UsageError(f"{name} does not go with --run: a recording is read, not a target")
    recording = open_recording(file)
    return Recalled(recording, recording.end if at is None else _instant(recording, at))


def _instant(recording: "Recording", written: str) -> float:
    """Read an instant of a run; UsageError where it is none, or not of this run."""
    try:
        t = instant(written, recording.end)
    except ValueError:
        t = _since(recording, written)
    if not 0 <= t <= recording.end:
        began, ended = recording.time(0.0), recording.time(recording.end)
        dates = f" ({began:%Y-%m-%dT%H:%M:%SZ} to {ended:%Y-%m-%dT%H:%M:%SZ})" if began and ended else ""
        raise UsageError(f"--at {written}: the run lasts from 0:00:00 to {clock(recording.end)}{dates}")
    return t


def _since(recording: "Recording", written: str) -> float:
    try:
        time = datetime.fromisoformat(written)
    except ValueError as wrong:
        raise UsageError(f"--at {written}: 1:05:00, 90, 65m, 50% or 2026-11-28T12:00:00Z is wanted") from wrong
    if time.tzinfo is None:
        raise UsageError(f"--at {written}: say in which zone, as in {written}Z")
    if recording.began is None:
        raise UsageError(f"--at {written}: this recording does not say when it began; write it since then, as 1:05:00")
    return (time - recording.began).total_seconds()

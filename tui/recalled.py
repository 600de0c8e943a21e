"""The network as of an instant, drawn: from the recording's own, else from how its resources stood."""

from dataclasses import replace

from textual.message import Message

from tui.then import Then
from twin.analysis.passage.passages import View
from twin.report.picture.boxes import Marks, Picture
from twin.report.picture.drawn import picture
from twin.report.picture.losses import losses
from twin.report.picture.recorded import instant, marks_at, standing
from twin.scenario.recording.looks import NETWORK
from twin.scenario.recording.recording import Recording


class Recalled(Message):
    """The org of an instant is drawn."""

    def __init__(self, then: Then, view: View | None, drawn: Picture, marks: Marks) -> None:
        self.then, self.view, self.drawn, self.marks = then, view, drawn, marks
        super().__init__()


def held_still(then: Then) -> Recording:
    """Return the recording as it is now: it may grow while a thread reads it."""
    kept = then.recording
    return replace(kept, tracks=dict(kept.tracks), journal=list(kept.journal))


def recalled(then: Then, recording: Recording) -> Recalled:
    """Draw the instant with what was lost and hurt by then; it is called in a thread."""
    now = instant(recording, then.t)
    if then.run.holds(NETWORK):
        view = then.instants.network(then.t)
        drawn = picture(view)
        return Recalled(then, view, drawn, losses(view, drawn, now))
    drawn = standing(now)
    return Recalled(then, None, drawn, marks_at(now, drawn))

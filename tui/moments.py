"""The orgs of a run by instant: each is joined once, as going to and fro in time is what one does."""

from collections import OrderedDict

from tui.org import Org
from twin.scenario.recording.recording import Recording

KEPT = 32


class Moments:
    """Returns the org of an instant; between two changes it is the same one."""

    def __init__(self) -> None:
        self._recording: Recording | None = None
        self._orgs: OrderedDict[int, Org] = OrderedDict()

    def at(self, recording: Recording, t: float) -> Org:
        """Return the org as a recording has it at an instant."""
        if recording is not self._recording:
            self._recording = recording
            self._orgs.clear()
        number = recording.instant(t)
        if number >= len(recording.moments) - 1 and not recording.ended:
            return Org.joined(recording.plan(t), recording.references)  # the last instant may still change
        if number not in self._orgs:
            self._orgs[number] = Org.joined(recording.plan(t), recording.references)
            if len(self._orgs) > KEPT:
                self._orgs.popitem(last=False)
        return self._orgs[number]

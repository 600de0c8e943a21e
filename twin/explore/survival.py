"""What became of an org whose applier was ended at a call."""

from dataclasses import dataclass

from twin.explore.course import Verb


@dataclass(frozen=True, slots=True)
class Survival:
    """What the next runs left behind, which should be nothing.

    `again` is the call of the recovery at which that one ended too, 0 when it did not. `stands_for` counts the ends
    that leave the very same world and the very same folder. `rejoins` says that the recovery came back to the
    undisturbed run's own way, `alike` that it begins where another end's did, which is played.
    """

    verb: Verb
    moment: str
    number: int
    call: str
    again: int
    failed: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    orphans: tuple[str, ...] = ()
    doubles: tuple[str, ...] = ()
    stands_for: int = 1
    rejoins: bool = False
    alike: bool = False

    @property
    def good(self) -> bool:
        """Whether the org is as if nothing had happened."""
        return not (self.failed or self.pending or self.orphans or self.doubles)

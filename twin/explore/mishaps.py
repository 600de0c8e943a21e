"""What befalls an applier at a call: it dies, is throttled, told of a failure, cut off, kept waiting, out of disk."""

import resource
from contextlib import suppress
from dataclasses import replace
from typing import Any, ClassVar

from twin.address import Address
from twin.engine.state import Store
from twin.errors import TargetError
from twin.explore.course import Send, Walk
from twin.resources.call import Call, Refused
from twin.resources.catalogue import catalogue
from twin.resources.resource import Resource
from twin.world.delays import Provisioning

THROTTLES = 2
"""So often a throttled call is refused before it is let in."""
LAST_BYTES = 10
"""So much of the next line still fits on a full disk."""
LATER = 3600.0
"""So many seconds pass until what nobody could wait for is ready."""


class Mishap:
    """One way in which a run is disturbed from a call on; this one is none."""

    name: ClassVar[str] = "never"
    late: ClassVar[bool] = False
    """Whether the call has reached the vendor before it happens."""

    @classmethod
    def befalls(cls, _: Walk) -> bool:
        """Tell whether it can happen to a run where it is."""
        return True

    def begin(self, walk: Walk, store: Store) -> None:
        """Prepare what is about to happen to the run that writes to this folder."""

    def meet(self, call: Call, send: Send) -> Any:
        """Answer a call of the disturbed run: the first one is the call at which it began."""
        return send()

    def heal(self, walk: Walk) -> None:
        """Take back what would hinder the next run too."""


class Before(Mishap):
    """The process dies before the call is sent."""

    name = "before"


class After(Mishap):
    """The process dies before the reply is noted."""

    name = "after"


class Throttled(Mishap):
    """The vendor refuses the call a few times because there were too many."""

    name = "throttled"

    def __init__(self) -> None:
        self.left = THROTTLES

    def meet(self, call: Call, send: Send) -> Any:
        """Refuse, until it was often enough."""
        if not self.left:
            return send()
        self.left -= 1
        raise Refused(call, "ThrottlingException", "Rate exceeded", status=429, transient=True)


class _Once(Mishap):
    """A mishap of one call alone."""

    def __init__(self) -> None:
        self.over = False

    def meet(self, call: Call, send: Send) -> Any:
        """Befall the first call."""
        if self.over:
            return send()
        self.over = True
        return self.befall(call, send)

    def befall(self, call: Call, send: Send) -> Any:
        """Do to the call what this mishap does."""
        raise NotImplementedError


class ServerError(_Once):
    """The vendor fails before it did anything."""

    name = "server error"

    def befall(self, call: Call, _: Send) -> Any:
        """Tell of a failure."""
        raise Refused(call, "InternalFailure", "An internal error has occurred", status=500)


class FullState(ServerError):
    """The vendor fails, and when the run ends the disk has no room for its state; the journal is all there is."""

    name = "no room for the state"

    def begin(self, _: Walk, store: Store) -> None:
        """Have the state written to where nothing can be written."""
        self.scratch = store.state_file.with_suffix(".new")
        self.scratch.symlink_to("/dev/full")

    def heal(self, _: Walk) -> None:
        """Make room again."""
        self.scratch.unlink()


class LostReply(_Once):
    """The call is carried out, and its reply never comes: a time-out after success."""

    name = "lost reply"
    late = True

    def befall(self, call: Call, send: Send) -> Any:
        """Send it and lose the reply, be it a refusal."""
        with suppress(Refused):
            send()
        raise TargetError(f"{call}: the reply was lost")


class LostNetwork(Mishap):
    """From this call on nothing reaches the vendors."""

    name = "lost network"

    def meet(self, call: Call, send: Send) -> Any:
        """Reach nobody."""
        raise TargetError(f"{call}: nobody answers")


class FullDisk(Mishap):
    """From this call on the system takes no more bytes into the run's files; the next line is cut short."""

    name = "full disk"
    late = True

    def begin(self, _: Walk, store: Store) -> None:
        """Let no file of this process grow longer than the journal is, but for a few bytes."""
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = store.journal_file.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + LAST_BYTES, self.limits[1]))

    def heal(self, _: Walk) -> None:
        """Make room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self.limits)


class Unready(Mishap):
    """What is being made takes longer than the run is willing to wait, and is ready when the next run comes."""

    name = "endless wait"

    @classmethod
    def befalls(cls, walk: Walk) -> bool:
        """Tell whether this call is the first one of something for which a run waits."""
        key, action = walk.doing
        if action != "create" or walk.calls_of_change != 1:
            return False
        lineage = catalogue()[Address.parse(key).type].__mro__
        return next(one for one in lineage if "ready" in vars(one)) is not Resource

    def begin(self, walk: Walk, _: Store) -> None:
        """Let what is made from now on take its time, which stands still."""
        assert walk.applier is not None
        walk.applier.target = replace(walk.applier.target, waits=True)
        _provision(walk, "real")

    def heal(self, walk: Walk) -> None:
        """Let the time pass."""
        _provision(walk, "instant")
        walk.course.let_pass(LATER)


def _provision(walk: Walk, how: Provisioning) -> None:
    walk.course.world.scene.provisioning = how


NEVER, BEFORE, AFTER = Mishap(), Before(), After()
DEATHS = (BEFORE, AFTER)
ORDERLY: tuple[type[Mishap], ...] = (
    Throttled, ServerError, LostNetwork, FullState, Unready, LostReply, FullDisk,
)  # fmt: skip
MOMENTS = (*(mishap.name for mishap in DEATHS), *(mishap.name for mishap in ORDERLY))

"""What befalls an applier at a call: it dies, is throttled, is told of a failure, is cut off, or its disk is full."""

import resource
from collections.abc import Callable
from typing import Any, ClassVar

from twin.engine.state import Store
from twin.errors import TargetError
from twin.resources.call import Call, Refused

Send = Callable[[], Any]
THROTTLES = 2
"""So often a throttled call is refused before it is let in."""
LAST_BYTES = 10
"""So much of the next line still fits on a full disk."""


class Mishap:
    """One way in which a run is disturbed from a call on; this one is none."""

    name: ClassVar[str] = "never"

    def begin(self, store: Store) -> None:
        """Prepare what is about to happen to the run that writes to this folder."""

    def meet(self, call: Call, send: Send) -> Any:
        """Answer a call of the disturbed run: the first one is the call at which it began."""
        return send()

    def heal(self) -> None:
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

    def befall(self, call: Call, send: Send) -> Any:
        """Tell of a failure."""
        raise Refused(call, "InternalFailure", "An internal error has occurred", status=500)


class LostReply(_Once):
    """The call is carried out, and its reply never comes: a time-out after success."""

    name = "lost reply"

    def befall(self, call: Call, send: Send) -> Any:
        """Send it and lose the reply."""
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

    def begin(self, store: Store) -> None:
        """Let no file of this process grow longer than the journal is, but for a few bytes."""
        self.limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        size = store.journal_file.stat().st_size
        resource.setrlimit(resource.RLIMIT_FSIZE, (size + LAST_BYTES, self.limits[1]))

    def heal(self) -> None:
        """Make room again."""
        resource.setrlimit(resource.RLIMIT_FSIZE, self.limits)


NEVER, BEFORE, AFTER = Mishap(), Before(), After()
DEATHS = (BEFORE, AFTER)
ORDERLY: tuple[type[Mishap], ...] = (Throttled, ServerError, LostReply, LostNetwork, FullDisk)
MOMENTS = (*(mishap.name for mishap in DEATHS), *(mishap.name for mishap in ORDERLY))

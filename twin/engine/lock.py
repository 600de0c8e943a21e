"""The lock of a state: one run at a time, and whoever waits is told who holds it."""

import fcntl
import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from twin.errors import UsageError


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: a person or a pipeline, on a host, by a process, since an instant, with a command."""

    id: str = ""
    who: str = ""
    host: str = ""
    pid: int = 0
    since: str = ""
    command: str = ""

    def __str__(self) -> str:
        parts = [f"{self.who or 'somebody'} on {self.host}" if self.host else self.who]
        parts += [f"pid {self.pid}" if self.pid else "", f"since {self.since}" if self.since else ""]
        parts += [f"`{self.command}`" if self.command else "", f"lock {self.id}" if self.id else ""]
        return ", ".join(filter(None, parts))

    @classmethod
    def read(cls, text: str) -> "Holder":
        """Read what a holder wrote; one of whom nothing is known when that is no JSON."""
        try:
            told = json.loads(text)
            return cls(**{name: told[name] for name in cls.__slots__ if name in told})
        except (ValueError, TypeError):
            return cls()


@dataclass(frozen=True, slots=True)
class Found:
    """What `twin unlock` found of a lock: who held it, whether that was broken, and the same in words."""

    told: str
    holder: Holder | None = None
    broken: bool = False

    def __str__(self) -> str:
        return self.told


@dataclass(frozen=True)
class Claim:
    """With what a run asks for a lock: its holder, and how long it waits for another one's, in seconds."""

    holder: Holder = field(default_factory=Holder)
    patience: float = 0.0
    sleep: Callable[[float], None] = lambda _: None
    tell: Callable[[str], None] = lambda _: None
    now: Callable[[], float] = lambda: 0.0
    """Seconds that go on while the machine sleeps; by them a run looks now and then whether a lock is still its own."""

    def take(self, attempt: Callable[[], Holder | None], where: str, way_out: Callable[[Holder], str]) -> None:
        """Try until `attempt` returns nobody; UsageError with the holder when patience is at its end."""
        waited, told = 0.0, False
        while (other := attempt()) is not None:
            named = f": {other}" if str(other) else ""
            if waited >= self.patience:
                raise UsageError(f"another run is applying here ({where}){named}; {way_out(other)}")
            if not told:
                self.tell(f"waiting up to {self.patience:.0f} s for another run{named}")
                told = True
            pause = min(POLL, self.patience - waited)
            self.sleep(pause)
            waited += pause


class Lock(Protocol):
    """A lock that a store takes when a run begins and gives back when it ends."""

    def take(self, run: dict[str, Any]) -> None:
        """Take it for a run; UsageError while another run has it."""
        ...

    def release(self) -> None:
        """Give it back."""
        ...


POLL = 2.0


class FileLock:
    """A lock in a folder of this machine: it goes with the process that holds it, so nobody need break it."""

    def __init__(self, folder: Path, claim: Claim) -> None:
        self.folder, self.claim = folder, claim
        self._held: int | None = None

    def take(self, _: dict[str, Any]) -> None:
        """Take the lock and write down who has it."""
        # A link would be written through: the folder may have been somebody else's.
        file = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            self.claim.take(lambda: _attempt(file), str(self.folder), lambda _: "wait until it has ended")
        except BaseException:
            os.close(file)
            raise
        os.ftruncate(file, 0)
        os.pwrite(file, json.dumps(asdict(self.claim.holder)).encode(), 0)
        self._held = file

    def release(self) -> None:
        """Give the lock back."""
        if self._held is not None:
            os.ftruncate(self._held, 0)
            os.close(self._held)
            self._held = None


def _attempt(file: int) -> Holder | None:
    """Take a file's lock; returns who has it instead."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return Holder.read(os.pread(file, 4096, 0).decode("utf-8", "replace"))
    return None

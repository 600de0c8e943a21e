"""Reads that are sent before anybody asks for them, side by side, while their process still loads what asks."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from twin.resources.aws.pages import next_page
from twin.resources.aws.read_request import ReadRequest, Signer
from twin.resources.wire_client import Answer, Broken, WireClient


@dataclass(frozen=True, slots=True)
class Planned:
    """A read that is to be sent: at once, or as the next page of an earlier one, by the token with which it was."""

    read: ReadRequest
    page_of: int | None = None
    token: bytes = b""


@dataclass(slots=True, eq=False)
class _Slot:
    """One read: whether somebody sends it, its reply, None when none came, and the read of its next page."""

    planned: Planned
    begun: bool = False
    done: Event = field(default_factory=Event)
    answer: Answer | None = None
    page: "_Slot | None" = None


class Ahead:
    """Reads under way; each reply is given to one who asks, so that nobody takes it for a second look."""

    def __init__(self, reads: Iterable[Planned], signer: Signer, *, now: Callable[[], str]) -> None:
        self._slots = [_Slot(one) for one in reads]
        self._signer, self._now = signer, now
        self._by_read: dict[ReadRequest, list[_Slot]] = {}
        for slot in self._slots:
            if slot.planned.page_of is None:
                self._by_read.setdefault(slot.planned.read, []).append(slot)
            else:
                slot.begun = True  # by whoever sends the page before
                self._slots[slot.planned.page_of].page = slot
        self._free = iter(self._slots)
        self._lock = Lock()

    def start(self, wire: WireClient, at_once: int, then: Callable[[], None] = lambda: None) -> None:
        """Send the reads, so many at once; when nothing is under way any more, do what follows `then`."""
        self._then, self._workers = then, at_once
        for _ in range(at_once):
            Thread(target=self._run, args=(wire,), name="ahead", daemon=True).start()

    def answers(self) -> Iterator[Answer | None]:
        """Yield the reply of each read, as soon as it is there."""
        for slot in self._slots:
            slot.done.wait()
            yield slot.answer

    def take(self, read: ReadRequest, signer: Signer) -> Answer | None:
        """Return the reply to a read of the same principal; None where it has to be sent by whoever asks."""
        if (signer.access_key, signer.token) != (self._signer.access_key, self._signer.token):
            return None
        with self._lock:
            waiting = self._by_read.get(read)
            slot = waiting.pop(0) if waiting else None
            if slot is None:
                return None
            begun, slot.begun = slot.begun, True
        if not begun:
            self._finish(slot)
            return None
        slot.done.wait()
        return slot.answer

    def end(self) -> None:
        """Send no more, and give no reply any more."""
        with self._lock:
            self._by_read.clear()
        self._drop()

    def _run(self, wire: WireClient) -> None:
        try:
            self._work(wire)
        finally:
            with self._lock:
                self._workers -= 1
                last = not self._workers
            if last:
                self._drop()
                self._then()

    def _work(self, wire: WireClient) -> None:
        while (slot := self._next()) is not None:
            try:
                self._send(wire, slot)
            except Broken:  # whoever asks for it sends it
                continue
            finally:
                self._finish(slot)

    def _send(self, wire: WireClient, first: _Slot) -> None:
        """Send a read, and those of the pages that follow its reply."""
        slot, read = first, first.planned.read
        while True:
            slot.answer = wire.exchange(read.signed(self._signer, self._now()))
            following = slot.page
            page = next_page(following.planned.read, following.planned.token, slot.answer.body) if following else None
            if following is None or page is None:
                return
            with self._lock:
                self._by_read.setdefault(page, []).append(following)
            slot.done.set()
            slot, read = following, page

    def _next(self) -> _Slot | None:
        with self._lock:
            for slot in self._free:
                if not slot.begun:
                    slot.begun = True
                    return slot
        return None

    def _drop(self) -> None:
        """Let nobody wait for what nobody has begun to send."""
        with self._lock:
            waiting = [slot for slot in self._slots if not slot.begun]
            for slot in waiting:
                slot.begun = True
        for slot in waiting:
            self._finish(slot)

    @staticmethod
    def _finish(slot: _Slot | None) -> None:
        """Let nobody wait for a read that is not sent, nor for its pages."""
        while slot is not None:
            slot.done.set()
            slot = slot.page

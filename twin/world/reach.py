"""Who answers where the world calls out: what is mounted in the process, its own vendors, and this machine once served.

Nothing leaves this machine. What is meant for anybody else is not sent, and whoever wanted it is told so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.wire import Handle, Request
from twin.world.outbox import Answer, Post, exchanged, is_local
from twin.world.reach_reasons import OUTSIDE, UNSERVED

if TYPE_CHECKING:
    from twin.world.scene import Scene

Answered = Callable[[Answer], None]


def at_vendor(scene: "Scene", endpoint: str) -> bool:
    """Tell whether an endpoint is at a vendor that the world serves, under the vendor's own host."""
    parts = urlsplit(endpoint)
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "." in host and scene.vendors.called("", host, parts.path) is not None


@dataclass(slots=True)
class Reach:
    """Calls out for a world; `receivers` answer in the process, each for its origin (`https://hooks.acme.example`)."""

    scene: "Scene"
    receivers: dict[str, Handle]

    def closed(self, url: str) -> str:
        """Return why nothing can be sent to an address: it is outside, or the world has no socket; empty if it can."""
        if _origin(url) in self.receivers or at_vendor(self.scene, url):
            return ""
        if not is_local(url):
            return OUTSIDE
        return "" if self.scene.served_at is not None else UNSERVED

    def ask(self, post: Post) -> Answer:
        """Call an address and wait for what it answers."""
        if why := self.closed(post.url):
            return Answer(0, reason=why)
        return self._here(post) or exchanged(post)

    def send(self, post: Post, answered: Answered) -> None:
        """Call an address that is not closed; `answered` hears of it at once, or later when a socket is between."""
        if (answer := self._here(post)) is not None:
            answered(answer)
        else:
            self.scene.outbox.send(post, answered=answered)

    def _here(self, post: Post) -> Answer | None:
        request = Request(post.method, post.url, Headers(list(post.headers.items())), post.body)
        if (handle := self.receivers.get(_origin(post.url))) is not None:
            reply = handle(request)
        elif at_vendor(self.scene, post.url):
            parts = urlsplit(post.url)
            vendor = self.scene.vendors.called("", parts.hostname or "", parts.path)
            assert vendor is not None
            reply = self.scene.vendors.handle(vendor, request)
        else:
            return None
        return Answer(reply.status, dict(reply.headers.items()), reply.body)

    def __getstate__(self) -> dict[str, Any]:
        # What is mounted belongs to this process.
        return {"scene": self.scene, "receivers": {}}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.scene, self.receivers = state["scene"], state["receivers"]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()

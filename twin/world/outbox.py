"""Calls that a served world makes to endpoints on this machine: one after the other, apart from what it answers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from twin.world.source import is_loopback

log = logging.getLogger(__name__)
# Seconds: https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html (assumed).
TIMEOUT = 15
# As much of an answer as anybody looks at.
LONGEST = 65_536
Failed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Post:
    """A call to an endpoint, which has `timeout` seconds to answer it."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    method: str = "POST"
    timeout: float = TIMEOUT


@dataclass(frozen=True, slots=True)
class Answer:
    """What an endpoint answered; status 0 says that nothing came, and `reason` why."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    reason: str = ""

    @property
    def good(self) -> bool:
        """Tell whether the endpoint took the call."""
        return 200 <= self.status < 300


Answered = Callable[[Answer], None]


def is_local(url: str) -> bool:
    """Tell whether a URL leads to this machine and nowhere else."""
    return is_loopback(urlsplit(url).hostname or "")


class Outbox:
    """Sends posts in a thread of its own; `failed` is called when the endpoint does not take one, `answered` always."""

    def __init__(self, run: Callable[[Failed], None]) -> None:
        self._run = run
        self._posts: SimpleQueue[tuple[Post, Failed | None, Answered | None]] = SimpleQueue()
        self._thread: Thread | None = None

    def send(self, post: Post, *, failed: Failed | None = None, answered: Answered | None = None) -> None:
        """Send a post soon; ValueError for one that would leave this machine."""
        if not is_local(post.url):
            raise ValueError(f"{post.url} is not on this machine")
        self._posts.put((post, failed, answered))
        if self._thread is None:
            self._thread = Thread(target=self._work, name="twin-outbox", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            post, failed, answered = self._posts.get()
            answer = exchanged(post)
            if not answer.good and failed is not None:
                self._run(failed)
            if answered is not None:
                self._run(partial(answered, answer))


def exchanged(post: Post) -> Answer:
    """Call an endpoint of this machine and return its answer; ValueError for one that would leave this machine."""
    if not is_local(post.url):
        raise ValueError(f"{post.url} is not on this machine")
    parts = urlsplit(post.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=post.timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(post.method, target, post.body, dict(post.headers))
        reply = connection.getresponse()
        return Answer(reply.status, dict(reply.getheaders()), reply.read(LONGEST))
    except (OSError, HTTPException, ValueError) as failure:
        log.info("%s was not reached: %s", parts.netloc, failure)
        return Answer(0, reason="timeout" if isinstance(failure, TimeoutError) else "unreachable")
    finally:
        connection.close()

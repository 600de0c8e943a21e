"""Calls that a served world makes to endpoints on this machine: one after the other, apart from what it answers."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import SimpleQueue
from threading import Thread
from urllib.parse import urlsplit

from twin.world.server import is_loopback

log = logging.getLogger(__name__)
# Seconds: https://docs.aws.amazon.com/sns/latest/dg/SendMessageToHttp.prepare.html (assumed).
TIMEOUT = 15
Failed = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Post:
    """A POST to an endpoint."""

    url: str
    headers: Mapping[str, str]
    body: bytes


def is_local(url: str) -> bool:
    """Tell whether a URL leads to this machine and nowhere else."""
    return is_loopback(urlsplit(url).hostname or "")


class Outbox:
    """Sends posts in a thread of its own; `failed` is called when the endpoint does not take one."""

    def __init__(self, run: Callable[[Failed], None]) -> None:
        self._run = run
        self._posts: SimpleQueue[tuple[Post, Failed | None]] = SimpleQueue()
        self._thread: Thread | None = None

    def send(self, post: Post, *, failed: Failed | None = None) -> None:
        """Send a post soon; ValueError for one that would leave this machine."""
        if not is_local(post.url):
            raise ValueError(f"{post.url} is not on this machine")
        self._posts.put((post, failed))
        if self._thread is None:
            self._thread = Thread(target=self._work, name="twin-outbox", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            post, failed = self._posts.get()
            if not _sent(post) and failed is not None:
                self._run(failed)


def _sent(post: Post) -> bool:
    parts = urlsplit(post.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("POST", target, post.body, dict(post.headers))
        return 200 <= connection.getresponse().status < 300
    except (OSError, HTTPException) as failure:
        log.info("%s was not reached: %s", parts.netloc, failure)
        return False
    finally:
        connection.close()

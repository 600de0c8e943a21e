"""What a run reads of a served twin: each request with its reply, and the replies that were asked for ahead.

A mark tells a reply from every other one: it is a digest of all that came, but for what is new in each reply.
"""

from collections.abc import Callable
from hashlib import sha256

from twin.resources.aws.ahead import Ahead
from twin.resources.aws.read_request import ReadRequest, Signer
from twin.resources.wire_client import Answer, WireClient

IDS = frozenset({"x-amz-id-2", "x-amz-request-id", "x-amzn-requestid"})
"""Headers with a reply's own id, which many replies have in their bodies too."""
FRESH = IDS | {"date"}
SHORTEST = 16
"""Signs of an id that is nothing else by chance."""


class Transcript:
    """The reads of one run with their replies, in the order in which these came.

    `whole` tells whether each request that a client of the run sent is among them.
    """

    def __init__(self, ahead: Ahead | None = None) -> None:
        self.told: list[tuple[ReadRequest, Answer]] = []
        self.whole = True
        self._ahead = ahead
        self.url = ""
        """Where the twin is."""
        self._ended = False

    def miss(self) -> None:
        """Note that something was sent that is not among the reads."""
        self.whole = False

    def end(self) -> None:
        """Take no reply any more that came ahead, nor note what is read from now on."""
        self._ended = True
        if self._ahead is not None:
            self._ahead.end()

    def exchange(self, read: ReadRequest, signer: Signer, *, wire: WireClient, now: Callable[[], str]) -> Answer:
        """Return the reply to a read, which may have come already; Broken when none comes."""
        answer = self._ahead.take(read, signer) if self._ahead is not None else None
        if answer is None:
            answer = wire.exchange(read.signed(signer, now()))
        if not self._ended:
            self.told.append((read, answer))
        return answer


def mark(answer: Answer, token: bytes = b"") -> str:
    """Return the mark of a reply, whose token of the next page may be told, as that may be new each time."""
    named = [(name.lower(), value) for name, value in answer.headers]
    body = answer.body
    for name, value in named:
        if name in IDS and len(value) >= SHORTEST:
            body = body.replace(value.encode("latin-1"), b"")
    body = body.replace(token, b"") if token else body
    lines = "".join(f"{name}:{value}\n" for name, value in sorted(named) if name not in FRESH)
    return sha256(f"{answer.status}\n{lines}\n".encode() + body).hexdigest()

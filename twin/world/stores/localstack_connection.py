"""One kept-alive HTTP connection to a LocalStack, and what it says about itself."""

import http.client
import json
import os
import select
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.datastructures import Headers

from twin.errors import TargetError
from twin.wire import Response

HEALTH = "/_localstack/health"
# The first call of a service loads it, which takes seconds on a slow machine; a long poll of SQS takes 20.
TIMEOUT_SECONDS = 90.0
MAJOR = "4"


@dataclass(frozen=True, slots=True)
class Health:
    """What a LocalStack says about itself; `services` tells the state of each it has."""

    url: str
    version: str
    edition: str
    services: dict[str, str]


class LocalStackConnection:
    """Sends one request at a time; OSError when nobody answers."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or not parts.hostname:
            raise TargetError(f"the address of LocalStack is http://HOST:PORT, not {url!r}")
        self.url = f"http://{parts.netloc}"
        self.netloc = parts.netloc
        self._host, self._port = parts.hostname, parts.port or 80
        self._connection: http.client.HTTPConnection | None = None
        self._process = 0

    def send(self, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> Response:
        """Send a request as it is given, Host included, and return the reply as it came."""
        connection = self._open()
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value.encode("latin-1", "replace"))
            connection.endheaders(body or None)
            reply = connection.getresponse()
            return Response(reply.status, Headers(reply.getheaders()), reply.read())
        except (OSError, http.client.HTTPException) as broken:
            self.close()
            raise OSError(f"LocalStack at {self.url}: {type(broken).__name__}: {broken}") from broken

    def health(self) -> Health:
        """Ask for version and services; TargetError when nobody answers, or not a LocalStack of version 4."""
        try:
            reply = self.send("GET", HEALTH, [("Host", self.netloc)], b"")
            told = json.loads(reply.body)
            health = Health(self.url, str(told["version"]), str(told["edition"]), dict(told["services"]))
        except OSError as silent:
            raise TargetError(
                f"no LocalStack answers on {self.url}: start it with `docker compose up -d`, or set LOCALSTACK_ENDPOINT"
            ) from silent
        except (ValueError, KeyError, TypeError) as strange:
            raise TargetError(f"what answers on {self.url} is no LocalStack") from strange
        if health.version.split(".")[0] != MAJOR:
            raise TargetError(f"LocalStack {health.version} answers on {self.url}; the twin knows {MAJOR}.x")
        return health

    def close(self) -> None:
        """Close the connection; the next request opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _open(self) -> http.client.HTTPConnection:
        # A copy of this process shares the socket, on which only one of them may speak.
        if self._process != os.getpid():
            self._process, self._connection = os.getpid(), None
        if self._connection is not None and _dropped(self._connection):
            self.close()
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT_SECONDS)
        return self._connection


def _dropped(connection: http.client.HTTPConnection) -> bool:
    """Tell whether the other side has closed an idle connection: it reads as ready without having been asked."""
    if connection.sock is None:
        return True
    return bool(select.select([connection.sock], [], [], 0)[0])

"""The running twin as its control endpoint tells it, for the commands that break it and move its clock."""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from twin.cli.session import workspace
from twin.errors import TargetError, UsageError

SECONDS = 120


def ask(method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Send a request to the control endpoint and return what it says; UsageError when it refuses."""
    served = workspace().served()
    if served is None:
        raise UsageError("no twin is running here; start one: twin up SPEC")
    place = urlsplit(served.url)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
    headers = {"Authorization": f"Bearer {served.control_token}", "Content-Type": "application/json"}
    try:
        connection.request(method, f"/_twin/{path}", json.dumps(body) if body is not None else None, headers)
        reply = connection.getresponse()
        told: dict[str, Any] = json.loads(reply.read())
    except (OSError, HTTPException, ValueError) as error:
        raise TargetError(f"the twin on {served.url} does not answer: {error}") from error
    finally:
        connection.close()
    if reply.status >= 400:
        raise UsageError(told["message"])
    return told

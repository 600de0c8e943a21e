"""Values out of AWS replies that may lack them, as an endpoint is absent until a database is available."""

from collections.abc import Mapping
from typing import Any


def pick(reply: Any, *path: str) -> Any:
    """Return the value at a path of keys, or None where a mapping on the way lacks its key."""
    for key in path:
        if reply is None:
            return None
        reply = reply.get(key) if isinstance(reply, Mapping) else reply[key]
    return reply

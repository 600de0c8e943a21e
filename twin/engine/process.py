"""Whether a process of this machine lives, and listens."""

import os
import socket
from urllib.parse import urlsplit

SECONDS = 5.0


def alive(pid: int) -> bool:
    """Tell whether a process of ours exists."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True


def listens(url: str) -> bool:
    """Tell whether anybody takes connections at an address of this machine; a hung process still does."""
    at = urlsplit(url)
    try:
        with socket.create_connection((at.hostname or "", at.port or 0), timeout=SECONDS):
            return True
    except OSError:
        return False

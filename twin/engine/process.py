"""Whether a process of this machine lives."""

import os


def alive(pid: int) -> bool:
    """Tell whether a process of ours exists."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True

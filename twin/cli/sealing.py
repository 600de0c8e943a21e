"""The user's own key for what a command keeps; without a safe one nothing is kept, and that is said once."""

import os
from functools import cache

from twin.cli.console import say
from twin.engine.seal import UntrustedSeal, seal_key


def own_seal() -> bytes | None:
    """Return the key that seals what is kept; None, with the reason told, where it is not the user's alone."""
    try:
        return seal_key(os.environ)
    except UntrustedSeal as untrusted:
        _tell(str(untrusted))
        return None


@cache
def _tell(reason: str) -> None:
    say(reason)

"""How many examples a law is tried on: all of them under `make catalogue`, some of them in the gate."""

import os

WHOLE = "TWIN_TESTS_WHOLE"
FEWEST = 4


def examples(count):
    """Return how many of a law's examples are tried now."""
    return count if os.environ.get(WHOLE) else max(min(count, FEWEST), count // 4)

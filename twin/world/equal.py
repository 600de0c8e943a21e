"""Whether a secret that a caller presents is the one that is held."""

import hmac


def same(held: str, given: str) -> bool:
    """Compare two texts in a time that tells nothing of where they differ, whatever letters the caller sent."""
    return hmac.compare_digest(held.encode(), given.encode("utf-8", "surrogatepass"))

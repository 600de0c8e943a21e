"""What an API demands of a token."""

from dataclasses import dataclass
from math import inf

# Signatures whose keys need not be secret to the API (RFC 7518, section 3.1; RFC 8037; RFC 9864).
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
ASYMMETRIC |= {"EdDSA", "Ed25519", "Ed448"}
SYMMETRIC = frozenset({"HS256", "HS384", "HS512"})


@dataclass(frozen=True, slots=True)
class Expectations:
    """The issuers and audiences that are trusted, the algorithms allowed, the scopes demanded.

    Empty `issuers` or `audiences` trust all. `leeway` is in seconds, for clocks that differ. `types` are the
    values of the header `typ` that are accepted, all when empty; `required` are claims beside `exp`.
    """

    issuers: tuple[str, ...] = ()
    audiences: tuple[str, ...] = ()
    algorithms: frozenset[str] = frozenset({"RS256"})
    leeway: float = 0
    scopes: frozenset[str] = frozenset()
    required: tuple[str, ...] = ()
    types: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        unknown = self.algorithms - ASYMMETRIC - SYMMETRIC
        if unknown:
            raise ValueError(f"no such signature algorithm can be allowed: {', '.join(sorted(unknown))}")
        if not self.algorithms:
            raise ValueError("at least one algorithm must be allowed")
        if not 0 <= self.leeway < inf:
            raise ValueError("the leeway cannot be negative or without end")

"""What an org's authorization servers must remember of what they granted; secrets stand here as digests only."""

import hashlib
from dataclasses import dataclass, field
from typing import Any

Record = dict[str, Any]


@dataclass(slots=True)
class OAuthState:
    """Codes and refresh tokens by the digest of their value, access tokens by their id.

    `generations` counts the key rotations of a server;
    `assertions` are the ids of client assertions that were used, with the second at which they expire, `proofs` those
    of proofs of possession, with the second from which they are too old anyway.
    """

    generations: dict[str, int] = field(default_factory=dict)
    codes: dict[str, Record] = field(default_factory=dict)
    refresh: dict[str, Record] = field(default_factory=dict)
    access: dict[str, Record] = field(default_factory=dict)
    assertions: dict[str, float] = field(default_factory=dict)
    proofs: dict[str, float] = field(default_factory=dict)


def digest(secret: str) -> str:
    """Return what is kept of a secret value."""
    return hashlib.sha256(secret.encode()).hexdigest()

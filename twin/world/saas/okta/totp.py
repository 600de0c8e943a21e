"""Time-based one-time passwords: RFC 6238 with SHA-1, steps of 30 seconds and six digits."""

import hashlib
import hmac
from base64 import b32decode
from datetime import datetime

from twin.world.equal import same

STEP, DIGITS = 30, 6
# How many steps a device's clock may be off; Okta publishes no figure (assumed).
TOLERANCE = 1
# Within so many steps a code is told to be late, beyond it is told to be wrong (assumed).
TOLD_LATE = 10


def code_at(secret: str, step: int) -> str:
    """Return the code of a base32 secret at a time step."""
    key = b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def step_of(now: datetime) -> int:
    """Return the time step of an instant."""
    return int(now.timestamp()) // STEP


def step_that_fits(secret: str, code: str, now: datetime, *, off: int) -> int | None:
    """Return the time step, at most `off` away from now, whose code was given; None when there is none."""
    here = step_of(now)
    near = sorted(range(here - off, here + off + 1), key=lambda step: abs(step - here))
    return next((step for step in near if same(code_at(secret, step), code)), None)

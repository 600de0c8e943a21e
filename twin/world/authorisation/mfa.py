"""Codes of MFA devices: time-based one-time passwords (RFC 6238), six digits, thirty seconds.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_configure-api-require.html
"""

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

from twin.world.authorisation.entities import state_of
from twin.world.aws_call import Call
from twin.world.aws_errors import AwsError

STEP = 30
FAILED = "MultiFactorAuthentication failed with invalid MFA one time pass code. "
UNKNOWN = (
    "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid "
    "and associated with this user. "
)


def code_at(seed: str, now: datetime) -> str:
    """Return the code that a device with a seed (base32) shows at an instant."""
    return code_of_step(seed, int(now.timestamp()) // STEP)


def authenticated(call: Call, now: datetime) -> datetime | None:
    """Return when a caller proved itself by MFA: now, when the call brings a code; None when it does not."""
    parameters = call.parse()
    serial, code = parameters.get("SerialNumber"), parameters.get("TokenCode")
    if not serial and not code:
        return None
    device = _device(call, serial)
    if device is None:
        raise AwsError("AccessDenied", UNKNOWN, 403)
    step = int(now.timestamp()) // STEP
    if code not in {code_of_step(device.base32_string_seed, step + drift) for drift in (-1, 0, 1)}:
        raise AwsError("AccessDenied", FAILED, 403)
    return now


def _device(call: Call, serial: Any) -> Any:
    """Find a virtual device that is the caller's; a hardware device has no seed that the world could know."""
    if call.principal.kind != "user":
        return None
    state = state_of(call.account)
    user = state.users.get(call.principal.arn.rpartition("/")[2])
    if user is None or serial not in user.mfa_devices:
        return None
    return state.virtual_mfa_devices.get(serial)


def code_of_step(seed: str, step: int) -> str:
    """Return the code that a device shows in a step of thirty seconds since 1970."""
    secret = base64.b32decode(seed + "=" * (-len(seed) % 8))
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06d}"

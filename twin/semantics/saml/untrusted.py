"""Why a response proves nothing."""

from typing import Literal

Reason = Literal["malformed", "unsigned", "bad_signature", "wrong_issuer", "expired", "not_yet_valid", "incomplete"]


class Untrusted(Exception):
    """A response or metadata that cannot be trusted; `reason` is stable, the text is for people."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message

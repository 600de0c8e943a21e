"""The two outcomes of a validation; a refusal names its reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Reason = Literal[
    "malformed",
    "unsigned",
    "algorithm_not_allowed",
    "critical_header",
    "wrong_type",
    "no_key_id",
    "unknown_key",
    "key_mismatch",
    "weak_key",
    "bad_signature",
    "missing_claim",
    "invalid_claim",
    "wrong_issuer",
    "wrong_audience",
    "expired",
    "not_yet_valid",
    "issued_in_the_future",
    "insufficient_scope",
]
REASONS: tuple[str, ...] = get_args(Reason)


@dataclass(frozen=True, slots=True)
class Accepted:
    """A token that holds: what it claims, and which key signed it."""

    claims: Mapping[str, Any]
    algorithm: str
    key_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """A token that does not hold; `reason` is stable, `message` is for people."""

    reason: Reason
    message: str


Verdict = Accepted | Refused


class Refusal(Exception):
    """Carries a refusal out of the steps of a validation."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.verdict = Refused(reason, message)

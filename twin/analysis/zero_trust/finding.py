"""What is wrong with how people sign in, in words that say how to mend it."""

from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["app-without-phishing-resistant-mfa", "session-outlives-its-limit", "aws-role-without-mfa"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One weakness: `subject` is the app, policy or role; `policy` and `rule` are what lets it be.

    `people` are the logins of those for whom it holds.
    """

    kind: Kind
    subject: str
    policy: str
    rule: str
    message: str
    advice: str
    people: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        """Return the finding as JSON writes it."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "policy": self.policy,
            "rule": self.rule,
            "message": self.message,
            "advice": self.advice,
            "people": list(self.people),
        }

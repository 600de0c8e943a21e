"""What an attacker holds and what became of its calls."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from twin.resources.call import Refused
from twin.scenario.credentials import are_credentials, credentials
from twin.scenario.stage import Stage
from twin.scenario.timeline import Process

# Calls with a credential that is no more: nobody is identified, so no trail has them.
UNKNOWN = frozenset({
    "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "ExpiredToken", "InvalidToken",
    "ExpiredTokenException", "SignatureDoesNotMatch", "AuthFailure",
})  # fmt: skip


LONG_TERM = "AKIA"


class Deed(NamedTuple):
    """One call: when, by which key, what, and the refusal's code or None."""

    at: float
    key: str
    call: str
    refused: str | None


@dataclass(slots=True)
class Loot:
    """The credentials of one attacker, by access key id, its calls, and the secrets that it read."""

    name: str
    stage: Stage
    held: dict[str, Mapping[str, str]] = field(default_factory=dict)
    deeds: list[Deed] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    hands: dict[str, str] = field(default_factory=dict)
    # Credentials that nobody knows any more, as far as this look around has shown.
    dead: set[str] = field(default_factory=set)

    def keep(self, saved: Any) -> str | None:
        """Keep what are credentials; returns their id."""
        if not are_credentials(saved):
            return None
        keys = credentials(saved)
        self.held[keys["access_key_id"]] = keys
        return keys["access_key_id"]

    def ask(self, operation: str, params: Mapping[str, Any], key: str, *, region: str | None = None) -> Process:
        """Make a call; returns the reply, or None when it was refused."""
        try:
            reply = yield from self.stage.ask(operation, params, self.held[key], region=region)
        except Refused as refused:
            self.deeds.append(Deed(self.stage.timeline.elapsed, key, operation, refused.code))
            if refused.code in UNKNOWN:
                self.dead.add(key)
            return None
        self.deeds.append(Deed(self.stage.timeline.elapsed, key, operation, None))
        if operation == "secretsmanager:GetSecretValue":
            self.secrets[reply["ARN"]] = reply["VersionId"]
        return reply

    def by_any(self, operation: str, params: Mapping[str, Any], *, region: str | None = None) -> Process:
        """Make a call with each credential until one is let, that which was let last at first; the reply, or None."""
        last, service = self.hands.get(operation), operation.partition(":")[0]
        for key in sorted(self.held, key=lambda one: one != last):
            # Sessions without MFA may not call IAM, and few of STS: who steals keys knows that.
            if key in self.dead or (service in ("iam", "sts") and not key.startswith(LONG_TERM)):
                continue
            if (reply := (yield from self.ask(operation, params, key, region=region))) is not None:
                self.hands[operation] = key
                return reply
        return None

    def seen(self, before: float) -> Counter[str]:
        """Count the calls up to an instant of which the world knows who made them, by access key id."""
        return Counter(deed.key for deed in self.deeds if deed.refused not in UNKNOWN and deed.at <= before)

    def figures(self) -> dict[str, int]:
        """Count the calls, those that were let, those that were refused."""
        let = sum(deed.refused is None for deed in self.deeds)
        return {"calls": len(self.deeds), "succeeded": let, "refused": len(self.deeds) - let}


class Looter:
    """Somebody whose loot is all that it ever held, as the figures of a breach ask for it."""

    loot: Loot

    def tainted(self) -> Mapping[str, Any]:
        """Return every credential that it ever held, by access key id."""
        return self.loot.held

    def seen(self, before: float) -> Counter[str]:
        """Count its calls to AWS up to an instant of which the world knows who made them, by access key id."""
        return self.loot.seen(before)

    def read(self) -> Mapping[str, str]:
        """Return the versions of the secrets that it read, by ARN."""
        return self.loot.secrets

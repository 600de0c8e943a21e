"""Whether a topic or queue takes what a service of AWS writes to it: decided as the services decide it."""

import json
from typing import Any, NamedTuple

from twin.observe.locks import Lock
from twin.observe.source import SourceKind
from twin.semantics.iam.service_access import key_takes, service_may

SERVICES: dict[SourceKind, str] = {
    "alarm": "cloudwatch.amazonaws.com",
    "rule": "events.amazonaws.com",
    "budget": "budgets.amazonaws.com",
    "anomaly": "costalerts.amazonaws.com",
}
TOPIC = "sns.amazonaws.com"
ACTIONS = {"sns": "sns:Publish", "sqs": "sqs:SendMessage"}


OF_ORGANIZATION = "aws:sourceorg"
"""How conditions on the organization of a source begin: which one it is in, a plan of one account does not tell."""


class Refusal(NamedTuple):
    """Who is refused, by what, and what lets it in; `by` is `policy` or `key`."""

    service: str
    by: str
    message: str
    mend: str


def refusal(lock: Lock | None, arn: str, *, service: str, source: str) -> Refusal | None:
    """Return why `service` cannot write to a topic or queue for `source`; None where it can, or nothing is known."""
    if lock is None:
        return None
    kind, name = arn.split(":")[2], arn.rpartition(":")[2]
    action, whom = ACTIONS[kind], f"{'topic' if kind == 'sns' else 'queue'} {name}"
    if _unknown(lock.policy):
        return None
    if not service_may(service, action, arn, policy=lock.policy, source_arn=source):
        message = f"the policy of the {whom} does not let {service} in for {_short(source)}"
        return Refusal(service, "policy", message, f"allow {action} to {service} in its policy")
    key = lock.key
    if key is None or _unknown(key.policy):
        return None
    if not key.usable:
        return Refusal(service, "key", f"the {whom} is encrypted with a key that cannot be used", "enable it again")
    if not key_takes(service, key.arn, policy=key.policy, source_arn=source):
        message = f"the key of the {whom} does not let {service} in for {_short(source)}"
        mend = f"allow kms:GenerateDataKey* and kms:Decrypt to {service} in the policy of a key of your own"
        return Refusal(service, "key", message, mend)
    return None


def _unknown(policy: Any) -> bool:
    """Tell whether a policy asks for what is not known of a source."""
    return OF_ORGANIZATION in (policy if isinstance(policy, str) else json.dumps(policy)).lower()


def _short(arn: str) -> str:
    return arn.split(":", 5)[-1]

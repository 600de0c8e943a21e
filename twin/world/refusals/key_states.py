"""What KMS refuses for the state of a key, from the documented table of states and operations."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from twin.world.refusals import Asked, Refusal, refuses
from twin.world.stores.kms_keys import DISABLED, DYING, KEY_ID, PENDING, Where, find_key

TABLE: dict[str, list[str]] = json.loads((Path(__file__).parent / "kms_key_states.json").read_text())["refused_when"]
CANCELS = frozenset(TABLE["not PendingDeletion"])
WHEN_DISABLED, WHEN_PENDING = frozenset(TABLE[DISABLED]), frozenset(TABLE[PENDING])
NAMING = ("KeyId", "TargetKeyId", "SourceKeyId", "DestinationKeyId")


@refuses("kms", *sorted(WHEN_PENDING | CANCELS))
def key_state(asked: Asked) -> None:
    """A key that is disabled or about to be deleted is not used."""
    operation = asked.call.operation
    for name in _named(asked.parameters):
        key = find_key(name, Where(asked.call.account, asked.call.region))
        if key is None:
            continue
        if operation in CANCELS and key.key_state not in DYING:
            raise Refusal("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
        if operation in WHEN_DISABLED and key.key_state == DISABLED:
            raise Refusal("DisabledException", f"{key.arn} is disabled.")
        if operation in WHEN_PENDING and key.key_state in DYING:
            raise Refusal("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _named(parameters: dict[str, Any]) -> Iterator[str]:
    yield from (parameters[name] for name in NAMING if parameters.get(name))
    ciphertext = parameters.get("CiphertextBlob")
    if isinstance(ciphertext, bytes) and len(ciphertext) > KEY_ID:
        yield ciphertext[:KEY_ID].decode("latin-1")

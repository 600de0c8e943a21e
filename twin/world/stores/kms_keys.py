"""The keys of KMS in the store, as other services find them: by id, ARN or alias, in whatever state they are."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

ENABLED, DISABLED, PENDING = "Enabled", "Disabled", "PendingDeletion"
# A multi-Region primary key waits for its last replica to go before its own waiting period begins.
PENDING_REPLICAS = "PendingReplicaDeletion"
DYING = frozenset({PENDING, PENDING_REPLICAS})
MANAGED = "alias/aws/"
# moto writes the id of the key before the ciphertext: 36 characters, of multi-Region keys too.
KEY_ID = 36


@dataclass(frozen=True, slots=True)
class Where:
    """An account and a Region."""

    account: str
    region: str


def find_key(name: str, where: Where) -> Any:
    """Return the store's key of an id, ARN, alias or alias's ARN; None when there is none.

    A key whose waiting period is over is gone: it is taken out of the store here.
    """
    from twin.world.stores.moto_store import CLOCK, backends

    place, name = _place(name, where)
    kms = backends("kms")
    if place.account not in kms or place.region not in kms[place.account]:
        return None
    keys = kms[place.account][place.region].keys
    if name.startswith("alias/"):
        return next((key for key in keys.values() if name in key.aliases), None)
    key = keys.get(name)
    if key is not None and key.key_state == PENDING and key.deletion_date <= CLOCK.now().replace(tzinfo=None):
        take_out(place, name)
        return None
    return key


def take_out(place: Where, id_: str) -> None:
    """Delete a key whose time has come; if it was the last replica, its primary's own waiting period began then."""
    from twin.world.stores.moto_store import backends

    regions = backends("kms")[place.account]
    gone = regions[place.region].keys[id_]
    regions[place.region].delete_key(id_)
    if not gone.multi_region:
        return
    replicas = gone.multi_region_configuration["ReplicaKeys"]
    replicas[:] = [one for one in replicas if one["Region"] != place.region]
    for backend in list(regions.values()):
        primary = backend.keys.get(id_)
        if not replicas and primary is not None and primary.key_state == PENDING_REPLICAS:
            primary.key_state = PENDING
            primary.deletion_date = gone.deletion_date + timedelta(days=primary.twin_days)


def sealed_under(blob: Any, account: str, region: str) -> str:
    """Name the key with which the store made a ciphertext: by its ARN when it is another account's; "" for no blob."""
    from twin.world.stores.moto_store import backends

    if not isinstance(blob, bytes):
        return ""
    id_ = blob[:KEY_ID].decode("ascii", "replace").rstrip()
    if find_key(id_, Where(account, region)) is None:
        for other in backends("kms"):
            if other != account and (key := find_key(id_, Where(other, region))) is not None:
                return str(key.arn)
    return id_


def _place(name: str, where: Where) -> tuple[Where, str]:
    if not name.startswith("arn:"):
        return where, name
    parts = name.split(":", 5)
    if len(parts) < 6:
        return where, name
    return Where(parts[4], parts[3]), parts[5].removeprefix("key/")


def is_managed(name: str) -> bool:
    """Tell whether a name is of a key that AWS manages, which the store makes when it is needed first."""
    return name.startswith(MANAGED) or f":{MANAGED}" in name

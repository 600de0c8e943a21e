"""KMS deletes a key when its waiting period is over."""

from twin.world.due import habit
from twin.world.stores.kms_keys import PENDING, Where, take_out


@habit("kms")
def delete_keys() -> None:
    """Take out of the store every key whose time has come."""
    from twin.world.stores.moto_store import CLOCK, backends

    now = CLOCK.now().replace(tzinfo=None)
    for account, regions in list(backends("kms").items()):
        for region, backend in list(regions.items()):
            over = [id_ for id_, key in backend.keys.items() if key.key_state == PENDING and key.deletion_date <= now]
            for id_ in over:
                take_out(Where(account, region), id_)

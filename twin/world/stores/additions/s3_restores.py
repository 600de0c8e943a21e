"""S3: whether an archived object is back, by the world's clock; moto has it back at once, and for ever."""

from datetime import datetime
from typing import Any

from moto.s3.models import FakeKey

from twin.world.stores.additions import adds

READY = "twin_restored"
key: Any = FakeKey
advance_by_moto = FakeKey.advance


def restored_at(kept: Any) -> datetime | None:
    """Return when an object is or was back; None when nobody asked for it."""
    found: datetime | None = vars(kept).get(READY)
    return found


def _status(kept: Any) -> str:
    from twin.world.stores.moto_store import CLOCK

    ready = restored_at(kept)
    return "IN_PROGRESS" if ready is not None and CLOCK.now().replace(tzinfo=None) < ready else "RESTORED"


@adds(FakeKey)
def advance(kept: Any) -> None:
    """Look at an object; one whose days are over is archived again."""
    from twin.world.stores.moto_store import CLOCK

    advance_by_moto(kept)
    if restored_at(kept) is not None and kept._expiry is not None and kept._expiry <= CLOCK.now().replace(tzinfo=None):
        kept.set_expiry(None)
        del vars(kept)[READY]


key.status = property(_status, key.status.fset)

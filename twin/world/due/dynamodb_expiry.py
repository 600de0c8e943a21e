"""DynamoDB deletes items whose time to live is over, within a few days; until then they are still read.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html
"""

import json
from datetime import timedelta
from math import inf
from pathlib import Path
from typing import Any

from twin.world.due import habit
from twin.world.stores.additions.dynamodb import DUE, over

LATE = timedelta(
    seconds=json.loads((Path(__file__).parent / "dynamodb_delays.json").read_text())["expiry_seconds"]["value"]
)
# What is more than five years past is taken for a mistake, and kept.
LONGEST = timedelta(days=5 * 365)


@habit("dynamodb")
def expire() -> None:
    """Delete what has been over for long enough, of tables that have a time to live."""
    from twin.world.stores.moto_store import CLOCK, backends

    now = CLOCK.now().timestamp()
    for account in backends("dynamodb").values():
        for backend in account.values():
            for table in backend.tables.values():
                if table.ttl.get("TimeToLiveStatus") == "ENABLED":
                    _expire(table, now)


def _expire(table: Any, now: float) -> None:
    """Go through a table when something in it may be due: it knows the earliest instant that an item names."""
    name, late = table.ttl["AttributeName"], LATE.total_seconds()
    known = table.__dict__.get(DUE)
    if known is not None and known[0] == name and now < known[1] + late:
        return
    next_ = inf
    for item in list(table.all_items()):
        instant = over(table, item)
        if instant is None or now - instant >= LONGEST.total_seconds():
            continue
        if now - instant >= late:
            table.delete_item(item.hash_key, item.range_key)
        else:
            next_ = min(next_, instant)
    table.__dict__[DUE] = (name, next_)
